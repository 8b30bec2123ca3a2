import type { Location } from '../diagnostics/location.ts';

/** What a fact is about; decides which code a difference gets. */
export type Aspect =
  | 'service'
  | 'variable'
  | 'port'
  | 'published'
  | 'service-port'
  | 'service-type'
  | 'ingress'
  | 'probe'
  | 'resources'
  | 'replicas'
  | 'image'
  | 'dependency'
  | 'label'
  | 'selector'
  | 'runs'
  | 'file'
  | 'volume';

/** A text as a target says it: pieces of text between secrets and variables of the environment. */
export type FactValue = readonly FactPart[];

export type FactPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `name`: of the manifest, where it is known; else how the artefact names it. */
  | { readonly kind: 'secret'; readonly name: string; readonly fallback?: string | undefined }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string | undefined }
  /** Of the model only: artefacts have texts, which are addresses to whoever knows the names. */
  | {
      readonly kind: 'address';
      readonly node: string;
      readonly endpoint: string;
      /** The port inside the container. */
      readonly port: number;
      readonly form: 'host' | 'port' | 'address' | 'url';
      readonly scheme: string;
    };

/** One thing that a target says about a service. */
export interface Fact {
  readonly aspect: Aspect;
  /** Which one of its aspect, such as the name of a variable; empty where there is only one. */
  readonly key: string;
  readonly value: FactValue;
  readonly at: Location;
  /** Where the value comes from, such as `Secret shop key jwt`; missing for what is written in place. */
  readonly from?: Origin | undefined;
  /** It only helps to make another one, as a variable that is named as `$(NAME)` in the next. */
  readonly auxiliary?: true | undefined;
}

/** What keeps a value outside of the service that uses it. */
export interface Origin {
  readonly kind: 'config' | 'secret';
  readonly object: string;
  readonly key: string;
}

export interface ServiceFacts {
  /** The node of the manifest, or what the artefact calls it. */
  readonly name: string;
  readonly facts: ReadonlyMap<string, Fact>;
  readonly at: Location;
}

/** A name on the network of a target, and what is behind it. */
export interface KnownHost {
  readonly host: string;
  readonly node: string;
  /** Port there → port inside the container; missing when any port leads to the same one behind. */
  readonly ports?: ReadonlyMap<number, number> | undefined;
}

/** All that one target says, in the same shape whatever wrote it. */
export interface TargetFacts {
  /** `compose`, `k8s`, `helm dev` … as people read it. */
  readonly target: string;
  readonly services: ReadonlyMap<string, ServiceFacts>;
  readonly hosts: readonly KnownHost[];
}

/** The name of a fact within its service. */
export function factId(fact: Pick<Fact, 'aspect' | 'key'>): string {
  return `${fact.aspect} ${fact.key}`;
}

export function factMap(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  return new Map(facts.map((fact) => [factId(fact), fact]));
}

export function textValue(text: string): FactValue {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** A value as people read it; a secret shows its name only. */
export function showValue(value: FactValue): string {
  return value.map(showPart).join('');
}

function showPart(part: FactPart): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'secret':
      return `‹secret ${part.name}›`;
    case 'variable':
      return part.fallback === undefined ? `\${${part.name}}` : `\${${part.name}:-${part.fallback}}`;
    case 'address':
      return showAddress(part);
  }
}

function showAddress(part: Extract<FactPart, { kind: 'address' }>): string {
  switch (part.form) {
    case 'host':
      return `‹${part.node}›`;
    case 'port':
      return String(part.port);
    case 'address':
      return `‹${part.node}›:${part.port}`;
    case 'url':
      return `${part.scheme}://‹${part.node}›:${part.port}`;
  }
}

export function hasSecret(value: FactValue): boolean {
  return value.some((part) => part.kind === 'secret');
}
