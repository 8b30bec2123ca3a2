import { existsSync } from 'node:fs';
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
    if (!dryRun && found.report.skipped === undefined) await removeMesh(file, entry, found, io);
    pruned.push(found.report);
  }
  if (options.json === true) io.stdout.write(`${JSON.stringify({ v: 1, dryRun, meshes: pruned })}\n`);
  else io.stdout.write(renderPruneTable(pruned, { styles: stylesFor(io.stdout, io), dryRun }));
  return pruned.some(({ skipped }) => skipped !== undefined) ? 1 : 0;
}

/** The entry goes last: a removal that fails half way is found again by the next one. */
async function removeMesh(file: string, entry: RegistryEntry, leftovers: Leftovers, io: Io): Promise<void> {
  io.signal.throwIfAborted();
  await leftovers.remove();
  using _lock = await lockRegistry(file, systemClock, io.signal);
  const entries = readRegistry(file);
  // Another folder may have taken the name over in the meantime.
  const isSame = entries.some(({ project, root }) => project === entry.project && root === entry.root);
  if (isSame) writeRegistry(file, withoutProject(entries, entry.project));
}
