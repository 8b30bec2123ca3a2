import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CliOptions, type CliResult, mesh } from '../../support/mesh-cli.ts';
import { docker, lines } from './docker.ts';

/** A manifest in a folder of its own, with a project name that nobody else has. */
export interface TemporaryMesh extends AsyncDisposable {
  readonly folder: string;
  readonly project: string;
  /** Writes a file of the folder; the manifest when no path is given. */
  readonly write: (text: string, file?: string) => void;
  readonly run: (args: readonly string[], options?: Partial<CliOptions>) => Promise<CliResult>;
}

/** Whatever happens in the test, nothing of the project is left on the engine or the disk. */
export function temporaryMesh(manifest: string): TemporaryMesh {
  const project = `mesh-test-${randomBytes(4).toString('hex')}`;
  // A space, since paths with spaces have to work.
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'mesh engine ')), 'a project');
  mkdirSync(folder);
  const write = (text: string, file = 'mesh.yaml') => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  write(manifest);
  return {
    folder,
    project,
    write,
    run: (args, options = {}) =>
      mesh(args, { cwd: folder, ...options, env: { MESH_PROJECT: project, ...options.env } }),
    [Symbol.asyncDispose]: async () => {
      await removeProject(project);
      rmSync(path.dirname(folder), { recursive: true, force: true });
    },
  };
}

/** By label, so that it works however broken the project is. */
export async function removeProject(project: string): Promise<void> {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`, '--quiet'];
  const containers = await lines('ps', '--all', ...filter);
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
  const networks = await lines('network', 'ls', ...filter);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
  const volumes = await lines('volume', 'ls', ...filter);
  if (volumes.length > 0) await docker('volume', 'rm', '--force', ...volumes);
}
