import type { Code } from '../../diagnostics/catalogue.ts';
import type { Location } from '../../diagnostics/location.ts';
import type { KnownHost } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { KubeObject, Workload } from '../kubernetes/objects.ts';
import type { PodIndex } from '../kubernetes/pod-index.ts';
import { field } from '../read-documents.ts';

/** The objects of one target, with what is known about them. */
export interface StructureInput {
  readonly target: string;
  readonly objects: readonly KubeObject[];
  /** Each workload, and the node that it is. */
  readonly workloads: ReadonlyMap<Workload, string>;
  readonly hosts: readonly KnownHost[];
  /** Who may call whom; missing where there is no manifest that could say it. */
  readonly edges?: readonly DeclaredEdge[] | undefined;
  /** Secrets that somebody else makes. */
  readonly provided?: readonly string[] | undefined;
}

/** What each check gets: the index of its pods is made once for all of them. */
export interface CheckInput extends StructureInput {
  readonly pods: PodIndex;
}

/** The manifest lets one node call another one. */
export interface DeclaredEdge {
  readonly from: string;
  readonly to: string;
  /** The ports that are called; empty for any. */
  readonly ports: readonly number[];
  readonly at: Location;
}

/** One of the structural checks: what it looked at, and what is wrong. */
export interface CheckResult {
  readonly comparisons: number;
  readonly findings: readonly Finding[];
}

export interface Wrong {
  readonly code: Code;
  readonly service?: string | undefined;
  readonly fact: string;
  readonly message: string;
  readonly at: Location;
  /** What it does not fit to, where that has a place. */
  readonly other?: { readonly what: string; readonly at: Location } | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** The lines of its places may hold a secret. */
  readonly hidden?: true | undefined;
  readonly hint: string;
}

/** Something that is wrong within one target. */
export function finding({ target }: Pick<StructureInput, 'target'>, wrong: Wrong): Finding {
  const { at, other, service = '', ...rest } = wrong;
  return {
    ...rest,
    target,
    service,
    places: [...(other === undefined ? [] : [other]), { what: target, at }],
  };
}

/** `Deployment gateway`, as kubectl and people call an object. */
export function objectWords({ kind, name }: Pick<KubeObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** An object whose selector matches nothing there is. */
export function selectsNothing(
  input: Pick<StructureInput, 'target'>,
  object: KubeObject,
  { code, what }: { readonly code: Code; readonly what: 'pods' | 'Service' },
): Finding {
  return finding(input, {
    code,
    fact: objectWords(object),
    message: `${objectWords(object)} selects no ${what}`,
    at: field(object.tree, 'spec', 'selector')?.at ?? object.at,
    hint: `make its selector match the labels of the ${what === 'pods' ? 'pods' : 'Services'} that it is for`,
  });
}
