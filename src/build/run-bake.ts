import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endGroup, missingDocker } from '../engine/docker/compose-command.ts';
import { openTemporaryFolder } from '../workspace/temporary-folder.ts';
import { allowedPaths, type BakeDefinition } from './bake-definition.ts';

export interface BakeRun {
  readonly definition: BakeDefinition;
  /** The files of this machine that it hands to steps. */
  readonly secretFiles: readonly string[];
  /** Those of `bake` itself, such as `--no-cache`. */
  readonly flags: readonly string[];
  readonly root: string;
  /** With the values of secrets. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** One line of BuildKit's progress, or of what bake says. */
  readonly onLine: (line: string) => void;
}

export interface BakeResult {
  readonly exitCode: number;
  /** What bake says of the images: target → digests, names, provenance. Empty when it failed. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * One `docker buildx bake`.
 *
 * @throws MeshError MESH2002 when there is no docker command; the signal's reason when it was aborted
 */
export async function runBake(run: BakeRun): Promise<BakeResult> {
  using folder = openTemporaryFolder('mesh-bake-');
  const file = path.join(folder.path, 'bake.json');
  const metadataFile = path.join(folder.path, 'metadata.json');
  writeFileSync(file, JSON.stringify(run.definition), { mode: 0o600 });
  // Whatever lies outside the project has to be allowed by name, since the definition does not lie in it either.
  const allowed = allowedPaths(run.definition, run.root, run.secretFiles).flatMap((grant) => ['--allow', grant]);
  const where = ['--file', file, '--metadata-file', metadataFile, '--progress', 'rawjson'];
  const exitCode = await spawnBake(
    ['buildx', 'bake', ...where, ...allowed, ...run.flags, ...Object.keys(run.definition.target)],
    run,
  );
  return { exitCode, metadata: readMetadata(metadataFile) };
}

function spawnBake(args: readonly string[], { root, env, signal, onLine }: BakeRun): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn('docker', args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const onAbort = () => endGroup(child.pid);
    signal.addEventListener('abort', onAbort, { once: true });
    createInterface({ input: child.stderr }).on('line', onLine);
    child.on('error', (error) => reject(missingDocker(error)));
    child.on('close', (code) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) reject(signal.reason);
      else resolve(code ?? 1);
    });
  });
}

function readMetadata(file: string): Readonly<Record<string, unknown>> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
