import { spawn } from 'node:child_process';
import type { ExecRequest, ExecResult } from '../engine.ts';
import { missingDocker, runDocker } from './compose-command.ts';
import type { DockerEngineOptions } from './docker-engine-options.ts';

/** With the docker command, which gives the program a real terminal, window size and signals included. */
export async function execInContainer(
  options: DockerEngineOptions,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const flags = [
    ...(request.stdio === 'inherit' ? ['--interactive'] : []),
    ...(request.tty === true ? ['--tty'] : []),
    ...(request.user === undefined ? [] : ['--user', request.user]),
    ...(request.workdir === undefined ? [] : ['--workdir', request.workdir]),
    ...(request.env ?? []).flatMap((assignment) => ['--env', assignment]),
  ];
  const args = ['exec', ...flags, request.instance.id, ...request.command];
  if (request.stdio === 'capture') {
    const result = await runDocker(args, { cwd: options.root, env: options.env, signal });
    return { exitCode: result.exitCode, output: `${result.stdout}${result.stderr}` };
  }
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { cwd: options.root, env: options.env, stdio: 'inherit' });
    child.on('error', (error) => reject(missingDocker(error)));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output: '' }));
  });
}
