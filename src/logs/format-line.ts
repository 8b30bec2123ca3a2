import type { LogEntry } from './log-entry.ts';
import { sortableTime } from './log-time.ts';
import type { Redact } from './redact-secrets.ts';
import { type LogLevel, parseStructured, type StructuredLine } from './structured-line.ts';
import { escapeControls, visibleText } from './visible-text.ts';

/** The colours that a log needs. `report` makes them; here only their meaning is known. */
export interface LogStyles {
  /** `keep` where colours are shown at all; `strip` also takes out those that a service wrote itself. */
  readonly colours: 'keep' | 'strip';
  /** The colour of a service; `index` is not bounded, so take it modulo the number of colours. */
  service(index: number, text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

export const plainLogStyles: LogStyles = {
  colours: 'strip',
  service: (_index, text) => text,
  dim: (text) => text,
  red: (text) => text,
  yellow: (text) => text,
};

export interface TextFormatOptions {
  /** Those that may speak: the names are padded to the longest. */
  readonly nodes: readonly string[];
  /** All nodes of the mesh in its order, so that a service has its colour whichever services are shown. */
  readonly colourOrder?: readonly string[] | undefined;
  /** `none` leaves the bare text. */
  readonly prefix: 'node' | 'none';
  /** `clock` is the local time of day with milliseconds; `full` is the engine's own stamp. */
  readonly time: 'clock' | 'full';
  /** `raw` shows JSON lines as they are. */
  readonly structured: 'fields' | 'raw';
  readonly styles: LogStyles;
  /** Once more, on what was read out of JSON: there a secret may have been written in another form. */
  readonly redact?: Redact | undefined;
}

/** The text of an entry, each of its lines with a line end. */
export type EntryFormat = (entry: LogEntry) => string;

/** `12:03:44.120 gateway        | GET /api/config 200 3 ms`: for people. The lines of an entry share its time. */
export function createTextFormat(options: TextFormatOptions): EntryFormat {
  const prefixOf = options.prefix === 'none' ? () => '' : createPrefix(options);
  const { styles, structured, redact } = options;
  return (entry) => {
    const prefix = prefixOf(entry);
    let out = '';
    for (const line of entry.lines) {
      const parsed = structured === 'fields' ? parseStructured(line.text) : undefined;
      if (parsed === undefined) {
        out += `${prefix}${visibleText(line.text, styles.colours)}\n`;
      } else {
        for (const text of structuredLines(parsed, styles, redact)) out += `${prefix}${text}\n`;
      }
    }
    return out;
  };
}

/** NDJSON, one object a line of log: for scripts. Nothing is folded, and a line keeps its own time. */
export function formatJson(entry: LogEntry): string {
  let out = '';
  for (const { at, node, replica, stream, text } of entry.lines) {
    out += `${escapeControls(JSON.stringify({ v: 1, at, node, replica, stream, text }))}\n`;
  }
  return out;
}

/** What `--grep` sees of a line besides the line itself: the fields as they are shown. `undefined` when it is not JSON. */
export function shownFields(text: string): string | undefined {
  const parsed = parseStructured(text);
  return parsed === undefined ? undefined : structuredLines(parsed, plainLogStyles, undefined).join('\n');
}

function structuredLines(line: StructuredLine, styles: LogStyles, redact: Redact | undefined): string[] {
  const clean = (text: string) => visibleText(redact === undefined ? text : redact(text), styles.colours);
  const level = line.level === undefined ? '' : `${inColour(line.level, styles)} `;
  const fields = line.fields.map(
    ([key, value]) => ` ${styles.dim(`${clean(key)}=`)}${clean(formatValue(value, redact))}`,
  );
  const [first = '', ...more] = line.message.split(/\r?\n/);
  const detail = line.detail?.trimEnd().split(/\r?\n/) ?? [];
  return [`${level}${clean(first)}${fields.join('')}`, ...[...more, ...detail].map((text) => `  ${clean(text)}`)];
}

function inColour(level: LogLevel, styles: LogStyles): string {
  if (level === 'error' || level === 'fatal') return styles.red(level);
  if (level === 'warn') return styles.yellow(level);
  return styles.dim(level);
}

/** A text without blanks needs no quotes; all else is written as JSON, so that one value is one word or one literal. */
function formatValue(value: unknown, redact: Redact | undefined): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const text = redact === undefined ? value : redact(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function createPrefix({ nodes, colourOrder = nodes, time, styles }: TextFormatOptions): EntryFormat {
  const timeOf = time === 'full' ? (at: string) => at : createLocalTime();
  const colours = new Map(colourOrder.map((node, index) => [node, index]));
  const names = new Map<string, string>();
  let width = Math.max(0, ...nodes.map((node) => node.length));

  const nameOf = (node: string, replica: number): string => {
    const label = replica > 1 ? `${node}-${replica}` : node;
    let name = names.get(label);
    if (name === undefined) {
      if (label.length > width) {
        width = label.length;
        names.clear();
      }
      const index = colours.get(node) ?? colourOrder.length + hash(node);
      name = `${styles.service(index, `${label.padEnd(width)} |`)} `;
      names.set(label, name);
    }
    return name;
  };
  return ({ at, node, replica }) => `${styles.dim(timeOf(at))} ${nameOf(node, replica)}`;
}

/** `12:03:44.120` of an ISO time, in the zone of this process. Lines come in the order of time, so one second is kept. */
function createLocalTime(): (at: string) => string {
  let second = '';
  let shown = '';
  return (at) => {
    const time = at.length === 30 && at.endsWith('Z') ? at : sortableTime(at);
    if (time === '') return '--:--:--.---';
    const start = time.slice(0, 19);
    if (start !== second) {
      const date = new Date(`${start}Z`);
      shown = [date.getHours(), date.getMinutes(), date.getSeconds()]
        .map((part) => String(part).padStart(2, '0'))
        .join(':');
      second = start;
    }
    return `${shown}.${time.slice(20, 23)}`;
  };
}

/** A colour for a name that the mesh does not know, the same in every run. */
function hash(name: string): number {
  let value = 0;
  for (const character of name) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return value;
}
