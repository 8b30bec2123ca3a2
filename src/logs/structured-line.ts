export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A log line that was JSON, in the parts that a person reads. */
export interface StructuredLine {
  readonly level: LogLevel | undefined;
  readonly message: string;
  readonly fields: readonly (readonly [key: string, value: unknown])[];
  /** An exception or stack, with its line ends. */
  readonly detail: string | undefined;
}

type Properties = Readonly<Record<string, unknown>>;

const MESSAGE_KEYS = ['message', 'msg', '@m', '@mt', 'Message', 'RenderedMessage', 'MessageTemplate'];
const LEVEL_KEYS = ['level', '@l', 'LogLevel', 'Level', 'severity', 'lvl'];
const TIME_KEYS = ['at', '@t', 'time', 'timestamp', 'Timestamp', 'ts'];
const DETAIL_KEYS = ['@x', 'Exception', 'exception', 'stack'];
/** Serilog's event id, renderings and template: of no use to a reader. */
const SILENT = new Set(['@i', '@r', '@mt', 'MessageTemplate']);
/** pino puts them on every line. */
const PINO_SILENT = new Set(['pid', 'hostname', 'v']);
/** Their members are shown instead. */
const UNFOLDED = new Set(['Properties', 'State']);

const LEVELS: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>(
  Object.entries({
    trace: ['trace', 'trce', 'verbose'],
    debug: ['debug', 'dbug'],
    info: ['info', 'information', 'notice'],
    warn: ['warn', 'warning'],
    error: ['error', 'err', 'fail'],
    fatal: ['fatal', 'critical', 'crit', 'panic'],
  } satisfies Record<LogLevel, string[]>).flatMap(([level, words]) =>
    words.map((word) => [word, level as LogLevel] as const),
  ),
);

/**
 * Reads one JSON object as a log line: plain `{at, level, message}`, Serilog (`@t`, `@m` or `@mt`, `@l`, `@x`; also its
 * older long names), pino (`time`, `level` as a number, `msg`, `err`) and .NET's JSON console (`LogLevel`, `Category`,
 * `Message`, `State`).
 *
 * @returns `undefined` for anything else: also for JSON with no message, or with neither level nor time
 */
export function parseStructured(text: string): StructuredLine | undefined {
  if (text.charCodeAt(0) !== 0x7b || !text.trimEnd().endsWith('}')) return undefined;
  const line = parseObject(text);
  if (line === undefined) return undefined;
  const properties: Properties = { ...objectAt(line, 'Properties'), ...stateOf(line), ...line };
  const messageKey = MESSAGE_KEYS.find((key) => typeof line[key] === 'string');
  const levelKey = LEVEL_KEYS.find((key) => levelOf(line[key]) !== undefined);
  const timeKey = TIME_KEYS.find((key) => isTime(line[key]));
  if (messageKey === undefined || (levelKey === undefined && timeKey === undefined)) return undefined;
  const template = String(line[messageKey]);
  const isTemplate = messageKey === '@mt' || messageKey === 'MessageTemplate';
  const isPino = messageKey === 'msg';
  const detailKey = DETAIL_KEYS.find((key) => typeof line[key] === 'string' && line[key] !== '');
  const error = objectAt(line, 'err');
  const stack = typeof error.stack === 'string' ? error.stack : undefined;
  const told = new Set([messageKey, levelKey, timeKey, detailKey, stack === undefined ? undefined : 'err']);
  return {
    // Serilog leaves out the level that is most frequent.
    level: levelKey === undefined ? levelByDefault(line) : levelOf(line[levelKey]),
    message: isTemplate ? fillTemplate(template, properties) : template,
    fields: Object.entries(properties).filter(
      ([key, value]) => !told.has(key) && !(isPino && PINO_SILENT.has(key)) && isTelling(key, value),
    ),
    detail: detailKey === undefined ? stack : String(line[detailKey]),
  };
}

function parseObject(text: string): Properties | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(line: Properties, key: string): Properties {
  const value = line[key];
  return isObject(value) ? value : {};
}

/** .NET repeats the message, and its template, in the state. */
function stateOf(line: Properties): Properties {
  const state = line.State;
  if (!isObject(state)) return {};
  const { Message: _message, '{OriginalFormat}': _format, ...rest } = state;
  return rest;
}

function levelOf(value: unknown): LogLevel | undefined {
  if (typeof value === 'string') return LEVELS.get(value.toLowerCase());
  if (typeof value !== 'number') return undefined;
  // pino and bunyan: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
  const names: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
  return names[Math.min(Math.max(Math.round(value / 10) - 1, 0), names.length - 1)];
}

function levelByDefault(line: Properties): LogLevel | undefined {
  return '@t' in line ? 'info' : undefined;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /\d/.test(value));
}

function isTelling(key: string, value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (SILENT.has(key) || (key === 'EventId' && value === 0) || (UNFOLDED.has(key) && isObject(value))) return false;
  return !(Array.isArray(value) && value.length === 0);
}

/** `Hello {Name}, {@Order}, {Elapsed:0.0}` with the line's own properties. */
function fillTemplate(template: string, properties: Properties): string {
  return template.replace(/\{[@$]?(\w+)(?:,-?\d+)?(?::[^}]*)?\}/g, (hole, key: string) => {
    if (!Object.hasOwn(properties, key)) return hole;
    const value = properties[key];
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
