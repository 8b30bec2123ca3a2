import type { EngineEvent } from '../engine.ts';
import type { Connection } from './client/connection.ts';
import type { Project } from './project.ts';

/** Hands on the supervisor's events until the signal. Resolves when it listens; a new supervisor is listened to again. */
export async function watchEvents(
  project: Project,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const listen = async (): Promise<Connection> => {
    const connection = await project.link.reach();
    const stop = connection.onNews((news) => {
      if (news.news === 'event' && !signal.aborted) onEvent(news.event);
    });
    signal.addEventListener('abort', stop, { once: true });
    await connection.ask('watch', {});
    return connection;
  };
  const goOn = async (connection: Connection) => {
    await connection.closed;
    // Closed by ourselves, or its programs are gone with it: there is nothing to watch then.
    if (signal.aborted || project.link.isClosed() || (await project.supervisor()) === undefined) return;
    await goOn(await listen());
  };
  const first = await listen();
  void goOn(first).catch(() => {});
}
