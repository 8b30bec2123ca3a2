import type { Code } from './catalogue.ts';
import { compareLocations, type Location } from './location.ts';

/** One problem in what the user wrote. Problems are returned, all of them, and never thrown. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** One sentence: where in the model, what was expected, what stands there. */
  readonly message: string;
  readonly location?: Location | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** The other places that belong to the problem, such as the first of two equal keys. */
  readonly related?: readonly { readonly message: string; readonly location: Location }[] | undefined;
}

/** Sorted by place, without repeats: a value that several services or environments inherit is reported once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return [...diagnostics]
    .sort((a, b) => compareLocations(a.location, b.location) || (a.message < b.message ? -1 : 1))
    .filter((diagnostic) => {
      const { code, message, location } = diagnostic;
      const key = JSON.stringify(location === undefined ? [code, message] : [code, location]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** A value with the problems found while making it; no value when it could not be made. */
export interface Outcome<T> {
  readonly value?: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
