export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** One JSON object a line on stdout, whatever the level: a collector then reads one stream in order. */
export function createLogger(service: string): Logger {
  const write = (level: LogLevel, message: string, fields?: LogFields): void => {
    process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, service, message, ...fields })}\n`);
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}
