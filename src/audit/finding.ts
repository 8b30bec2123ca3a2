import type { Code } from '../diagnostics/catalogue.ts';
import { compareLocations, type Location } from '../diagnostics/location.ts';

/** One of the places that a finding is about. */
export interface Place {
  /** What stands there, in a word or two: `manifest`, `k8s`. */
  readonly what: string;
  readonly at: Location;
}

/** A difference, or something within one target that cannot work. */
export interface Finding {
  readonly code: Code;
  /** Which artefacts it is about: `compose`, `k8s`, `helm prod`. */
  readonly target: string;
  /** The service; empty for what belongs to none. */
  readonly service: string;
  /** What of it, such as `variable URLS`. */
  readonly fact: string;
  /** One sentence. */
  readonly message: string;
  /** Two where there are two: what it is held against, and what was found. */
  readonly places: readonly Place[];
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** The lines of its places may hold a secret, and must not be shown. */
  readonly hidden?: true | undefined;
  /** What to do about it. */
  readonly hint: string;
}

/** What an audit has to say. */
export interface Audit {
  /** How many facts were held against another one. */
  readonly comparisons: number;
  readonly findings: readonly Finding[];
}

export function joinAudits(audits: readonly Audit[]): Audit {
  return {
    comparisons: audits.reduce((sum, audit) => sum + audit.comparisons, 0),
    findings: audits.flatMap((audit) => audit.findings),
  };
}

/** By service, then in the order of places: the same on every run. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compareTexts(a.service, b.service) ||
      compareTexts(a.target, b.target) ||
      compareLocations(a.places.at(-1)?.at, b.places.at(-1)?.at) ||
      compareTexts(a.message, b.message),
  );
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
