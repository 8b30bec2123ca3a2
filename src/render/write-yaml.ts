import {
  Alias,
  Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  Scalar,
  type ScalarTag,
  Schema,
  type Tags,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Note } from './note.ts';

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

// Compose and Kubernetes read YAML 1.1, where more plain words are numbers, dates and booleans than in YAML 1.2: 1_000,
// 2020-01-01, yes.
const OTHER_TYPE_IN_YAML_1_1 = /^(?:[-+]?\.?\d[\da-fox_.:+\-tz ]*|y|n|yes|no|on|off|=)$/i;

// Parsers differ in what they take as a plain word inside brackets: Compose's stops at `:2134 0+`.
const SAFE_IN_FLOW = /^[\w./-](?:[\w./:=@ -]*[\w./-])?$/;

// Nothing but letters, digits and single signs within, and none of YAML's own words: plain in whatever place it stands.
const PLAIN_WORD = /^(?!(?:true|false|null)$)[A-Za-z](?:[\w./-]*\w)?$/i;

/**
 * The usual schema, made once. The library tests each text against all other types before it writes it, which for a few
 * thousand short words takes half of the time.
 */
const SCHEMA = new Schema({
  schema: 'core',
  customTags: (tags) => tags.map((tag) => (isStringTag(tag) ? { ...tag, stringify: quickly(tag.stringify) } : tag)),
});

type Stringify = NonNullable<ScalarTag['stringify']>;
type StringTag = ScalarTag & { readonly stringify: Stringify };

function isStringTag(tag: Tags[number]): tag is StringTag {
  return typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:str' && 'stringify' in tag;
}

function quickly(write: Stringify): Stringify {
  return (item, ...context) => {
    const { value, type } = item;
    const isPlain = type === undefined && typeof value === 'string' && PLAIN_WORD.test(value);
    return isPlain ? value : write(item, ...context);
  };
}

/** Data and its comments as YAML text. */
export function writeYaml(file: YamlFile): string {
  const document = new Document(file.data, { aliasDuplicateObjects: false, schema: SCHEMA });
  if (file.header !== '') document.commentBefore = commentText(file.header);
  for (const shared of file.shared) mergeShared(document, shared);
  for (const note of file.notes) attachNote(document, note);
  for (const path of file.apart) separateEntries(document, path);
  visit(document, { Scalar: (_, scalar) => quoteIfOtherType(scalar) });
  visit(document, {
    Collection: (_, collection) => writeInline(collection),
    Pair: (_, { key }) => {
      if (isScalar(key) && file.oneEntryPerLine.has(String(key.value))) return visit.SKIP;
      return undefined;
    },
  });
  // Only literal blocks, and no folding: a wrapped command or an URL can be neither searched for nor copied.
  return document.toString({ lineWidth: 0, blockQuote: 'literal' });
}

function mergeShared(document: Document, shared: SharedMapping): void {
  const mapping = nodeAt(document, shared.at);
  if (!isMap(mapping)) throw new Error(`no mapping at ${shared.at.join('.')}`);
  // Not document.createAlias: it walks the whole document for a free name, and ours are free by construction.
  mapping.anchor = shared.anchor;
  for (const path of shared.aliases) document.setIn(path, new Alias(shared.anchor));
}

function attachNote(document: Document, note: Note): void {
  const target = note.place === 'above' ? keyAt(document, note.path) : nodeAt(document, note.path);
  if (note.place === 'beside') target.comment = commentText(note.text);
  else target.commentBefore = commentText(note.text);
}

function separateEntries(document: Document, path: Path): void {
  const mapping = path.length === 0 ? document.contents : document.getIn(path);
  if (!isMap(mapping)) return;
  for (const [index, pair] of mapping.items.entries()) {
    if (index > 0 && isScalar(pair.key)) pair.key.spaceBefore = true;
  }
}

function writeInline(collection: YAMLMap | YAMLSeq): void {
  const values = collection.items.map((item) => (isPair(item) ? item.value : item));
  if (!values.every(isScalar)) return;
  const text = JSON.stringify(collection);
  if (text.length < LINE_WIDTH && !text.includes('\\n')) {
    collection.flow = true;
    for (const value of values) quoteInFlow(value);
  }
}

function quoteInFlow(scalar: Scalar): void {
  if (typeof scalar.value !== 'string' || SAFE_IN_FLOW.test(scalar.value) || scalar.type !== undefined) return;
  scalar.type = /["\\]/.test(scalar.value) && !scalar.value.includes("'") ? Scalar.QUOTE_SINGLE : Scalar.QUOTE_DOUBLE;
}

function quoteIfOtherType(scalar: Scalar): void {
  if (typeof scalar.value === 'string' && OTHER_TYPE_IN_YAML_1_1.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
}

function nodeAt(document: Document, path: Path): Node {
  const node = document.getIn(path, true);
  if (!isScalar(node) && !isCollection(node)) throw new Error(`nothing at ${path.join('.')}`);
  return node;
}

function keyAt(document: Document, path: Path): Node {
  const parent = nodeAt(document, path.slice(0, -1));
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  if (!isPair(pair) || !isScalar(pair.key)) throw new Error(`no key at ${path.join('.')}`);
  return pair.key;
}

function commentText(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? ' ' : ` ${line}`))
    .join('\n');
}
