const FIRST_MS = 100;
const LONGEST_MS = 60_000;
/** Who ran this long has recovered: the next delay is the first one again. */
const RECOVERED_MS = 10_000;

/** Docker's back-off in milliseconds (moby, `restartmanager`); `lastMs` is the delay before, 0 when there was none. */
export function restartDelayMs(lastMs: number, ranMs: number): number {
  if (lastMs === 0 || ranMs >= RECOVERED_MS) return FIRST_MS;
  return Math.min(lastMs * 2, LONGEST_MS);
}
