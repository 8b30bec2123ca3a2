/** What a node of the fake engine does by itself, each time it is started. A node without one runs and is ready at once. */
export interface FakeBehaviour {
  /** From each start until commands in it succeed, in milliseconds. */
  readonly readyAfterMs?: number | 'never' | undefined;
  /** What a command in it says until then. */
  readonly notReadyWords?: string | undefined;
  readonly exit?: FakeExit | undefined;
  /** Somebody kills it by hand, this long after its first start; the engine then does not restart it. */
  readonly killedAfterMs?: number | undefined;
  /** Somebody removes it by hand, this long after its first start. */
  readonly removedAfterMs?: number | undefined;
  /** How long the engine takes to start it. */
  readonly startTakesMs?: number | undefined;
  /** How long it takes to end when it is asked to; longer than the grace period, and it is killed. */
  readonly stopTakesMs?: number | undefined;
  /** The engine refuses to start it, in these words. */
  readonly startRefused?: string | undefined;
  readonly log?: readonly FakeLine[] | undefined;
}

/** How its process ends. */
export interface FakeExit {
  readonly code: number;
  /** Since the start. */
  readonly afterMs: number;
  /** `first`: it goes on once it was restarted. */
  readonly runs: 'first' | 'every';
  /** The kernel ends it for want of memory. */
  readonly outOfMemory?: boolean | undefined;
}

/** A line that it writes in each of its runs. */
export interface FakeLine {
  /** Since the start. */
  readonly afterMs: number;
  readonly text: string;
  readonly stream?: 'stdout' | 'stderr' | undefined;
}

/** An image of the fake's machine. One that is not listed is there. */
export interface FakeImage {
  readonly here: boolean;
  /** How long a pull takes. */
  readonly pullTakesMs?: number | undefined;
  /** The registry refuses it, in these words. */
  readonly refused?: string | undefined;
}
