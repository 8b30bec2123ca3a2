// Whole processes of `mesh generate`: everything written to an empty folder, and `--check` of it; and `mesh verify`.
// The machine's speed drifts, so each is told as a multiple of `node -e 0` in the same round, too.
// Usage: npm run bench:generate [-- --rounds 5]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { generateManifest } from '../test/unit/manifest/generate-manifest.ts';
import { describeMachine } from './machine.ts';
import { markdownTable } from './markdown-table.ts';
import { median } from './median.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const ROUNDS = Number(values.rounds);
const SIZES: readonly number[] = [8, 100, 1000];

/** Only of the smallest mesh. */
const VERIFY = 'verify, without helm';

/** What is measured of a mesh, in the order in which it is done. */
const COMMANDS = {
  'generate, nothing there': ['generate'],
  'generate, nothing to do': ['generate'],
  'generate --check': ['generate', '--check'],
  [VERIFY]: ['verify'],
} as const;

/** Seconds, and how many times as long as `node -e 0` of the same round. */
interface Sample {
  readonly seconds: number;
  readonly ratio: number;
}

const samples = new Map<string, Sample[]>();

for (let round = 1; round <= ROUNDS; round++) {
  process.stderr.write(`round ${round} of ${ROUNDS}\n`);
  for (const size of SIZES) measureMesh(size);
}
report();

function measureMesh(size: number): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'mesh-bench-'));
  try {
    writeFileSync(path.join(folder, 'mesh.yaml'), generateManifest(size));
    const empty = seconds(folder, ['-e', '0']);
    add('node -e 0', { seconds: empty, ratio: 1 });
    for (const [command, args] of Object.entries(COMMANDS)) {
      if (!sizesOf(command).includes(size)) continue;
      const took = seconds(folder, [path.join(ROOT, 'bin/mesh.js'), ...args]);
      add(`${command} ${size}`, { seconds: took, ratio: took / empty });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sizesOf(command: string): readonly number[] {
  return command === VERIFY ? SIZES.slice(0, 1) : SIZES;
}

function add(name: string, sample: Sample): void {
  samples.set(name, [...(samples.get(name) ?? []), sample]);
}

/** Of a process of Node, from its start to its end. */
function seconds(folder: string, args: readonly string[]): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // Nothing on PATH: helm would be measured, too.
    env: { PATH: '', MESH_STATE_DIR: path.join(folder, '.mesh') },
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
  return (performance.now() - begin) / 1000;
}

function report(): void {
  const rows = Object.keys(COMMANDS).flatMap((command) => sizesOf(command).map((size) => row(command, size)));
  const lines = [
    `# Whole processes of mesh, medians of ${ROUNDS} rounds`,
    '',
    `${describeMachine()}. \`node -e 0\` takes ${secondsOf('node -e 0').toFixed(3)} s. Each service gives 15 files.`,
    '',
    ...markdownTable(['command', 'services', 'seconds', 'min', 'max', '÷ node -e 0', 'ms for each more'], rows),
    '',
  ];
  console.log(lines.join('\n'));
  mkdirSync(path.join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(path.join(ROOT, 'bench/results/generate.md'), lines.join('\n'));
}

function row(command: string, size: number): string[] {
  const taken = samples.get(`${command} ${size}`) ?? [];
  const all = taken.map((sample) => sample.seconds);
  const smaller = SIZES[SIZES.indexOf(size) - 1];
  const growth =
    smaller === undefined
      ? ''
      : ((1000 * (median(all) - secondsOf(`${command} ${smaller}`))) / (size - smaller)).toFixed(2);
  return [
    command,
    String(size),
    ...[median(all), Math.min(...all), Math.max(...all)].map((value) => value.toFixed(2)),
    median(taken.map(({ ratio }) => ratio)).toFixed(1),
    growth,
  ];
}

function secondsOf(name: string): number {
  return median((samples.get(name) ?? []).map((sample) => sample.seconds));
}
