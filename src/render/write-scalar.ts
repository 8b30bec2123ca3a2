/** Where a scalar stands, which decides how it may be written. */
export type ScalarPlace =
  | { readonly kind: 'key' | 'key in brackets' | 'value in brackets' }
  /** Where there is room for lines; `indent` is that of the lines below it. */
  | { readonly kind: 'value'; readonly indent: string };

// Nothing but letters, digits and single signs within, and none of YAML's own words: plain in whatever place it stands.
const PLAIN_WORD = /^(?!(?:true|false|null|y|n|yes|no|on|off)$)[A-Za-z](?:[\w./-]*\w)?$/i;

// Compose and Kubernetes read YAML 1.1, where more plain words are numbers, dates and booleans than in YAML 1.2: 1_000,
// 2020-01-01, yes.
const OTHER_TYPE = /^(?:[-+]?\.?\d[\da-fox_.:+\-tz ]*|y|n|yes|no|on|off|=|~|null|true|false|[-+]?\.inf|\.nan)$|^$/i;

// A sign that begins something else, a mark of a document, or what would end the word: `: `, ` #`, a space at the end.
const NOT_PLAIN = /^[\n\t ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-][ \t]|^(?:---|\.\.\.)|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]$/;

// Parsers differ in what they take as a plain word inside brackets: Compose's stops at `:2134 0+`.
const SAFE_IN_BRACKETS = /^[\w./-](?:[\w./:=@ -]*[\w./-])?$/;

// Anything else is written by escapes: control characters, halves of surrogate pairs, which are no characters at all, the
// mark of a byte order, and the separators of lines that YAML 1.1 takes for line breaks.
const PRINTABLE = /^[\t\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\u{10ffff}]*$/u;

/**
 * A text, number, boolean or null, the same in YAML 1.1 and 1.2. Nothing is folded: a wrapped command or URL can be
 * neither searched for nor copied.
 */
export function writeScalar(value: unknown, place: ScalarPlace): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (PLAIN_WORD.test(value)) return value;
  if (!PRINTABLE.test(value) || OTHER_TYPE.test(value)) return doubleQuoted(value);
  if (value.includes('\n')) return place.kind === 'value' ? literalBlock(value, place.indent) : doubleQuoted(value);
  if (!NOT_PLAIN.test(value) && isPlainIn(place, value)) return value;
  const isEscaped = place.kind === 'value in brackets' ? /["\\]/ : /"/;
  // In the quotes that need no escapes, if there are such.
  return isEscaped.test(value) && !value.includes("'") ? `'${value}'` : doubleQuoted(value);
}

function isPlainIn({ kind }: ScalarPlace, value: string): boolean {
  if (kind === 'value in brackets') return SAFE_IN_BRACKETS.test(value);
  return kind !== 'key in brackets' || !/[[\]{},]/.test(value);
}

// The escapes of JSON are ones of YAML, too; these JSON leaves as they are.
const UNESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The lines as they are; where the last one is nothing but spaces, these would be lost, so that the text is quoted. */
function literalBlock(value: string, indent: string): string {
  if (/(?:^|\n)[\t ]+$|^[\t\n ]*$/.test(value)) return doubleQuoted(value);
  const endsLine = value.endsWith('\n');
  // Without a sign, one line break is read at the end; spaces at the beginning would be taken for the indent.
  const end = endsLine ? (/\n[\t ]*\n$/.test(value) ? '+' : '') : '-';
  const start = /^\n* /.test(value) ? '2' : '';
  const body = endsLine ? value.slice(0, -1) : value;
  return `|${start}${end}\n${body.replaceAll(/^(?=.)/gm, indent)}`;
}
