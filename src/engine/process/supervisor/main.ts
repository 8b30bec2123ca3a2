import { rmSync } from 'node:fs';
import { makeProjectFolders, pathsIn } from '../state/project-paths.ts';
import { isHeld, isOurs, takeLock } from './lock.ts';
import type { News } from './protocol.ts';
import { type Serving, serve } from './serve.ts';
import { createSupervisor } from './supervisor.ts';

/**
 * The detached process that owns the programs of one project: `node supervisor.js <state folder>`. It outlives the
 * command that started it, and ends itself when nothing runs and nobody is connected.
 */

/** Between two commands, or between the two requests of one, nobody may be connected for a moment. */
const IDLE_MS = 1000;
const LOOK_MS = 250;

async function main(folder: string): Promise<void> {
  const paths = pathsIn(folder);
  // Another one that was started at the same moment is as good.
  if (!takeLock(paths.lock)) return;

  let serving: Serving | undefined;
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    serving?.close();
    // Before the lock goes: whoever takes it opens them again.
    supervisor.forwards.close();
    if (isOurs(paths.lock)) for (const file of [paths.socket, paths.lock]) rmSync(file, { force: true });
    // Replies that are still on their way get their turn.
    setTimeout(() => process.exit(0), 20);
  };
  const supervisor = createSupervisor(paths, (news: News) => serving?.tell(news));
  for (const refusal of await supervisor.forwards.reopen()) process.stderr.write(`${refusal}\n`);
  serving = await serve({
    socket: paths.socket,
    makeFolder: () => makeProjectFolders(paths),
    supervisor: () => supervisor,
    retire: end,
    onConnections: () => {},
  });

  let idleSince = performance.now();
  setInterval(() => {
    if (!isOurs(paths.lock)) {
      // Another one took over; or the folder was removed, and what runs has no place any more.
      if (isHeld(paths.lock)) end();
      else void supervisor.stopAll().then(end);
      return;
    }
    supervisor.saveAgain();
    if (supervisor.isBusy() || (serving?.connections() ?? 0) > 0) idleSince = performance.now();
    else if (performance.now() - idleSince > IDLE_MS) end();
  }, LOOK_MS);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void supervisor.stopAll().then(end));
  process.on('SIGHUP', () => {});
}

await main(process.argv[2] ?? '.');
