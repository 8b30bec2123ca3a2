import path from 'node:path';
import type { LogLine, LogRequest } from '../engine.ts';
import type { Connection } from './client/connection.ts';
import { inWindow, type LogWindow, readLog } from './logs/read-log.ts';
import type { StoredLine } from './logs/stored-line.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { Project } from './project.ts';
import type { News } from './supervisor/protocol.ts';

type OnLine = (line: LogLine) => void;

/** What the log of each asked instance holds. */
export function readLogs(project: Project, specs: readonly ProcessSpec[], request: LogRequest, onLine: OnLine): void {
  for (const spec of specs) {
    for (const line of readLog(logFolder(project, spec), request)) onLine(logLine(spec, line));
  }
}

/**
 * What the logs hold, then what comes, until no instance runs or the signal. A supervisor that goes away while it is
 * listened to is replaced, and the log goes on where it was.
 */
export async function followLogs(
  project: Project,
  specs: readonly ProcessSpec[],
  request: LogRequest,
  onLine: OnLine,
  signal: AbortSignal,
): Promise<void> {
  const delivered = new Map<string, string>();
  const deliver = (spec: ProcessSpec, line: StoredLine) => {
    delivered.set(spec.id, line.at);
    onLine(logLine(spec, line));
  };
  for (let open = specs, first = true; open.length > 0 && !signal.aborted; first = false) {
    const connection = await project.supervisor();
    if (connection === undefined) {
      if (first) readLogs(project, open, request, onLine);
      return;
    }
    const windowOf = (spec: ProcessSpec): LogWindow =>
      first ? request : { since: delivered.get(spec.id) ?? request.since, until: request.until };
    const ended = await followOnce(
      {
        project,
        connection,
        specs: open,
        windowOf,
        deliver: (spec, line) => {
          if (first || line.at !== delivered.get(spec.id)) deliver(spec, line);
        },
        // What comes now came after `since`, though the clock may have been put back meanwhile.
        wanted: inWindow({ until: request.until }),
      },
      signal,
    );
    open = open.filter((spec) => !ended.has(spec.id));
  }
}

interface FollowOnce {
  readonly project: Project;
  readonly connection: Connection;
  readonly specs: readonly ProcessSpec[];
  readonly windowOf: (spec: ProcessSpec) => LogWindow;
  readonly deliver: (spec: ProcessSpec, line: StoredLine) => void;
  readonly wanted: (line: StoredLine) => boolean;
}

/** Until all have ended, the connection closes, or the signal. Gives the ids of those that have ended. */
async function followOnce(follow: FollowOnce, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { connection, specs, deliver, wanted } = follow;
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  const ended = new Set<string>();
  // What comes before the history has been read has to wait for it.
  let early: News[] | undefined = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const take = (news: News) => {
    if (news.news === 'event') return;
    const spec = byId.get(news.id);
    if (spec === undefined) return;
    if (news.news === 'line' && wanted(news.line)) deliver(spec, news.line);
    if (news.news === 'ended') ended.add(news.id);
    if (ended.size === byId.size) finish();
  };
  const stopListening = connection.onNews((news) => (early === undefined ? take(news) : early.push(news)));
  signal.addEventListener('abort', finish, { once: true });
  try {
    const { positions, idle } = await connection.ask('follow', { ids: [...byId.keys()] });
    for (const spec of specs) {
      for (const line of readLog(logFolder(follow.project, spec), follow.windowOf(spec), positions[spec.id]))
        deliver(spec, line);
    }
    for (const id of idle) ended.add(id);
    const waiting = early;
    early = undefined;
    for (const news of waiting) take(news);
    if (ended.size < byId.size && !signal.aborted) await Promise.race([finished, connection.closed]);
  } catch {
    // It went away while it was asked; the caller asks its successor.
  } finally {
    stopListening();
    signal.removeEventListener('abort', finish);
  }
  return ended;
}

function logFolder(project: Project, spec: ProcessSpec): string {
  return path.join(project.paths.logs, spec.id);
}

function logLine(spec: ProcessSpec, line: StoredLine): LogLine {
  return { node: spec.node, replica: spec.replica, ...line };
}
