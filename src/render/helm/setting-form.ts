import type { Part, Value } from '../../mesh/value.ts';

/** How a part has to be written, so that any text survives at its place. */
export type Quoting =
  | 'none'
  /** The value of a pair of a connection string. */
  | 'connection'
  /** A part of a URL. */
  | 'url';

/** A part, and how its text has to be written. */
export interface QuotedPart {
  readonly part: Part;
  readonly quoting: Quoting;
}

const URL_START = /^[A-Za-z][\w+.-]*(?::[A-Za-z][\w+.-]*)*:\/\//;
const PAIR_START = /^\s*[A-Za-z][\w .]*=/;

/**
 * A setting that mixes fixed text with others, and the quoting that each part needs. `Host=…;Password=…` is read by the
 * rules of ADO.NET, where `;`, quotes and spaces end a value unless it is quoted; in a URL, `@` and `/` would end a
 * password unless they are encoded.
 */
export function quoteParts(value: Value): QuotedPart[] {
  if (value.length < 2) return value.map((part) => ({ part, quoting: 'none' }));
  const [first] = value;
  const start = first?.kind === 'text' && first.from === undefined ? first.text : '';
  if (URL_START.test(start) || (first?.kind === 'address' && first.property === 'url'))
    return value.map((part) => ({ part, quoting: isOpen(part) ? 'url' : 'none' }));
  return isConnectionString(value) ? quotePairs(value) : value.map((part) => ({ part, quoting: 'none' }));
}

/** Whether its text is not known before somebody fills it in. */
function isOpen(part: Part): boolean {
  return part.kind === 'secret' || part.kind === 'variable' || (part.kind === 'text' && part.from !== undefined);
}

/** Two pairs at least: a single `KEY=${secrets.x}` may be anything. */
function isConnectionString(value: Value): boolean {
  const pairs = value
    .map((part) => (part.kind === 'text' && part.from === undefined ? part.text : 'x'))
    .join('')
    .split(';')
    .filter((pair) => pair.trim() !== '');
  return pairs.length > 1 && pairs.every((pair) => PAIR_START.test(pair));
}

const OPENS = /=\s*(["']?)$/;
const CLOSES = /^(["']?)\s*(?=;|$)/;

/** Quotes that the manifest has around a part give way to those that the part gets by itself. */
function quotePairs(value: Value): QuotedPart[] {
  const texts = value.map((part) => (part.kind === 'text' && part.from === undefined ? part.text : undefined));
  const quotings = value.map((part, index): Quoting => {
    if (texts[index] !== undefined || part.kind === 'address') return 'none';
    const before = OPENS.exec(texts[index - 1] ?? '');
    const after = CLOSES.exec(index + 1 === value.length ? '' : (texts[index + 1] ?? ' x'));
    if (before === null || after === null || before[1] !== (after[1] ?? '')) return 'none';
    if (before[1] !== '') {
      texts[index - 1] = texts[index - 1]?.replace(/["']$/, '');
      texts[index + 1] = texts[index + 1]?.replace(/^["']/, '');
    }
    return 'connection';
  });
  return value.map((part, index) => {
    const text = texts[index];
    return { part: text === undefined ? part : { kind: 'text', text }, quoting: quotings[index] ?? 'none' };
  });
}
