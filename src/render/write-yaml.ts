import type { Note } from './note.ts';
import { writeScalar } from './write-scalar.ts';

type Path = readonly (string | number)[];

/** A mapping that is written once, and merged in other places through an alias. */
export interface SharedMapping {
  readonly anchor: string;
  readonly at: Path;
  readonly aliases: readonly Path[];
}

export interface YamlFile {
  /** The comment at the top; empty for none. */
  readonly header: string;
  readonly data: object;
  readonly notes: readonly Note[];
  readonly shared: readonly SharedMapping[];
  /** Mappings whose entries stand apart by an empty line; an empty path is the file itself. */
  readonly apart: readonly Path[];
  /** Keys whose entries get a line each. Other lists and mappings of plain values are written on one line if they fit. */
  readonly oneEntryPerLine: ReadonlySet<string>;
}

const LINE_WIDTH = 120;

/** What a place of the data has beside its value. */
interface Marks {
  above?: string;
  beside?: string;
  anchor?: string;
  alias?: string;
  apart?: true;
  readonly below: Map<string, Marks>;
}

/** How a value is written: its place in the file, and whether lists and mappings may stand on one line. */
interface Layout {
  readonly indent: string;
  readonly marks: Marks | undefined;
  readonly inline: 'if it fits' | 'never';
  readonly oneEntryPerLine: ReadonlySet<string>;
}

/**
 * Data and its comments as YAML text. Only what such data needs of YAML is written, which takes a tenth of the time of a
 * library that makes a document of nodes first; a test reads back with such a library whatever is written here.
 */
export function writeYaml(file: YamlFile): string {
  const { data, oneEntryPerLine } = file;
  const text = writeValue(data, { indent: '', marks: marksOf(file), inline: 'if it fits', oneEntryPerLine });
  const header = file.header === '' ? '' : `${comment(file.header, '')}\n\n`;
  return `${header}${text.replace(/^\n/, '')}\n`;
}

function marksOf({ data, notes, shared, apart }: YamlFile): Marks {
  const root: Marks = { below: new Map() };
  for (const { path, place, text } of notes) markAt(root, data, path)[place] = text;
  for (const { anchor, at, aliases } of shared) {
    markAt(root, data, at).anchor = anchor;
    for (const path of aliases) markAt(root, data, path).alias = anchor;
  }
  for (const path of apart) if (valueAt(data, path) !== undefined) markAt(root, data, path).apart = true;
  return root;
}

function markAt(root: Marks, data: object, path: Path): Marks {
  if (valueAt(data, path) === undefined) throw new Error(`nothing at ${path.join('.')}`);
  let marks = root;
  for (const step of path) {
    const next = marks.below.get(String(step)) ?? { below: new Map() };
    marks.below.set(String(step), next);
    marks = next;
  }
  return marks;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (isCollection(value) ? (value as Readonly<Record<string, unknown>>)[step] : undefined),
    data,
  );
}

/** What stands behind a key or dash: after a space if it is one line, after a line break if it is more. */
function writeValue(value: unknown, layout: Layout): string {
  const { marks, indent } = layout;
  if (marks?.alias !== undefined) return `*${marks.alias}`;
  const text = isCollection(value) ? writeCollection(value, layout) : writeScalar(value, { kind: 'value', indent });
  const named = marks?.anchor === undefined ? text : `&${marks.anchor}${text.startsWith('\n') ? '' : ' '}${text}`;
  if (marks?.beside === undefined) return named;
  if (named.includes('\n')) throw new Error('there is no place beside a value of several lines');
  return `${named} ${comment(marks.beside, '')}`;
}

function writeCollection(value: object, layout: Layout): string {
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return isList ? '[]' : '{}';
  if (layout.inline === 'if it fits' && !hasMarks(layout.marks) && fitsOnOneLine(value))
    return isList ? inlineList(value) : inlineMapping(entries);
  const write = isList ? writeItem : writeEntry;
  const { marks, indent } = layout;
  const texts: string[] = [];
  for (const [index, [key, item]] of entries.entries()) {
    // Behind a block that keeps the line breaks at its end, there is an empty line already.
    if (index > 0 && marks?.apart === true && texts.at(-1)?.endsWith('\n') === false) texts.push('\n');
    const above = marks?.below.get(key)?.above;
    if (above !== undefined) texts.push(`\n${comment(above, indent)}`);
    texts.push(`\n${indent}${write(key, item, layout)}`);
  }
  return texts.join('');
}

function writeEntry(key: string, value: unknown, layout: Layout): string {
  const marks = layout.marks?.below.get(key);
  const inline = layout.oneEntryPerLine.has(key) ? 'never' : layout.inline;
  const text = writeValue(value, { ...layout, marks, inline, indent: `${layout.indent}  ` });
  return `${writeScalar(key, { kind: 'key' })}:${text.startsWith('\n') ? '' : ' '}${text}`;
}

function writeItem(index: string, value: unknown, layout: Layout): string {
  const indent = `${layout.indent}  `;
  const text = writeValue(value, { ...layout, marks: layout.marks?.below.get(index), indent });
  // The first entry of a mapping stands behind the dash.
  return `- ${text.startsWith('\n') ? text.slice(1 + indent.length) : text}`;
}

/** Comments and empty lines need lines of their own. */
function hasMarks(marks: Marks | undefined): boolean {
  return marks !== undefined && (marks.apart === true || marks.below.size > 0);
}

function fitsOnOneLine(value: object): boolean {
  if (Object.values(value).some(isCollection)) return false;
  const text = JSON.stringify(value);
  return text.length < LINE_WIDTH && !text.includes('\\n');
}

function inlineList(values: readonly unknown[]): string {
  return `[ ${values.map((value) => writeScalar(value, { kind: 'value in brackets' })).join(', ')} ]`;
}

function inlineMapping(entries: readonly (readonly [string, unknown])[]): string {
  const written = entries.map(
    ([key, value]) =>
      `${writeScalar(key, { kind: 'key in brackets' })}: ${writeScalar(value, { kind: 'value in brackets' })}`,
  );
  return `{ ${written.join(', ')} }`;
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function comment(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? `${indent}#` : `${indent}# ${line}`))
    .join('\n');
}
