import { destination, type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger };

/** What `LOG_LEVEL` may be. */
export const LOG_LEVELS: readonly string[] = [...Object.keys(pino.levels.values), 'silent'];

/**
 * One JSON object a line on stdout, whatever the level: a collector then reads one stream in order. `LOG_LEVEL` is
 * pino's: trace, debug, info, warn, error.
 */
export function createLogger(service: string, level = 'info'): Logger {
  const options: LoggerOptions = {
    level,
    messageKey: 'message',
    base: { service },
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    // A log that holds a token or a password is a leak, whoever wrote the line.
    redact: ['authorization', '*.authorization', 'password', '*.password', 'token', '*.token'],
  };
  // Without `sync` a line is written by another thread, and the last one before an exit can overtake it or get lost.
  return pino(options, destination({ dest: 1, sync: true }));
}
