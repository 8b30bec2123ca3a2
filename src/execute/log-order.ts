import type { LogLine } from '../engine/engine.ts';

/** The engine's stamps have one width, so they sort as texts. */
export function compareLogTimes(a: Pick<LogLine, 'at'>, b: Pick<LogLine, 'at'>): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}
