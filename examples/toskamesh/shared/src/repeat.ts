import { describeError } from './errors.ts';
import type { Logger } from './log.ts';
import type { RunningService } from './service.ts';

export interface RepeatOptions {
  /** For the log, after `could not`, such as `delete old traces`. */
  readonly what: string;
  /** From the beginning of one turn to that of the next, which waits for a turn that takes longer. */
  readonly everyMs: number;
  readonly log: Logger;
}

/** Does the work now and then again and again, never twice at once. A turn that fails is told of once a reason. */
export function repeat(work: () => Promise<void>, { what, everyMs, log }: RepeatOptions): RunningService {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let failure: string | undefined;

  const turn = async (): Promise<void> => {
    const begun = performance.now();
    try {
      await work();
      failure = undefined;
    } catch (error) {
      const reason = describeError(error);
      if (reason !== failure) {
        log.warn({ reason }, `could not ${what}`);
      }
      failure = reason;
    }
    if (!isOver) {
      timer = setTimeout(start, Math.max(0, everyMs - (performance.now() - begun)));
    }
  };
  const start = (): void => {
    running = turn();
  };
  let running = turn();

  return {
    /** Waits for the turn that is under way. */
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await running;
    },
  };
}
