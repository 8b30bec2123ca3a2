import type { Audit } from '../../../src/audit/finding.ts';
import { createRandom } from '../random.ts';
import type { Mutation } from './mutations.ts';

/** An artefact without a fault, and how it is audited. */
export interface Audited {
  readonly text: string;
  readonly audit: (text: string) => Audit;
}

export interface MutationRow {
  /** `4 of 4  drop a variable` */
  readonly line: string;
  /** The numbers of the artefacts in which it was not found. */
  readonly missed: readonly number[];
}

/** How often each kind of change is tried, on so many artefacts. */
const TRIES = 4;

/** How many of the changes of each kind are found. */
export function mutationTable(mutations: readonly Mutation[], artefacts: readonly Audited[]): MutationRow[] {
  return mutations.map(({ name, apply }, first) => {
    const tries: { readonly number: number; readonly found: boolean }[] = [];
    for (let index = 0; index < artefacts.length && tries.length < TRIES; index++) {
      const number = 1 + ((first + index) % artefacts.length);
      const artefact = artefacts[number - 1];
      const mutant = artefact && apply(artefact.text, createRandom(number));
      if (artefact === undefined || mutant === undefined) continue;
      tries.push({ number, found: artefact.audit(mutant).findings.length > 0 });
    }
    const missed = tries.filter(({ found }) => !found).map(({ number }) => number);
    return { line: `${tries.length - missed.length} of ${tries.length}  ${name}`, missed };
  });
}
