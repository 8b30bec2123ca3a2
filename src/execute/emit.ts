import type { Clock } from '../time/clock.ts';
import type { EventBody, MeshEvent } from './event.ts';

export type Emit = (body: EventBody) => void;

/** Stamps events with time and schema version and hands each to every listener, in order. `beganMs` is when the run began. */
export function createEmitter(
  clock: Clock,
  listeners: readonly ((event: MeshEvent) => void)[],
  beganMs: number = clock.now(),
): Emit {
  return (body) => {
    const event = {
      v: 1,
      at: clock.date().toISOString(),
      elapsedMs: Math.round(clock.now() - beganMs),
      ...body,
    } as MeshEvent;
    for (const listener of listeners) listener(event);
  };
}
