import type { LogLine, LogRequest } from '../engine.ts';
import type { FakeInstance } from './fake-instance.ts';

/** What the instances have written, and who follows it. */
export interface FakeLogs {
  readonly write: (instance: FakeInstance, line: Pick<LogLine, 'stream' | 'text'>) => void;
  readonly read: (
    instances: readonly FakeInstance[],
    request: LogRequest,
    onLine: (line: LogLine) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Who follows now. */
  readonly followers: () => number;
}

export function createFakeLogs(date: () => string): FakeLogs {
  const followers = new Set<(project: string, line: LogLine) => void>();
  let written = 0;
  return {
    followers: () => followers.size,
    write: (instance, { stream, text }) => {
      written += 1;
      const at = stampOf(date(), written);
      const line: LogLine = { node: instance.node.name, replica: instance.replica, stream, at, text };
      instance.lines.push(line);
      for (const follower of followers) follower(instance.project, line);
    },
    read: (instances, request, onLine, signal) => {
      for (const instance of instances) {
        const lines = instance.lines.filter((line) => isWanted(line, request));
        for (const line of lines.slice(request.tail === undefined ? 0 : -request.tail || lines.length)) onLine(line);
      }
      if (!request.follow || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const follower = (project: string, line: LogLine) => {
          if (project === request.project && isWanted(line, request)) onLine(line);
        };
        followers.add(follower);
        const stop = () => {
          followers.delete(follower);
          resolve();
        };
        signal.addEventListener('abort', stop, { once: true });
      });
    },
  };
}

/** With nanoseconds as engines write them, and no two alike. */
function stampOf(date: string, count: number): string {
  return date.replace(/Z$/, `${String(count % 1_000_000).padStart(6, '0')}Z`);
}

function isWanted(line: LogLine, { nodes, since, until }: LogRequest): boolean {
  if (nodes.length > 0 && !nodes.includes(line.node)) return false;
  const [at, from, to] = [line.at, since, until].map((time) => time?.replace(/Z$/, ''));
  return (from === undefined || (at ?? '') >= from) && (to === undefined || (at ?? '') <= to);
}
