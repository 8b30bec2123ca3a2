import type { Diagnostic } from './diagnostic.ts';
import { formatLocation, type Location, type Source } from './location.ts';

/** Lines longer than this are cut around the blamed part, so that a frame never wraps on a usual terminal. */
const MAX_WIDTH = 110;
/** How much of a cut line is shown before the blamed part. */
const LEAD = 40;

/** What a terminal would obey instead of showing it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
/** East Asian characters that take two columns each; emoji are two code units and need no rule. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;
const WIDE_SPACE = '\u3000';

/**
 * The blamed line with a marker under it, and one line before it for context.
 * Plain text: colour is the reporter's business.
 */
export function renderCodeFrame(source: Source, location: Location, note = ''): string {
  const lines = source.text.split(/\r?\n/).map((line) => line.replace(CONTROL, '\ufffd'));
  const gutter = String(location.line).length + 2;
  const blamed = lines[location.line - 1] ?? '';
  const before = lines[location.line - 2] ?? '';
  const from = location.column > MAX_WIDTH - 30 ? location.column - LEAD : 0;
  const shown: string[] = [];
  if (window(before, from).trim() !== '') shown.push(row(String(location.line - 1), window(before, from), gutter));
  shown.push(row(String(location.line), window(blamed, from), gutter));
  const marker = row('', window(markerOf(blamed, location), from), gutter);
  shown.push(note === '' ? marker : `${marker}  ${note}`);
  return shown.join('\n');
}

function row(number: string, text: string, gutter: number): string {
  return `${number.padStart(gutter)} | ${text}`.trimEnd();
}

/** Spaces as wide as what stands before the blamed part, tabs included, then one ^ for each of its columns. */
function markerOf(blamed: string, location: Location): string {
  const end = location.endLine === location.line ? Math.min(location.endColumn, blamed.length + 1) : blamed.length + 1;
  const before = blamed
    .slice(0, location.column - 1)
    .replace(/[^\t]/g, (letter) => (letter.match(WIDE) ? WIDE_SPACE : ' '));
  const part = blamed.slice(location.column - 1, end - 1).replace(/./gs, (letter) => (letter.match(WIDE) ? '^^' : '^'));
  return `${before}${part === '' ? '^' : part}`;
}

function window(text: string, from: number): string {
  const part = text.slice(from, from + MAX_WIDTH);
  if (part.trim() === '') return '';
  return `${from > 0 ? '…' : ''}${part}${text.length > from + MAX_WIDTH && !part.endsWith('^') ? '…' : ''}`;
}

/** The whole problem as plain text: headline, code frame, hint, related places. */
export function renderDiagnostic(diagnostic: Diagnostic, sources: ReadonlyMap<string, Source>): string {
  const { location } = diagnostic;
  const hint = diagnostic.hint === undefined ? '' : `hint: ${diagnostic.hint}`;
  const head = `${diagnostic.severity} ${diagnostic.code} ${diagnostic.message}`;
  if (location === undefined) return hint === '' ? head : `${head}\n  ${hint}`;
  const source = sources.get(location.file);
  const blocks = [`${formatLocation(location)} ${head}`];
  if (source !== undefined) blocks.push(renderCodeFrame(source, location, hint));
  else if (hint !== '') blocks.push(`  ${hint}`);
  for (const related of diagnostic.related ?? []) {
    blocks.push(`  ${formatLocation(related.location)} ${related.message}`);
  }
  return blocks.join('\n');
}
