import { didYouMean } from '../../diagnostics/suggest.ts';
import { type Fact, factId, hasSecret, type ServiceFacts, showValue, type TargetFacts } from '../facts.ts';
import type { Audit, Finding } from '../finding.ts';
import { aspectCode, factWords } from './aspects.ts';
import { excerpts } from './excerpts.ts';
import { sameValue } from './same-value.ts';

export interface CompareOptions {
  /** The labels that the expected side decides; others are whoever's who wrote them. */
  readonly ownsLabel: (key: string) => boolean;
  /** What to do about a difference. */
  readonly hint: string;
}

/** Holds a target against what the model of its environment says; both are read into the same shape before. */
export function compareTargets(expected: TargetFacts, found: TargetFacts, options: CompareOptions): Audit {
  const findings: Finding[] = [];
  let comparisons = 0;
  for (const service of expected.services.values()) {
    const other = found.services.get(service.name);
    if (other === undefined) {
      comparisons += 1;
      findings.push(missingService(service, found, options));
      continue;
    }
    const audit = compareServices(service, other, { expected, found, options });
    comparisons += audit.comparisons;
    findings.push(...audit.findings);
  }
  for (const service of found.services.values()) {
    if (expected.services.has(service.name)) continue;
    comparisons += 1;
    findings.push(surplusService(service, expected, found));
  }
  return { comparisons, findings };
}

interface Sides {
  readonly expected: TargetFacts;
  readonly found: TargetFacts;
  readonly options: CompareOptions;
}

function compareServices(expected: ServiceFacts, found: ServiceFacts, sides: Sides): Audit {
  const { options } = sides;
  const surplus = [...found.facts.values()].filter(
    (fact) =>
      !expected.facts.has(factId(fact)) &&
      fact.auxiliary !== true &&
      (fact.aspect !== 'label' || options.ownsLabel(fact.key)),
  );
  const pairs = [...expected.facts.values()].map((fact) => ({ wanted: fact, has: found.facts.get(factId(fact)) }));
  const names = [...found.facts.values()];
  return {
    comparisons: pairs.length + surplus.length,
    findings: [
      ...pairs.flatMap(({ wanted, has }) => {
        if (has === undefined) return [missingFact(wanted, found, names, sides)];
        return differences(wanted, has, found.name, sides);
      }),
      ...surplus.map((fact) => surplusFact(fact, expected, sides)),
    ],
  };
}

function differences(wanted: Fact, has: Fact, service: string, { expected, found, options }: Sides): Finding[] {
  const [should, is] = [showValue(wanted.value), showValue(has.value)];
  const common = {
    target: found.target,
    service,
    fact: factWords(wanted),
    places: [
      { what: expected.target, at: wanted.at },
      { what: found.target, at: has.at },
    ],
    expected: should,
  };
  if (hasSecret(wanted.value) && has.from?.kind === 'config') {
    const message = `${service}: ${factWords(wanted)} holds a secret, and ${found.target} keeps it in ConfigMap ${has.from.object}, where everybody can read it`;
    return [{ ...common, ...HIDDEN, code: 'MESH4103', message, hint: 'move it into a Secret' }];
  }
  if (sameValue(wanted.value, has.value, found.hosts)) return [];
  if (hasSecret(wanted.value) && !hasSecret(has.value)) {
    const message = `${service}: ${factWords(wanted)} is a plain text in ${found.target}, and should hold ${should}`;
    return [{ ...common, ...HIDDEN, code: 'MESH4103', message, hint: options.hint }];
  }
  const code = aspectCode(wanted.aspect);
  if (lacksSecret(wanted, has)) {
    const message = `${service}: ${factWords(wanted)} is another text in ${found.target}, and should be ${quoted(should)}`;
    return [{ ...common, ...HIDDEN, code, message, hint: options.hint }];
  }
  const [isCut, shouldCut] = excerpts(is, should);
  const message = `${service}: ${factWords(wanted)} is ${quoted(isCut)} in ${found.target}, and should be ${quoted(shouldCut)}`;
  const hidden = has.from?.kind === 'secret' ? ({ hidden: true } as const) : {};
  return [{ ...common, ...hidden, found: is, code, message, hint: options.hint }];
}

/** What may be a real secret is shown nowhere. */
const HIDDEN = { found: '(not shown)', hidden: true } as const;

/** Where a secret is expected and not found, any of the text may be one. */
function lacksSecret(wanted: Fact, has: Fact): boolean {
  const names = (fact: Fact) => fact.value.flatMap((part) => (part.kind === 'secret' ? [part.name] : []));
  const found = new Set(names(has));
  return names(wanted).some((name) => !found.has(name)) && has.value.some((part) => part.kind === 'text');
}

function missingFact(
  wanted: Fact,
  service: ServiceFacts,
  names: readonly Fact[],
  { expected, found, options }: Sides,
): Finding {
  const others = names.filter(({ aspect }) => aspect === wanted.aspect).map(({ key }) => key);
  const similar = didYouMean(wanted.key, others);
  return {
    code: aspectCode(wanted.aspect),
    target: found.target,
    service: service.name,
    fact: factWords(wanted),
    message: `${service.name}: ${factWords(wanted)} is missing in ${found.target}`,
    places: [
      { what: expected.target, at: wanted.at },
      { what: found.target, at: service.at },
    ],
    expected: showValue(wanted.value),
    hint:
      similar === undefined
        ? options.hint
        : `it has ${similar.replace(/^did you mean /, '').replace(/\?$/, '')}; ${options.hint}`,
  };
}

function surplusFact(fact: Fact, service: ServiceFacts, { expected, found, options }: Sides): Finding {
  return {
    code: aspectCode(fact.aspect),
    target: found.target,
    service: service.name,
    fact: factWords(fact),
    message: `${service.name}: ${found.target} has ${factWords(fact)}, which the ${expected.target} does not`,
    places: [
      { what: expected.target, at: service.at },
      { what: found.target, at: fact.at },
    ],
    ...(mayBeSecret(fact) ? HIDDEN : { found: showValue(fact.value) }),
    hint: options.hint,
  };
}

/** Nobody declared it, so only where it is, and its name, tell. */
function mayBeSecret({ from, key, value }: Fact): boolean {
  return from?.kind === 'secret' || hasSecret(value) || /pass|secret|token|key|credential/i.test(key);
}

function missingService(service: ServiceFacts, found: TargetFacts, { hint }: CompareOptions): Finding {
  return {
    code: 'MESH4101',
    target: found.target,
    service: service.name,
    fact: 'service',
    message: `${service.name} is missing in ${found.target}`,
    places: [{ what: 'manifest', at: service.at }],
    hint,
  };
}

function surplusService(service: ServiceFacts, expected: TargetFacts, found: TargetFacts): Finding {
  return {
    code: 'MESH4101',
    target: found.target,
    service: service.name,
    fact: 'service',
    message: `${service.name} is in ${found.target}, and not in the ${expected.target}`,
    places: [{ what: found.target, at: service.at }],
    hint: 'add it to mesh.yaml, or remove it there',
  };
}

function quoted(text: string): string {
  return text === '' ? 'empty' : `"${text}"`;
}
