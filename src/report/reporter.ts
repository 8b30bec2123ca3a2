import type { EventOf, MeshEvent } from '../execute/event.ts';

/** One handler an event type: silence is written, not forgotten, and a new type does not compile without one. */
export type Handlers = { readonly [T in MeshEvent['type']]: (event: EventOf<T>) => void };

/** Shows a run while it goes on. */
export interface Reporter {
  readonly handle: (event: MeshEvent) => void;
  /** The run is over: whatever is on the screen only for its sake goes away. */
  readonly close: () => void | Promise<void>;
}

/** Gives an event to the handler of its type. */
export function dispatch(handlers: Handlers, event: MeshEvent): void {
  (handlers[event.type] as (event: MeshEvent) => void)(event);
}
