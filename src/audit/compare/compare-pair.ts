import type { Fact, FactValue, ServiceFacts, TargetFacts } from '../facts.ts';
import { hasSecret, showValue } from '../facts.ts';
import type { Audit, Finding } from '../finding.ts';
import { aspectCode, factWords } from './aspects.ts';
import { excerpts } from './excerpts.ts';
import { resolvedText } from './same-value.ts';

/** What kind of artefact each side is: some things only one of them can say. */
export type ArtefactKind = 'compose' | 'kubernetes';

export interface PairSide {
  readonly kind: ArtefactKind;
  readonly facts: TargetFacts;
}

export interface PairAudit extends Audit {
  /** Services that only one side has, such as servers that are outside of the cluster: nothing to hold them against. */
  readonly alone: readonly { readonly target: string; readonly services: readonly string[] }[];
}

/** Two artefacts without a manifest: the second has to say what the first says, as far as both can. */
export function comparePair(first: PairSide, second: PairSide): PairAudit {
  const audits = [...first.facts.services.values()].flatMap((service) => {
    const other = second.facts.services.get(service.name);
    return other === undefined ? [] : [compareServices(service, other, first, second)];
  });
  const alone = [
    { target: first.facts.target, services: onlyIn(first, second) },
    { target: second.facts.target, services: onlyIn(second, first) },
  ];
  return {
    comparisons: audits.reduce((sum, audit) => sum + audit.comparisons, 0),
    findings: audits.flatMap(({ findings }) => findings),
    alone: alone.filter(({ services }) => services.length > 0),
  };
}

function onlyIn(one: PairSide, other: PairSide): string[] {
  return [...one.facts.services.keys()].filter((name) => !other.facts.services.has(name));
}

function compareServices(one: ServiceFacts, other: ServiceFacts, first: PairSide, second: PairSide): Audit {
  const ids = new Set([...one.facts.keys(), ...other.facts.keys()]);
  const findings: Finding[] = [];
  let comparisons = 0;
  for (const id of ids) {
    const a = one.facts.get(id);
    const b = other.facts.get(id);
    const fact = a ?? b;
    if (fact === undefined || !isComparable(a, b, first, second)) continue;
    comparisons += 1;
    if (a !== undefined && b !== undefined && saysTheSame(a, b, first, second)) continue;
    findings.push(difference({ fact, a, b, one, other }, first, second));
  }
  return { comparisons, findings };
}

/** Whether both sides can say it, so that silence means something. */
function isComparable(a: Fact | undefined, b: Fact | undefined, first: PairSide, second: PairSide): boolean {
  const fact = a ?? b;
  if (fact === undefined || a?.auxiliary === true || b?.auxiliary === true) return false;
  const both = a !== undefined && b !== undefined;
  const sameKind = first.kind === second.kind;
  switch (fact.aspect) {
    case 'variable':
    case 'file':
      return true;
    case 'port':
      // A compose file names published ports only.
      return sameKind || (first.kind === 'compose' ? a : b) !== undefined;
    case 'probe':
      return sameKind || fact.key === 'ready';
    case 'image':
      return fact.key === 'repository' || (fact.key === 'tag' && sameKind && both);
    case 'resources':
      return true;
    case 'runs':
      return both && (sameKind || ['entrypoint', 'command', 'user'].includes(fact.key)) && fact.key !== 'security';
    case 'service-type':
      // A release puts its name in front of all others.
      return sameKind && fact.key === 'type';
    case 'label':
    case 'selector':
      return false;
    default:
      return sameKind;
  }
}

function saysTheSame(a: Fact, b: Fact, first: PairSide, second: PairSide): boolean {
  const mixed = first.kind !== second.kind;
  switch (a.aspect) {
    case 'image':
      return a.key === 'repository' ? lastWord(a) === lastWord(b) : showValue(a.value) === showValue(b.value);
    case 'port':
      return mixed || showValue(a.value) === showValue(b.value);
    case 'probe':
      return mixed ? sameProbe(showValue(a.value), showValue(b.value)) : showValue(a.value) === showValue(b.value);
    default:
      return sameText(a.value, b.value, first, second);
  }
}

