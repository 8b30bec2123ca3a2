import path from 'node:path';
import type { Clock } from '../../time/clock.ts';
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

/** Between the removal of an instance and the making of its successor, for a moment there is none. */
const SUCCESSOR_MS = 300;

export interface FollowScope {
  readonly project: Project;
  readonly clock: Clock;
  readonly request: LogRequest;
}

/**
 * What the logs hold, then what comes, until no instance runs or the signal. A supervisor that goes away while it is
 * listened to is replaced, and the log goes on where it was; so does that of a service whose instance is replaced.
 */
export async function followLogs(
  { project, clock, request }: FollowScope,
  specs: readonly ProcessSpec[],
  onLine: OnLine,
  signal: AbortSignal,
): Promise<void> {
  const first = new Set(specs.map((spec) => spec.id));
  const seen = new Set(first);
  const delivered = new Map<string, string>();
  const deliver = (spec: ProcessSpec, line: StoredLine) => {
    delivered.set(spec.id, line.at);
    onLine(logLine(spec, line));
  };
  // One that comes later is shown from its beginning.
  const windowOf = (spec: ProcessSpec): LogWindow => {
    const last = delivered.get(spec.id);
    if (last !== undefined) return { since: last, until: request.until };
    return first.has(spec.id) ? request : { until: request.until };
  };
  const successors = async (): Promise<readonly ProcessSpec[]> => {
    const fresh = (await wantedSpecs(project, request)).filter((spec) => !seen.has(spec.id));
    for (const spec of fresh) seen.add(spec.id);
    return fresh;
  };
  let open = specs;
  while (open.length > 0 && !signal.aborted) {
    const connection = await project.supervisor();
    if (connection === undefined) return readRest(project, open, { windowOf, delivered, deliver });
    const last = new Map(delivered);
    const follow = {
      ...{ project, connection, specs: open, windowOf },
      // What comes now came after `since`, though the clock may have been put back meanwhile.
      wanted: inWindow({ until: request.until }),
      isNew: (id: string) => !seen.has(id),
      deliver: (spec: ProcessSpec, line: StoredLine) => {
        if (line.at !== last.get(spec.id)) deliver(spec, line);
      },
    };
    const ended = await followOnce(follow, signal);
    open = [...open.filter((spec) => !ended.has(spec.id)), ...(await successors())];
    if (open.length > 0 || signal.aborted) continue;
    await clock.sleep(SUCCESSOR_MS);
    open = await successors();
  }
}

interface Rest {
  readonly windowOf: (spec: ProcessSpec) => LogWindow;
  readonly delivered: ReadonlyMap<string, string>;
  readonly deliver: (spec: ProcessSpec, line: StoredLine) => void;
}

/** Nobody writes any more. */
function readRest(project: Project, specs: readonly ProcessSpec[], { windowOf, delivered, deliver }: Rest): void {
  for (const spec of specs) {
    const last = delivered.get(spec.id);
    for (const line of readLog(logFolder(project, spec), windowOf(spec))) if (line.at !== last) deliver(spec, line);
  }
}

export async function wantedSpecs(project: Project, { nodes }: LogRequest): Promise<ProcessSpec[]> {
  const specs = (await project.records()).map((record) => record.spec);
  return specs.filter((spec) => nodes.length === 0 || nodes.includes(spec.node));
}

interface FollowOnce {
  readonly project: Project;
  readonly connection: Connection;
  readonly specs: readonly ProcessSpec[];
  readonly windowOf: (spec: ProcessSpec) => LogWindow;
  readonly deliver: (spec: ProcessSpec, line: StoredLine) => void;
  readonly wanted: (line: StoredLine) => boolean;
  readonly isNew: (id: string) => boolean;
}

/** Until all have ended, a new one starts, the connection closes, or the signal. Gives the ids of those that have ended. */
async function followOnce(follow: FollowOnce, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { connection, specs, deliver, wanted, isNew } = follow;
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  const ended = new Set<string>();
  // What comes before the history has been read has to wait for it.
  let early: News[] | undefined = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const take = (news: News) => {
    if (news.news === 'event') return news.event.type === 'started' && isNew(news.event.id) ? finish() : undefined;
    const spec = byId.get(news.id);
    if (spec === undefined) return;
    if (news.news === 'line' && wanted(news.line)) deliver(spec, news.line);
    if (news.news === 'ended') ended.add(news.id);
    if (ended.size === byId.size) finish();
  };
  const stopListening = connection.onNews((news) => (early === undefined ? take(news) : early.push(news)));
  signal.addEventListener('abort', finish, { once: true });
  try {
    await connection.ask('watch', {});
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
