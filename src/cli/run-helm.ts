import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../diagnostics/mesh-error.ts';

export interface HelmRelease {
  /** Absolute path of the chart. */
  readonly chart: string;
  readonly release: string;
  /** Absolute paths; the later one wins. */
  readonly valuesFiles: readonly string[];
  /** On top of the files. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface HelmProgram {
  readonly path: string;
  /** Whether somebody named it, and did so wrongly where it cannot be run. */
  readonly isAsked: boolean;
}

/**
 * The helm program: that which was named, or one on PATH; nothing where there is none.
 *
 * @throws InvalidInput when an empty name was given
 */
export function findHelm(
  asked: string | undefined,
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): HelmProgram | undefined {
  if (asked === '') throw wrongProgram('--helm takes the path or the name of a program, and is empty');
  const named = asked ?? (env.MESH_HELM || undefined);
  // A bare name is looked for on PATH, as by a shell.
  if (named !== undefined) return { path: /[/\\]/.test(named) ? path.resolve(cwd, named) : named, isAsked: true };
  const names = ['helm', 'helm.exe'];
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found = folders
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
  return found === undefined ? undefined : { path: found, isAsked: false };
}

export type HelmResult =
  | { readonly kind: 'rendered'; readonly text: string }
  /** Helm's own words. */
  | { readonly kind: 'refused'; readonly words: string };

/**
 * `helm template`, which asks no cluster.
 *
 * @throws InvalidInput when a program that was named cannot be run; the signal's reason when it was aborted
 */
export function runHelm(
  program: HelmProgram,
  { chart, release, valuesFiles, values }: HelmRelease,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<HelmResult> {
  const files = valuesFiles.flatMap((file) => ['--values', file]);
  return new Promise((resolve, reject) => {
    options.signal.throwIfAborted();
    const child = spawn(program.path, ['template', release, chart, ...files, '--values', '-'], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (options.signal.aborted) reject(options.signal.reason);
      else reject(program.isAsked ? wrongProgram(`cannot run ${program.path}: ${error.code ?? error.message}`) : error);
    });
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve({ kind: 'rendered', text: stdout });
      else resolve({ kind: 'refused', words: stderr.trim() });
    });
    // A chart that is refused before its values are read closes the pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(values));
  });
}

function wrongProgram(message: string): InvalidInput {
  const hint = 'name the helm program with --helm or MESH_HELM';
  return new InvalidInput([{ code: 'MESH1501', severity: 'error', message, hint }]);
}
