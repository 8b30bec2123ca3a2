import type { Location } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import type { Fact, FactPart, FactValue, Origin } from '../facts.ts';
import { textValue } from '../facts.ts';
import { field, itemsOf, textOf } from '../read-documents.ts';
import { heldTexts } from './containers.ts';
import { type KubeObject, ofKind, sameNamespace, type Workload } from './objects.ts';
import type { SecretReader } from './read-secret.ts';

export interface EnvironmentScope {
  readonly objects: readonly KubeObject[];
  readonly workload: Workload;
  readonly readSecret: SecretReader;
  /** A text that was rendered, with what stands in for something replaced by that. */
  readonly decode: (text: string) => FactValue;
}

interface Variable {
  readonly name: string;
  readonly value: FactValue;
  readonly at: Location;
  readonly from?: Origin | undefined;
}

/** The variables of a container: whole ConfigMaps and Secrets first, then single ones, which win; `$(NAME)` is resolved. */
export function readVariables(container: Tree, scope: EnvironmentScope): Fact[] {
  const variables = new Map<string, Variable>();
  const used = new Set<string>();
  for (const item of itemsOf(field(container, 'envFrom'))) {
    for (const variable of fromWhole(item, scope)) variables.set(variable.name, variable);
  }
  for (const item of itemsOf(field(container, 'env'))) {
    const variable = fromItem(item, scope);
    const value = variable.value.flatMap((part) =>
      part.kind === 'text' && variable.from === undefined ? expand(part.text, variables, used) : [part],
    );
    variables.set(variable.name, { ...variable, value: joinTexts(value) });
  }
  return [...variables.values()].map(({ name, ...rest }) => ({
    aspect: 'variable',
    key: name,
    ...rest,
    ...(used.has(name) && { auxiliary: true as const }),
  }));
}

function fromWhole(item: Tree, scope: EnvironmentScope): Variable[] {
  const prefix = textOf(field(item, 'prefix')) ?? '';
  const kind = field(item, 'secretRef') === undefined ? 'config' : 'secret';
  const object = textOf(field(item, kind === 'secret' ? 'secretRef' : 'configMapRef', 'name')) ?? '';
  const found = findObject(kind, object, scope);
  if (found === undefined) return [];
  return [...heldTexts(found)].map(([key, held]) => ({
    name: `${prefix}${key}`,
    value: kind === 'secret' ? scope.readSecret({ object, key, text: held.text }) : scope.decode(held.text),
    at: held.at,
    from: { kind, object, key },
  }));
}

function fromItem(item: Tree, scope: EnvironmentScope): Variable {
  const name = textOf(field(item, 'name')) ?? '';
  const literal = field(item, 'value');
  const from = field(item, 'valueFrom');
  if (from === undefined) return { name, value: scope.decode(textOf(literal) ?? ''), at: literal?.at ?? item.at };
  const config = field(from, 'configMapKeyRef');
  const reference = config ?? field(from, 'secretKeyRef');
  if (reference === undefined) {
    const path = textOf(field(from, 'fieldRef', 'fieldPath')) ?? textOf(field(from, 'resourceFieldRef', 'resource'));
    return { name, value: textValue(`‹field ${path ?? 'unknown'}›`), at: from.at };
  }
  const kind = config === undefined ? 'secret' : 'config';
  const object = textOf(field(reference, 'name')) ?? '';
  const key = textOf(field(reference, 'key')) ?? '';
  const found = findObject(kind, object, scope);
  const held = found === undefined ? undefined : heldTexts(found).get(key);
  const value =
    kind === 'secret' ? scope.readSecret({ object, key, text: held?.text }) : scope.decode(held?.text ?? '');
  return { name, value, at: held?.at ?? reference.at, from: { kind, object, key } };
}

function findObject(
  kind: Origin['kind'],
  name: string,
  { objects, workload }: EnvironmentScope,
): KubeObject | undefined {
  return ofKind(objects, kind === 'secret' ? 'Secret' : 'ConfigMap').find(
    (object) => object.name === name && sameNamespace(object, workload),
  );
}

/** `$(NAME)` is an earlier variable, `$$(NAME)` that text; a name that is not there stays as it is written. */
function expand(text: string, variables: ReadonlyMap<string, Variable>, used: Set<string>): FactPart[] {
  return text.split(/(\$?\$\([A-Za-z_][\w.-]*\))/).flatMap((piece): FactPart[] => {
    if (piece.startsWith('$$(')) return [{ kind: 'text', text: piece.slice(1) }];
    const name = /^\$\((.*)\)$/.exec(piece)?.[1];
    const variable = name === undefined ? undefined : variables.get(name);
    if (name === undefined || variable === undefined) return [...textValue(piece)];
    used.add(name);
    return [...variable.value];
  });
}

function joinTexts(parts: readonly FactPart[]): FactValue {
  const joined: FactPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', text: last.text + part.text };
    } else joined.push(part);
  }
  return joined;
}
