import type { Forward } from '../forward.ts';
import type { LogPosition } from '../logs/log-file.ts';
import type { StoredLine } from '../logs/stored-line.ts';
import type { ProcessRecord, ProcessSpec } from '../process-spec.ts';

/**
 * What is spoken on the supervisor's socket: one JSON object a line. A request has an id of the asker's choice, and
 * its reply the same one; news come without an id.
 */

/** A supervisor of another version is asked to retire; its successor takes the running processes over. */
export const PROTOCOL_VERSION = 2;

/** By operation: what is sent, and what comes back. */
export interface Operations {
  readonly hello: { readonly send: object; readonly reply: { readonly version: number; readonly pid: number } };
  readonly list: { readonly send: object; readonly reply: { readonly instances: readonly ProcessRecord[] } };
  /** Makes instances known without starting them. */
  readonly put: { readonly send: { readonly specs: readonly ProcessSpec[] }; readonly reply: object };
  /** Starts an instance with the spec as it is now. */
  readonly start: { readonly send: { readonly spec: ProcessSpec }; readonly reply: object };
  readonly stop: { readonly send: { readonly id: string; readonly graceMs: number }; readonly reply: object };
  /** Ends an instance at once, where it runs, and forgets it with its logs. */
  readonly remove: { readonly send: { readonly id: string }; readonly reply: object };
  /** From now on the connection gets `event` news. */
  readonly watch: { readonly send: object; readonly reply: object };
  /** From now on the connection gets `line` news of these instances, and `ended` when one of them stands still. */
  readonly follow: {
    readonly send: { readonly ids: readonly string[] };
    /** How far each log was written at the moment at which the news begin. */
    readonly reply: { readonly positions: Readonly<Record<string, LogPosition>>; readonly idle: readonly string[] };
  };
  /** From now on these are forwarded, and no others; refused when one of them cannot be. */
  readonly forward: { readonly send: { readonly forwards: readonly Forward[] }; readonly reply: object };
  /** Ends the supervisor and leaves all processes running. */
  readonly retire: { readonly send: object; readonly reply: object };
}

export type Operation = keyof Operations;
export type Send<K extends Operation> = Operations[K]['send'];
export type Reply<K extends Operation> = Operations[K]['reply'];

export interface SupervisorEvent {
  readonly type: 'started' | 'exited' | 'removed';
  readonly id: string;
  readonly node: string;
  readonly replica: number;
  readonly exitCode?: number | undefined;
  readonly at: string;
}

export type News =
  | { readonly news: 'event'; readonly event: SupervisorEvent }
  | { readonly news: 'line'; readonly id: string; readonly line: StoredLine }
  | { readonly news: 'ended'; readonly id: string };

export interface Request {
  readonly id: number;
  readonly operation: Operation;
  readonly send: object;
}

export type Answer =
  | { readonly id: number; readonly reply: object }
  | { readonly id: number; readonly refused: string };

/** A message as one line. */
export function encode(message: Request | Answer | News): string {
  return `${JSON.stringify(message)}\n`;
}

/** A line as a message; nothing when it is none. The other side is us, so its inner form is trusted. */
export function decode<T extends object>(line: string): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
