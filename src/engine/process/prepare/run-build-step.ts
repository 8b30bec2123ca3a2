import { spawn } from 'node:child_process';
import { MeshError } from '../../../diagnostics/mesh-error.ts';
import { createLineSplitter } from '../logs/split-lines.ts';
import type { BuildStep } from './build-steps.ts';

export interface BuildStepScope {
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onStep: (text: string) => void;
  readonly signal: AbortSignal;
}

const LAST_LINES = 20;

/** Runs one command of a build. @throws MeshError MESH3006 with its last lines; the signal's reason when cancelled */
export async function runBuildStep(step: BuildStep, { node, env, onStep, signal }: BuildStepScope): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...args] = step.argv;
  const said = step.argv.join(' ');
  // Its own group, so that a cancel ends the compiler too and not only npm.
  const child = spawn(program, args, { cwd: step.cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const cancel = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', cancel, { once: true });
  const last: string[] = [];
  const take = (lines: readonly string[]) => {
    for (const line of lines.filter((text) => text.trim() !== '')) {
      last.push(line);
      onStep(line.trim());
    }
    last.splice(0, Math.max(0, last.length - LAST_LINES));
  };
  for (const stream of [child.stdout, child.stderr]) {
    const splitter = createLineSplitter();
    stream.on('data', (chunk: Buffer) => take(splitter.push(chunk)));
    stream.once('end', () => take(splitter.end()));
  }
  const outcome = await new Promise<number | null | Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', cancel);
  signal.throwIfAborted();
  if (outcome === 0) return;
  const how = outcome instanceof Error ? `could not be run: ${outcome.message}` : `ended with code ${outcome ?? '?'}`;
  throw new MeshError([`${node}: ${said} ${how}`, ...last].join('\n'), {
    code: 'MESH3006',
    hint: `run it yourself: cd ${step.cwd} && ${said}`,
  });
}
