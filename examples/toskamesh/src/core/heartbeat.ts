/** What silos tell each other, one JSON object a line. */
export interface Heartbeat {
  readonly silo: string;
  /** ISO 8601. */
  readonly at: string;
}

export const MAX_LINE_BYTES = 512;

export function renderHeartbeat(silo: string, at: Date): string {
  return `${JSON.stringify({ silo, at: at.toISOString() })}\n`;
}

/** Undefined for a line that is none: whoever sent it is no silo. */
export function parseHeartbeat(line: string): Heartbeat | undefined {
  try {
    const { silo, at } = JSON.parse(line) as Partial<Heartbeat>;
    return typeof silo === 'string' && typeof at === 'string' && silo !== '' ? { silo, at } : undefined;
  } catch {
    return undefined;
  }
}
