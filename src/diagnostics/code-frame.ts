import type { Diagnostic } from './diagnostic.ts';
import { formatLocation, type Location, type Source } from './location.ts';

/** Lines longer than this are cut around the blamed part, so that a frame never wraps on a usual terminal. */
const MAX_WIDTH = 110;

/**
 * The blamed line with a marker under it, and one line before it for context.
 * Plain text: colour is the reporter's business.
 */
export function renderCodeFrame(source: Source, location: Location, note = ''): string {
  const lines = source.text.split(/\r?\n/);
  const gutter = String(location.line).length + 2;
  const shown: string[] = [];
  for (let number = Math.max(1, location.line - 1); number <= location.line; number++) {
    const text = lines[number - 1] ?? '';
    if (number < location.line && text.trim() === '') continue;
    shown.push(`${String(number).padStart(gutter)} | ${text}`.trimEnd());
  }
  const blamed = lines[location.line - 1] ?? '';
  const end = location.endLine === location.line ? location.endColumn : blamed.length + 1;
  const width = Math.max(1, Math.min(end, blamed.length + 1) - location.column);
  const marker = `${' '.repeat(gutter)} | ${' '.repeat(location.column - 1)}${'^'.repeat(width)}`;
  shown.push(note === '' ? marker : `${marker}  ${note}`);
  return cut(shown, gutter + 3 + location.column - 1).join('\n');
}

function cut(lines: readonly string[], column: number): readonly string[] {
  const from = column > MAX_WIDTH - 30 ? column - 40 : 0;
  if (from === 0) return lines.map((line) => (line.length > MAX_WIDTH + 60 ? `${line.slice(0, MAX_WIDTH)}…` : line));
  return lines.map((line) => `…${line.slice(from, from + MAX_WIDTH)}`);
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
