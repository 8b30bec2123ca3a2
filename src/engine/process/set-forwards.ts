import { rmSync } from 'node:fs';
import type { Forward } from './forward.ts';
import type { Project } from './project.ts';

/** Has the supervisor open these forwards and no others. One is started only when there is something to open. */
export async function setForwards({ paths, link }: Project, forwards: readonly Forward[]): Promise<void> {
  if (forwards.length === 0 && (await link.find()) === undefined) {
    // Those of a supervisor that was killed ended with it, and the next one shall not open them again.
    rmSync(paths.forwards, { force: true });
    return;
  }
  await (await link.reach()).ask('forward', { forwards });
}
