import type { Clock } from '../time/clock.ts';
import type { EventBody, MeshEvent } from './event.ts';

export type Emit = (body: EventBody) => void;

/** Stamps events with time and schema version and hands each to every listener, in order. */
export function createEmitter(clock: Clock, listeners: readonly ((event: MeshEvent) => void)[]): Emit {
  const begin = clock.now();
  return (body) => {
    const event = {
      v: 1,
      at: clock.date().toISOString(),
      elapsedMs: Math.round(clock.now() - begin),
      ...body,
    } as MeshEvent;
    for (const listener of listeners) listener(event);
  };
}
