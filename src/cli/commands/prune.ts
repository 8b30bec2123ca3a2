import { existsSync } from 'node:fs';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import { type PrunedMesh, renderPruneTable } from '../../report/prune-table.ts';
import { systemClock } from '../../time/clock.ts';
import {
  lockRegistry,
  type RegistryEntry,
  readRegistry,
  registryFile,
  withoutProject,
  writeRegistry,
} from '../../workspace/mesh-registry.ts';
import { stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { findLeftovers, type Leftovers } from '../leftovers.ts';

export interface PruneOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Removes what is left of meshes whose folder is gone. @returns 1 when one had to be kept */
export async function prune(options: PruneOptions, io: Io): Promise<number> {
  const file = registryFile(io.env, io.home);
  const gone = readRegistry(file).filter((entry) => !existsSync(entry.root));
  const dryRun = options.dryRun === true;
  const pruned: PrunedMesh[] = [];
  for (const entry of gone) {
    const found = await findLeftovers(entry, io);
    const removes = !dryRun && found.report.skipped === undefined;
    pruned.push(removes ? await removeMesh(file, entry, found, io) : found.report);
  }
  if (options.json === true) io.stdout.write(`${JSON.stringify({ v: 1, dryRun, meshes: pruned })}\n`);
  else io.stdout.write(renderPruneTable(pruned, { styles: stylesFor(io.stdout, io), dryRun }));
  return pruned.some(({ skipped }) => skipped !== undefined) ? 1 : 0;
}

/** The entry goes last: a removal that fails half way is found again by the next one. */
async function removeMesh(file: string, entry: RegistryEntry, leftovers: Leftovers, io: Io): Promise<PrunedMesh> {
  io.signal.throwIfAborted();
  const { report } = leftovers;
  if (isBack(file, entry)) return { ...report, skipped: 'its folder, or another with its name, is there again' };
  try {
    await leftovers.remove();
  } catch (error) {
    // One that cannot be removed is no reason to keep the others.
    if (!(error instanceof MeshError)) throw error;
    return { ...report, skipped: error.message };
  }
  using _lock = await lockRegistry(file, systemClock, io.signal);
  if (!isBack(file, entry)) writeRegistry(file, withoutProject(readRegistry(file), entry.project));
  return report;
}

/** A worktree may be made again, and another folder may take the name, while the meshes before it are removed. */
function isBack(file: string, entry: RegistryEntry): boolean {
  const isListed = readRegistry(file).some(({ project, root }) => project === entry.project && root === entry.root);
  return !isListed || existsSync(entry.root);
}
