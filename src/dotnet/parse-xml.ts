import { parseXml as parse, XmlElement, XmlError } from '@rgrove/parse-xml';
import type { Outcome } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';

/** An element of a project file. Names are compared as MSBuild does, which knows no case. */
export interface Element {
  readonly name: string;
  /** Lower-case name → value. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  readonly text: string;
  /** Its place; with the name of an attribute, that of the attribute's value. */
  readonly at: (attribute?: string) => Location;
}

/** Project files and NuGet.config are both XML; neither of them uses more of it than elements and attributes. */
export function parseXml(source: Source): Outcome<Element> {
  try {
    const { root } = parse(source.text, { includeOffsets: true });
    if (root === null) return { diagnostics: [] };
    return { value: elementOf(root, source, lineStarts(source.text)), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { line, column, message } = error;
    const words = message.replace(/ \(line[\s\S]*$/, '').replace(/^./, (letter) => letter.toLowerCase());
    const location = { file: source.file, line, column, endLine: line, endColumn: column + 1 };
    const problem = {
      code: 'MESH1601',
      severity: 'error',
      message: `this is no valid XML: ${words}`,
      location,
    } as const;
    return { diagnostics: [problem] };
  }
}

function elementOf(node: XmlElement, source: Source, starts: readonly number[]): Element {
  return {
    name: node.name.toLowerCase(),
    attributes: new Map(Object.entries(node.attributes).map(([name, value]) => [name.toLowerCase(), value])),
    children: node.children
      .filter((child) => child instanceof XmlElement)
      .map((child) => elementOf(child, source, starts)),
    text: node.text.trim(),
    at: (attribute) => {
      const [start, end] = rangeOf(node, source.text, attribute);
      const from = placeOf(start, starts);
      const to = placeOf(end, starts);
      return { file: source.file, ...from, endLine: to.line, endColumn: to.column };
    },
  };
}

/** The parser knows where an element begins; where its attributes stand is looked for in its first tag. */
function rangeOf(node: XmlElement, text: string, attribute: string | undefined): [number, number] {
  const tag = /^<(?:[^"'>]|"[^"]*"|'[^']*')*>?/.exec(text.slice(node.start, node.end))?.[0] ?? '';
  if (attribute !== undefined) {
    const found = new RegExp(`\\s${attribute}\\s*=\\s*(["'])`, 'i').exec(tag);
    if (found !== null) {
      const start = found.index + found[0].length;
      return [node.start + start, node.start + tag.indexOf(found[1] ?? '"', start)];
    }
  }
  return [node.start, node.start + tag.length];
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)];
}

function placeOf(offset: number, starts: readonly number[]): { readonly line: number; readonly column: number } {
  const after = starts.findIndex((start) => start > offset);
  const line = after === -1 ? starts.length : after;
  return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
}
