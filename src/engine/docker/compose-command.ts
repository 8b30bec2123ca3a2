import { spawn } from 'node:child_process';
import { MeshError } from '../../diagnostics/mesh-error.ts';

export interface ComposeContext {
  /** Absolute path of the project's folder. */
  readonly root: string;
  readonly project: string;
  /** Relative to the root. */
  readonly composeFile: string;
  /** Relative to the root: where the relative paths of the file start. */
  readonly folder: string;
  /** Relative to the root. */
  readonly envFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs `docker compose` on the generated file, and nothing else of Compose is used.
 *
 * @throws MeshError MESH2002 when the plugin is missing, MESH2006 with Compose's own last words when it fails
 */
export async function runCompose(
  context: ComposeContext,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const envFile = context.envFile === undefined ? [] : ['--env-file', context.envFile];
  const { project, folder, composeFile } = context;
  const where = ['--project-name', project, '--project-directory', folder, '--file', composeFile];
  const flags = [...where, ...envFile, '--progress', 'plain'];
  const all = ['compose', ...flags, ...args];
  const result = await runDocker(all, { cwd: context.root, env: context.env, signal });
  if (result.exitCode === 0) return result.stdout;
  throw composeError(result.stderr, args);
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws MeshError MESH2002 when there is no docker command; the signal's reason when it was aborted */
export function runDocker(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    options.signal.throwIfAborted();
    // Its own process group: a Ctrl-C reaches us, and we end it in good order instead of the terminal killing it half way.
    const child = spawn('docker', args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // The docker command runs its plugins as children; all of the group is asked to end.
    const onAbort = () => endGroup(child.pid);
    options.signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error) => reject(missingDocker(error)));
    child.on('close', (code) => {
      options.signal.removeEventListener('abort', onAbort);
      if (options.signal.aborted) reject(options.signal.reason);
      else resolve({ exitCode: code ?? 1, stdout, stderr });
    });
  });
}

/** Asks a process and its children to end; it is the leader of a group of its own. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

export function missingDocker(error: Error): MeshError {
  return new MeshError(`the docker command cannot be run: ${error.message}`, {
    code: 'MESH2002',
    exitCode: 3,
    hint: 'install the Docker CLI with its compose plugin',
    cause: error,
  });
}

function composeError(stderr: string, args: readonly string[]): MeshError {
  const lines = stderr
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  if (lines.some((line) => /is not a docker command|unknown (shorthand )?flag: .*(--project-|file)/.test(line))) {
    return new MeshError('`docker compose` is not installed', {
      code: 'MESH2002',
      exitCode: 3,
      hint: 'install the Docker Compose plugin, version 2.23 or newer',
    });
  }
  const words = lines
    .filter((line) => !/^ ?(Container|Network|Volume|time=)/.test(line))
    .slice(-4)
    .join(' · ');
  return new MeshError(`docker compose ${args[0] ?? ''} failed: ${words || lines.slice(-2).join(' · ')}`, {
    code: 'MESH2006',
  });
}
