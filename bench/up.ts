// Time to ready of `mesh dev up` against `docker compose up --wait` on the same mesh in the same run.
// The machine's speed drifts, so only ratios count. Usage: npm run bench [-- --rounds 3]
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { freePorts } from '../test/support/free-ports.ts';
import { removeDockerProject } from './docker-project.ts';
import { markdownTable } from './markdown-table.ts';
import { median as medianOf } from './median.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const ROUNDS = Number(values.rounds);
const LAYERS = 4;
const WIDTH = 3;
/** Seconds between the start of a service and its readiness. */
const READY_AFTER = 0.5;

interface Healthcheck {
  interval: string;
  start_period?: string;
  start_interval?: string;
}

/** The peers: Compose on the same file, with health checks as people write them. */
const PEERS: Readonly<Record<string, Healthcheck>> = {
  'compose, interval 1s, start_interval 250ms': { interval: '1s', start_period: '60s', start_interval: '250ms' },
  'compose, interval 5s': { interval: '5s' },
};

const project = `mesh-bench-${randomBytes(3).toString('hex')}`;
const folder = mkdtempSync(path.join(tmpdir(), 'mesh-bench-'));

try {
  await main();
} finally {
  removeDockerProject(project);
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  writeFileSync(path.join(folder, 'mesh.yaml'), await manifest());
  mesh('generate');
  const composeFile = path.join(folder, 'compose/docker-compose.yml');
  const peerFiles = Object.entries(PEERS).map(([name, check], index) => {
    const file = path.join(folder, 'compose', `peer-${index}.yml`);
    writeFileSync(file, withHealthcheck(readFileSync(composeFile, 'utf8'), check));
    return { name, file };
  });
  const samples: Record<string, number[]> = {};
  const add = (name: string, value: number) => {
    samples[name] = [...(samples[name] ?? []), value];
  };
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    const cold = seconds(() => mesh('dev', 'up', '--json'));
    const finished = cold.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .at(-1);
    const critical = finished.criticalPath.reduce((sum: number, step: { ms: number }) => sum + step.ms, 0) / 1000;
    add('mesh cold', cold.seconds);
    add('mesh cold ÷ critical path', finished.tookMs / 1000 / critical);
    add('mesh no-op', seconds(() => mesh('dev', 'up')).seconds);
    add('compose no-op', seconds(() => compose(composeFile, 'up', '--detach', '--wait')).seconds);
    removeDockerProject(project);
    for (const { name, file } of peerFiles) {
      add(`${name}, cold`, seconds(() => compose(file, 'up', '--detach', '--wait')).seconds);
      removeDockerProject(project);
    }
    add('mesh --version', seconds(() => mesh('--version')).seconds);
    add('node -e 0', seconds(() => run(process.execPath, ['-e', '0'])).seconds);
  }
  report(samples);
}

async function manifest(): Promise<string> {
  const ports = await freePorts(LAYERS * WIDTH);
  const services = ports.map((port, index) => {
    const layer = Math.floor(index / WIDTH);
    const below = Array.from({ length: WIDTH }, (_, place) => `n${layer - 1}-${place}`);
    const name = `n${layer}-${index % WIDTH}`;
    const needs = layer === 0 ? '' : `    needs: [${below.join(', ')}]\n`;
    const command = `sleep ${READY_AFTER}; mkdir -p /www/health; echo ok > /www/health/ready; exec httpd -f -p 8080 -h /www`;
    return `  ${name}:\n    image: busybox:latest\n    command: "${command}"\n    endpoints: { http: { port: 8080, host: ${port} } }\n${needs}    health: { ready: /health/ready }\n`;
  });
  return `name: bench\nservices:\n${services.join('')}`;
}

/** Only the times of the health checks differ; test, image, ports and order stay. */
function withHealthcheck(text: string, check: Healthcheck): string {
  const file = parse(text, { merge: true });
  for (const service of Object.values<{ healthcheck?: object }>(file.services)) {
    const { test } = service.healthcheck as { test: unknown };
    service.healthcheck = { test, timeout: '5s', retries: 30, ...check };
  }
  return stringify(file);
}

function report(samples: Readonly<Record<string, readonly number[]>>): void {
  const median = (name: string) => medianOf(samples[name] ?? []);
  const [fast = '', slow = ''] = Object.keys(PEERS);
  const rows: readonly (readonly [what: string, value: number, target: string, ok: boolean])[] = [
    ratio('cold ÷ critical path', median('mesh cold ÷ critical path'), '≤ 1.10', (value) => value <= 1.1),
    ratio(`${fast} ÷ mesh, cold`, median(`${fast}, cold`) / median('mesh cold'), '≥ 1.5', (value) => value >= 1.5),
    ratio(`${slow} ÷ mesh, cold`, median(`${slow}, cold`) / median('mesh cold'), '≥ 5', (value) => value >= 5),
    ratio(
      'compose ÷ mesh, nothing to do',
      median('compose no-op') / median('mesh no-op'),
      '≥ 8',
      (value) => value >= 8,
    ),
    ratio('mesh, nothing to do (s)', median('mesh no-op'), '≤ 0.25', (value) => value <= 0.25),
    ratio(
      'mesh --version ÷ node -e 0',
      median('mesh --version') / median('node -e 0'),
      '≤ 1.5',
      (value) => value <= 1.5,
    ),
  ];
  const lines = [
    `# ${LAYERS * WIDTH} services in ${LAYERS} layers, each ready ${READY_AFTER} s after its start; medians of ${ROUNDS} rounds`,
    '',
    ...markdownTable(
      ['seconds', 'median', 'min', 'max'],
      Object.entries(samples)
        .filter(([name]) => !name.includes('÷'))
        .map(([name, times]) => [
          name,
          ...[medianOf(times), Math.min(...times), Math.max(...times)].map((value) => value.toFixed(2)),
        ]),
    ),
    '',
    ...markdownTable(
      ['ratio', 'value', 'target', ''],
      rows.map(([what, value, target, ok]) => [what, value.toFixed(2), target, ok ? 'reached' : 'missed']),
    ),
    '',
  ];
  console.log(lines.join('\n'));
  mkdirSync(path.join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(path.join(ROOT, 'bench/results/up.md'), lines.join('\n'));
}

function ratio(
  what: string,
  value: number,
  target: string,
  reached: (value: number) => boolean,
): [string, number, string, boolean] {
  return [what, value, target, reached(value)];
}

function mesh(...args: string[]): string {
  return run(process.execPath, [path.join(ROOT, 'bin/mesh.js'), ...args]);
}

function compose(file: string, ...args: string[]): string {
  return run('docker', ['compose', '--project-name', project, '--file', file, ...args]);
}

function run(command: string, args: readonly string[]): string {
  const result = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, MESH_PROJECT: project, MESH_STATE_DIR: path.join(folder, '.mesh') },
  });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

function seconds(action: () => string): { seconds: number; output: string } {
  const begin = performance.now();
  const output = action();
  return { seconds: (performance.now() - begin) / 1000, output };
}
