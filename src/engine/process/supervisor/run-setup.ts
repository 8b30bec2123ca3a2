import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createLineSplitter } from '../logs/split-lines.ts';
import type { ProcessSpec, SetupStep } from '../process-spec.ts';
import { makeFolder, spawnGroup } from './launch.ts';
import type { OnLines } from './output-pipes.ts';

export interface SetupScope {
  readonly onLines: OnLines;
  /** Called with each process, so that it can be ended. */
  readonly onProcess: (child: ChildProcess) => void;
  readonly isCancelled: () => boolean;
}

/** Does once what has to be done before the first start. Throws with the failing step and its last words. */
export async function runSetup(spec: ProcessSpec, scope: SetupScope): Promise<void> {
  const { setup } = spec;
  if (setup === undefined || existsSync(setup.marker)) return;
  rmSync(setup.fills, { recursive: true, force: true });
  makeFolder(setup.fills, spec.user);
  for (const step of setup.steps) {
    if (scope.isCancelled()) throw new Error('stopped while it was set up');
    await runStep(spec, step, scope);
  }
  writeFileSync(setup.marker, '', { mode: 0o600 });
}

async function runStep(spec: ProcessSpec, step: SetupStep, { onLines, onProcess }: SetupScope): Promise<void> {
  const child = await spawnGroup(spec, step.argv, ['pipe', 'pipe', 'pipe']);
  onProcess(child);
  const refused = step.refuse === undefined ? undefined : new RegExp(step.refuse);
  const said = { stdout: [] as string[], stderr: [] as string[] };
  for (const stream of ['stdout', 'stderr'] as const) {
    const splitter = createLineSplitter();
    const take = (lines: string[]) => {
      // What a step that succeeds says on its stdout is of no interest to anybody.
      if (lines.length > 0 && stream === 'stderr') onLines(stream, lines);
      said[stream].push(...lines);
    };
    child[stream]?.on('data', (chunk: Buffer) => take(splitter.push(chunk)));
    child[stream]?.once('end', () => take(splitter.end()));
  }
  child.stdin?.end(step.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const failure = [...said.stderr, ...said.stdout].find((line) => refused?.test(line) === true);
  if (code === 0 && failure === undefined) return;
  if (said.stdout.length > 0) onLines('stdout', said.stdout);
  if (failure !== undefined) throw new Error(`${step.title}: ${failure}`);
  const last = [...said.stdout, ...said.stderr].findLast((line) => line.trim() !== '') ?? '';
  throw new Error(`${step.title} ended with ${code === null ? 'a signal' : `code ${code}`}: ${last}`);
}
