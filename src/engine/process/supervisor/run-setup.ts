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
  const failures: string[] = [];
  let last = '';
  for (const stream of ['stdout', 'stderr'] as const) {
    const splitter = createLineSplitter();
    const take = (lines: string[]) => {
      if (lines.length > 0) onLines(stream, lines);
      failures.push(...lines.filter((line) => refused?.test(line) === true));
      last = lines.findLast((line) => line.trim() !== '') ?? last;
    };
    child[stream]?.on('data', (chunk: Buffer) => take(splitter.push(chunk)));
    child[stream]?.once('end', () => take(splitter.end()));
  }
  child.stdin?.end(step.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (failures[0] !== undefined) throw new Error(`${step.title}: ${failures[0]}`);
  if (code !== 0) throw new Error(`${step.title} ended with ${code === null ? 'a signal' : `code ${code}`}: ${last}`);
}
