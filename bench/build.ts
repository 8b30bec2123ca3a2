// What images cost with `mesh build`, against Dockerfiles that copy everything and against `docker compose build` of the
// same Dockerfiles: cold, after one line of one service, after one line of a shared library, and when nothing changed. All
// in the same run on the same engine, each on a copy of its own. The machine's speed drifts, so only ratios count.
// Usage: npm run bench:build [-- --rounds 2]
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  type BuildSubject,
  type Edit,
  FORMS,
  type Form,
  openWorkspace,
  SUBJECTS,
  type Workspace,
} from './build-subject.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { markdownTable } from './markdown-table.ts';
import { median } from './median.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' } } });
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1)
  throw new Error(`--rounds takes a number of 1 or more, not ${values.rounds}`);

const STEPS = ['cold', 'one line of a service', 'one line of a shared library', 'nothing'] as const;
type Step = Edit | 'nothing';
/** Short enough that one sample says little. */
const NOTHING_SAMPLES = 3;

/** What eight .NET images may cost, against copying everything. */
const TARGETS: readonly (readonly [step: Step, most: number])[] = [
  ['cold', 0.4],
  ['one line of a service', 0.25],
];

const prefix = `mesh-bench-${randomBytes(3).toString('hex')}`;
const folder = mkdtempSync(path.join(tmpdir(), 'mesh-bench-'));
const loadBefore = loadavg();
const images = new Set<string>();

try {
  const tables: string[] = [];
  for (const subject of SUBJECTS) tables.push(...tablesOf(subject, await measure(subject)));
  report(tables);
} finally {
  removeImages();
  rmSync(folder, { recursive: true, force: true });
}

/** Seconds of a form and a step. */
type Seconds = (form: Form, step: Step) => number;

async function measure(subject: BuildSubject): Promise<Seconds> {
  const samples = new Map<string, number[]>();
  const workspaces: (readonly [Form, Workspace])[] = [];
  for (const form of FORMS) workspaces.push([form, await openWorkspace(subject, form, { prefix, folder })]);
  // Fills the caches of packages, which all forms share.
  const [, last] = workspaces.at(-1) ?? [];
  if (last !== undefined) await timed(last);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const step of STEPS) {
      // One after the other, so that what else the machine does meets all of them.
      for (const [form, workspace] of workspaces) {
        const seconds = await takeStep(workspace, step);
        process.stderr.write(`${subject.name}, round ${round}, ${step}, ${form}: ${seconds.toFixed(1)} s\n`);
        samples.set(`${form}, ${step}`, [...(samples.get(`${form}, ${step}`) ?? []), seconds]);
      }
    }
  }
  return (form, step) => median(samples.get(`${form}, ${step}`) ?? []);
}

/** @returns seconds */
async function takeStep(workspace: Workspace, step: Step): Promise<number> {
  if (step !== 'nothing') {
    workspace.edit(step);
    return await timed(workspace);
  }
  const took: number[] = [];
  while (took.length < NOTHING_SAMPLES) took.push(await timed(workspace));
  return median(took);
}

/** @returns seconds */
async function timed(workspace: Workspace): Promise<number> {
  const begin = performance.now();
  await workspace.build();
  const took = (performance.now() - begin) / 1000;
  rememberImages();
  return took;
}

function tablesOf(subject: BuildSubject, seconds: Seconds): string[] {
  const ratio = (step: Step, form: Form) => seconds('mesh build', step) / seconds(form, step);
  const others = FORMS.filter((form) => form !== 'mesh build');
  const rows = STEPS.map((step) => [
    step,
    ...FORMS.map((form) => seconds(form, step).toFixed(1)),
    ...others.map((form) => ratio(step, form).toFixed(2)),
  ]);
  const columns = ['seconds', ...FORMS, ...others.map((form) => `mesh ÷ ${form}`)];
  return [`## ${subject.name}`, '', ...markdownTable(columns, rows), '', ...targetsOf(subject, ratio)];
}

function targetsOf(subject: BuildSubject, ratio: (step: Step, form: Form) => number): string[] {
  if (subject !== SUBJECTS[0]) return [];
  const rows = TARGETS.map(([step, most]) => {
    const value = ratio(step, 'copy all');
    return [step, value.toFixed(2), `≤ ${most}`, value <= most ? 'reached' : 'missed'];
  });
  return [...markdownTable(['mesh ÷ copy all', 'value', 'target', ''], rows), ''];
}

function report(tables: readonly string[]): void {
  const lines = [
    `# Building images; ${ROUNDS === 1 ? 'one round' : `medians of ${ROUNDS} rounds`}, packages already in the cache mounts`,
    '',
    `${describeMachine()}. Load before: ${describeLoad(loadBefore)}; after: ${describeLoad(loadavg())}.`,
    '',
    '`copy all`: `COPY . .`, then all steps for each service. `docker compose build`: the compose file and the Dockerfiles that',
    'mesh writes. `mesh build`: the same Dockerfiles. Each as a whole process.',
    '',
    ...tables,
  ];
  console.log(lines.join('\n'));
  mkdirSync(path.join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(path.join(ROOT, 'bench/results/build.md'), lines.join('\n'));
}

/** Each build takes the names from the images of the one before, which would stay without any. */
function rememberImages(): void {
  const args = ['images', '--quiet', '--no-trunc', '--filter', `reference=${prefix}-*`];
  const listed = spawnSync('docker', args, { encoding: 'utf8' }).stdout ?? '';
  for (const id of listed.split('\n').filter(Boolean)) images.add(id);
}

function removeImages(): void {
  if (images.size > 0) spawnSync('docker', ['rmi', '--force', ...images], { stdio: 'ignore' });
}
