import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import { messageOf } from '../diagnostics/mesh-error.ts';
import { withoutColours } from './visible-text.ts';

export type Verdict = 'shown' | 'unmatched' | 'excluded';

/** Judges the text of a whole entry, its lines joined by line feeds. */
export type LogFilter = (text: string) => Verdict;

export interface LogPatterns {
  /** Any of them must match; no pattern matches everything. */
  readonly grep: readonly string[];
  /** None of them may match. */
  readonly exclude: readonly string[];
}

/**
 * Compiles `--grep` and `--exclude`: regular expressions with smart case, that is, upper and lower case differ only when
 * the pattern has an upper-case letter. `^` and `$` are the ends of a line; a service's colours are not part of the text.
 *
 * @returns MESH1501 for each pattern that is not a regular expression
 */
export function compileLogFilter(patterns: LogPatterns): Outcome<LogFilter> {
  const diagnostics: Diagnostic[] = [];
  const compile = (flag: string, sources: readonly string[]) =>
    sources.flatMap((source) => {
      const compiled = compilePattern(flag, source);
      if (compiled instanceof RegExp) return [compiled];
      diagnostics.push(compiled);
      return [];
    });
  const grep = compile('--grep', patterns.grep);
  const exclude = compile('--exclude', patterns.exclude);
  if (diagnostics.length > 0) return { diagnostics };
  const value: LogFilter = (text) => {
    const plain = withoutColours(text);
    if (exclude.some((pattern) => pattern.test(plain))) return 'excluded';
    return grep.length === 0 || grep.some((pattern) => pattern.test(plain)) ? 'shown' : 'unmatched';
  };
  return { value, diagnostics };
}

function compilePattern(flag: string, source: string): RegExp | Diagnostic {
  const flags = hasUpperCase(source) ? 'm' : 'im';
  // `\p{…}` means something only with the u flag, which is stricter about needless escapes; so only then.
  const unicode = source.includes('\\p{') || source.includes('\\P{') ? 'u' : '';
  try {
    return new RegExp(source, flags + unicode);
  } catch (error) {
    return {
      code: 'MESH1501',
      severity: 'error',
      message: `${flag} '${source}' is not a regular expression: ${reasonOf(error)}`,
      hint: `to find it as plain text: ${flag} '${source.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}'`,
    };
  }
}

/** A letter after a backslash is a class (`\S`, `\W`), not a letter to find. */
function hasUpperCase(source: string): boolean {
  return /\p{Lu}/u.test(source.replace(/\\[pP]\{[^}]*\}|\(\?<\w+>|\\./gu, ''));
}

/** V8 says `Invalid regular expression: /(/im: Unterminated group`; the last part is the news. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const reason = message.slice(message.lastIndexOf(': ') + 1).trim();
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
