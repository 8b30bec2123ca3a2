import { describeError } from './errors.ts';
import { createLogger, LOG_LEVELS, type Logger } from './log.ts';
import { FatalSetting, Settings } from './settings.ts';

export interface ServiceContext {
  readonly service: string;
  readonly settings: Settings;
  readonly log: Logger;
}

export interface RunningService {
  stop(): Promise<void>;
}

const EXIT_FATAL_SETTING = 3;
/** An orchestrator kills after ten seconds or more: better to end by ourselves, with a log line, before that. */
const STOP_LIMIT_MS = 8000;

/** The life of a process: start, wait for a signal, stop, exit 0. A setting it cannot run with exits 3. */
export async function runService(service: string, start: (context: ServiceContext) => Promise<RunningService>) {
  const level = process.env.LOG_LEVEL?.trim().toLowerCase() || 'info';
  const log = createLogger(service, LOG_LEVELS.includes(level) ? level : 'info');
  const fail = (error: unknown): never => {
    if (error instanceof FatalSetting) {
      log.error(error.message);
      process.exit(EXIT_FATAL_SETTING);
    }
    log.error({ reason: describeError(error), stack: error instanceof Error ? error.stack : undefined }, 'failed');
    process.exit(1);
  };
  if (!LOG_LEVELS.includes(level)) {
    fail(new FatalSetting(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`));
  }
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  // Listened for from the first moment on, so that a stop during start-up is as orderly as a later one.
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => resolve(signal));
    }
  });

  log.info({ node: process.version, pid: process.pid }, 'starting');
  const running = await start({ service, settings: new Settings(process.env), log }).catch(fail);
  const signal = await signalled;
  const begun = performance.now();
  log.info({ signal }, 'stopping');
  setTimeout(() => {
    log.warn('stopping took too long; leaving');
    process.exit(1);
  }, STOP_LIMIT_MS).unref();
  await running.stop().catch((error: unknown) => log.warn({ reason: describeError(error) }, 'stopping failed'));
  log.info({ tookMs: Math.round(performance.now() - begun) }, 'stopped');
  process.exit(0);
}

/** Ends with the promise, or with an error after `ms`. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