/** Registries and their folders differ from place to place. */
function lastWord(fact: Fact): string | undefined {
  return showValue(fact.value).split('/').at(-1);
}

/** A cluster sees an open port where a container can speak the protocol; a command may ask anything. */
function sameProbe(a: string, b: string): boolean {
  if (a.startsWith('exec ') || b.startsWith('exec ')) return true;
  const [kindA, portA, pathA] = a.split(' ');
  const [kindB, portB, pathB] = b.split(' ');
  if (portA !== portB) return false;
  return kindA !== 'http' || kindB !== 'http' || pathA === pathB;
}

function sameText(a: FactValue, b: FactValue, first: PairSide, second: PairSide): boolean {
  if (isOpaque(a) && holdsSecret(b)) return true;
  if (isOpaque(b) && holdsSecret(a)) return true;
  const readings = readingsOf(a, first.facts);
  return readingsOf(b, second.facts).some((text) => readings.includes(text));
}

/** A key of a Secret whose text nobody sees may be anything that has a secret in it. */
function isOpaque(value: FactValue): boolean {
  return value.length === 1 && value[0]?.kind === 'secret';
}

function holdsSecret(value: FactValue): boolean {
  return value.some(({ kind }) => kind === 'secret' || kind === 'variable');
}

/** A variable of the environment is its fallback, or what the other side keeps in a Secret; names are resolved or not. */
function readingsOf(value: FactValue, { hosts }: TargetFacts): string[] {
  const withFallbacks = value.map((part) =>
    part.kind === 'variable' && part.fallback !== undefined ? ({ kind: 'text', text: part.fallback } as const) : part,
  );
  const asSecrets = value.map((part) =>
    part.kind === 'variable' ? ({ kind: 'secret', name: part.name } as const) : part,
  );
  return [withFallbacks, asSecrets].flatMap((reading) => [resolvedText(reading, hosts), resolvedText(reading, [])]);
}

interface Pair {
  readonly fact: Fact;
  readonly a: Fact | undefined;
  readonly b: Fact | undefined;
  readonly one: ServiceFacts;
  readonly other: ServiceFacts;
}

function difference({ fact, a, b, one, other }: Pair, first: PairSide, second: PairSide): Finding {
  const words = factWords(fact);
  const [here, there] = [first.facts.target, second.facts.target];
  const common = {
    target: there,
    service: one.name,
    fact: words,
    places: [
      { what: here, at: a?.at ?? one.at },
      { what: there, at: b?.at ?? other.at },
    ],
  };
  if (a === undefined || b === undefined) {
    const missing = a === undefined ? here : there;
    const message = `${one.name}: ${words} is missing in ${missing}, and ${missing === here ? there : here} has it`;
    const hidden = isFromSecret(fact) ? ({ hidden: true } as const) : {};
    return { ...common, ...hidden, code: aspectCode(fact.aspect), message, hint: 'add it there, or remove it here' };
  }
  const onlyOneIsSecret =
    (hasSecret(a.value) && !holdsSecret(b.value)) || (hasSecret(b.value) && !holdsSecret(a.value));
  if (onlyOneIsSecret) {
    const [kept, plain] = hasSecret(a.value) ? [here, there] : [there, here];
    const message = `${one.name}: ${words} is kept in a Secret in ${kept}, and is a plain text in ${plain}`;
    return { ...common, code: 'MESH4103', message, hidden: true, hint: 'keep it in a Secret in both' };
  }
  const hint = 'give both the same value';
  const [expected, found] = [showValue(a.value), showValue(b.value)];
  const [isHere, isThere] = excerpts(expected, found);
  const message = `${one.name}: ${words} is "${isHere}" in ${here}, and "${isThere}" in ${there}`;
  const hidden = isFromSecret(a) || isFromSecret(b) ? ({ hidden: true } as const) : {};
  return { ...common, ...hidden, code: aspectCode(fact.aspect), message, expected, found, hint };
}

/** The line that it stands on may hold a secret. */
function isFromSecret({ from, value }: Fact): boolean {
  return from?.kind === 'secret' || hasSecret(value);
}
