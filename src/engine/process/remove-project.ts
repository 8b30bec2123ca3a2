import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../time/clock.ts';
import { until } from '../../time/until.ts';
import type { Project } from './project.ts';
import { isHeld } from './supervisor/lock.ts';

/** Ends and removes all that a project has here; its data only on request. Gives the names of the data removed. */
export async function removeEverything(
  project: Project,
  what: { readonly volumes: boolean },
  clock: Clock,
): Promise<string[]> {
  const { paths } = project;
  await endInstances(project, clock);
  if (!what.volumes) {
    // Ports stay: a mesh that comes up again has the addresses that it had.
    const { state, forwards, lock, socket, supervisorLog, logs, pipes } = paths;
    for (const file of [state, forwards, lock, socket, supervisorLog, logs, pipes]) {
      rmSync(file, { recursive: true, force: true });
    }
    removeIfEmpty(path.dirname(paths.socket));
    return [];
  }
  const removed = [paths.data, paths.sharedData].flatMap(visibleEntries);
  for (const folder of [paths.sharedData, paths.folder, paths.socket]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [paths.sharedData, paths.folder, paths.socket]) removeIfEmpty(path.dirname(folder));
  return [...new Set(removed)].sort().map((node) => `data of ${node}`);
}

async function endInstances(project: Project, clock: Clock): Promise<void> {
  const connection = await project.supervisor();
  if (connection === undefined) return;
  const { instances } = await connection.ask('list', {});
  await Promise.all(instances.map((record) => connection.ask('remove', { id: record.spec.id })));
  await connection.ask('retire', {});
  await connection.closed;
  const gone = async () => (isHeld(project.paths.lock) ? undefined : true);
  await until(gone, { clock, backoff: { firstMs: 5, factor: 1.5, maxMs: 50 }, withinMs: 5000 });
}

function visibleEntries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Other projects of this folder are there.
  }
}
