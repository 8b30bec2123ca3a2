import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { ExecRequest, ExecResult } from '../engine.ts';
import type { ProcessRecord } from './process-spec.ts';

/**
 * Runs a command where a service runs, with its environment. Exit codes are those of a shell: 127 when the program
 * does not exist, 128 and the signal's number when a signal ended it. Where the service does not run it is refused, as
 * in a container: what a command finds out there must not count as ready.
 */
export async function execIn(
  { spec, state }: ProcessRecord,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  signal.throwIfAborted();
  if (state !== 'running') return { exitCode: 1, output: `${spec.name} is not running\n` };
  const [program = '', ...args] = request.command;
  const inherits = request.stdio === 'inherit';
  const child = spawn(program, args, {
    cwd: request.workdir ?? spec.cwd,
    env: { ...spec.env, ...parseEnv(request.env ?? []) },
    stdio: inherits ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    // With the terminal it must stay in the group that the terminal talks to.
    detached: !inherits,
    ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
  });
  const cancel = () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    if (inherits) child.kill('SIGTERM');
    else process.kill(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', cancel, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(error));
      child.once('close', (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
    });
    signal.throwIfAborted();
    return { exitCode, output };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { exitCode: 127, output: `${program}: not found\n` };
    }
    throw new MeshError(`${program} could not be run`, { code: 'MESH2006', cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function parseEnv(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf('=');
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}
