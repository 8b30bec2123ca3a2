import type { EngineEvent } from '../engine/engine.ts';
import type { RestartPolicy } from '../mesh/mesh.ts';

/** One end of an instance's process. */
export interface Exit {
  readonly code: number;
  /** Milliseconds of the run's clock. */
  readonly atMs: number;
  readonly outOfMemory: boolean;
}

/** This many exits without becoming ready are a crash loop: the first may be bad luck, the second a race, the third is neither. */
export const CRASH_LOOP_EXITS = 3;

/** What the exits of an instance mean for somebody who waits for it to be ready. */
export type ExitVerdict = 'starting' | 'ended' | 'crash-loop';

/** A container that restarts is starting, not dead; one that nobody restarts has ended; one that keeps exiting is in a loop. */
export function judgeExits(exits: readonly Exit[], restart: RestartPolicy): ExitVerdict {
  const last = exits.at(-1);
  if (last === undefined) return 'starting';
  const restarts =
    restart === 'always' || restart === 'unless-stopped' || (restart === 'on-failure' && last.code !== 0);
  if (!restarts) return 'ended';
  return exits.length >= CRASH_LOOP_EXITS ? 'crash-loop' : 'starting';
}

/** Collects the exits of instances from engine events and tells whoever waits for one. */
export interface ExitLog {
  readonly record: (event: EngineEvent, atMs: number) => void;
  readonly of: (id: string) => readonly Exit[];
  readonly removed: (id: string) => boolean;
  /** Calls back after each change of that instance until it is disposed. */
  readonly subscribe: (id: string, onChange: () => void) => Disposable;
}

export function createExitLog(): ExitLog {
  const exits = new Map<string, Exit[]>();
  const removed = new Set<string>();
  const dying = new Set<string>();
  const listeners = new Map<string, Set<() => void>>();
  return {
    record: (event, atMs) => {
      // The engine tells of a lack of memory first, and of the exit that it causes right after.
      if (event.type === 'out-of-memory') dying.add(event.id);
      if (event.type === 'removed') removed.add(event.id);
      if (event.type === 'exited') {
        const exit = { code: event.exitCode ?? 0, atMs, outOfMemory: dying.delete(event.id) };
        exits.set(event.id, [...(exits.get(event.id) ?? []), exit]);
      }
      for (const listener of listeners.get(event.id) ?? []) listener();
    },
    of: (id) => exits.get(id) ?? [],
    removed: (id) => removed.has(id),
    subscribe: (id, onChange) => {
      const set = listeners.get(id) ?? new Set();
      listeners.set(id, set.add(onChange));
      return { [Symbol.dispose]: () => void set.delete(onChange) };
    },
  };
}
