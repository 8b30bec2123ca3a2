import type { RestartPolicy } from '../../../mesh/mesh.ts';

export interface ExitFacts {
  /** Missing when the process was not our child, so that nobody could tell. */
  readonly exitCode?: number | undefined;
  readonly ranMs: number;
  /** How often it was restarted without running long enough in between. */
  readonly quickRestarts: number;
}

const FIRST_MS = 100;
/** Docker goes up to a minute; on a laptop somebody waits. */
const LONGEST_MS = 10_000;
/** Who ran this long has recovered, as with Docker. */
export const RECOVERED_MS = 10_000;

/** When to start it again, in milliseconds; never when missing. */
export function restartDelayMs(policy: RestartPolicy, facts: ExitFacts): number | undefined {
  if (policy === 'no') return undefined;
  if (policy === 'on-failure' && facts.exitCode === 0) return undefined;
  return Math.min(FIRST_MS * 2 ** facts.quickRestarts, LONGEST_MS);
}
