import type { Clock } from '../time/clock.ts';
import type { EventBody, MeshEvent } from './event.ts';

export type Emit = (body: EventBody) => void;

/** Stamps events with time and schema version and hands each to every listener, in order. `beganMs` is when the run began. */
export function createEmitter(
  clock: Clock,
  listeners: readonly ((event: MeshEvent) => void)[],
  beganMs: number = clock.now(),
  redact: (text: string) => string = (text) => text,
): Emit {
  return (body) => {
    const event = {
      v: 1,
      at: clock.date().toISOString(),
      elapsedMs: Math.round(clock.now() - beganMs),
      ...(redactTexts(body, redact) as EventBody),
    } as MeshEvent;
    for (const listener of listeners) listener(event);
  };
}

/** Every text of an event, however deep: a log line, an answer or a reason may repeat a secret. */
function redactTexts(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactTexts(item, redact)]));
}
