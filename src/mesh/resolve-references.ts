import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Manifest } from '../manifest/schema.ts';
import { ADDRESS_PROPERTIES, joinTexts, parseReferences, type Reference } from './parse-value.ts';
import type { AddressProperty, Part, Value } from './value.ts';

export interface ReferenceScope {
  readonly manifest: Manifest;
  readonly environment: string;
  readonly sources: ReadonlyMap<string, Source>;
}

/** What references can name of a node. */
interface Referable {
  readonly endpoints: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

/** By the name of the node; made once, since meshes can be large. */
type Nodes = ReadonlyMap<string, Referable>;

/** Turns texts into values; every reference that names nothing is reported at its own place. `self` is the node that holds the text. */
export function createReferenceResolver(
  scope: ReferenceScope,
  report: (diagnostic: Diagnostic) => void,
): (text: string, at: Location, self: string) => Value {
  const nodes: Nodes = new Map(
    Object.entries({ ...scope.manifest.infrastructure, ...scope.manifest.services }).map(([name, node]) => [
      name,
      { endpoints: Object.keys(node.endpoints ?? {}), values: node.values ?? {} },
    ]),
  );
  return (text, at, self) => {
    if (!text.includes('$')) return text === '' ? [] : [{ kind: 'text', text }];
    const parts: Part[] = [];
    for (const raw of parseReferences(text)) {
      if (raw.kind === 'text') {
        parts.push(raw);
        continue;
      }
      const found = resolveReference(raw.reference, scope, nodes, self);
      if ('part' in found) parts.push(found.part);
      else {
        const location = placeWithin(scope.sources.get(at.file), at, firstLine(raw.written));
        report({ severity: 'error', location, ...found, message: `\`${oneLine(raw.written)}\`: ${found.message}` });
      }
    }
    return joinTexts(parts);
  };
}

type Found = { readonly part: Part } | Pick<Diagnostic, 'code' | 'message' | 'hint'>;

function resolveReference(reference: Reference, scope: ReferenceScope, nodes: Nodes, self: string): Found {
  switch (reference.kind) {
    case 'malformed':
      return { code: 'MESH1204', message: reference.because, hint: 'write $${ for a literal ${' };
    case 'variable':
      return { part: reference };
    case 'secret':
      return resolveSecret(reference.name, scope.manifest);
    case 'mesh':
      return resolveMeshProperty(reference.property, scope);
    case 'address': {
      const named = reference.node === 'self' ? { ...reference, node: self } : reference;
      return resolveValue(named, nodes) ?? resolveAddress(named, nodes);
    }
  }
}

function resolveSecret(name: string, manifest: Manifest): Found {
  const names = Object.keys(manifest.secrets ?? {});
  if (names.includes(name)) return { part: { kind: 'secret', name } };
  const hint = didYouMean(name, names) ?? `declare it: secrets: { ${name}: { minLength: 16 } }`;
  return { code: 'MESH1205', message: `there is no secret "${name}"`, hint };
}

function resolveMeshProperty(property: string, scope: ReferenceScope): Found {
  const values: Readonly<Record<string, string>> = {
    name: scope.manifest.name,
    version: scope.manifest.version ?? '0.0.0',
    environment: scope.environment,
  };
  const value = Object.hasOwn(values, property) ? values[property] : undefined;
  if (value !== undefined) return { part: { kind: 'text', text: value } };
  const known = Object.keys(values);
  return {
    code: 'MESH1203',
    message: `the mesh has no property "${property}"`,
    hint: didYouMean(property, known) ?? `there are: ${known.join(', ')}`,
  };
}

/** `${postgres.values.database}`; nothing when it is not of that form. */
function resolveValue(reference: Extract<Reference, { kind: 'address' }>, nodes: Nodes): Found | undefined {
  const { node, endpoint, property: name } = reference;
  const owner = nodes.get(node);
  if (endpoint !== 'values' || owner === undefined || owner.endpoints.includes('values')) return undefined;
  const known = owner.values;
  const text = Object.hasOwn(known, name) ? known[name] : undefined;
  if (text !== undefined) return { part: { kind: 'text', text, from: { node, name } } };
  const names = Object.keys(known);
  const all = names.length > 0 ? `${node} has: ${names.join(', ')}` : `declare it: values: { ${name}: … }`;
  return { code: 'MESH1203', message: `${node} has no value "${name}"`, hint: didYouMean(name, names) ?? all };
}

function resolveAddress(reference: Extract<Reference, { kind: 'address' }>, nodes: Nodes): Found {
  const { node, endpoint, property } = reference;
  const known = nodes.get(node)?.endpoints;
  if (known === undefined) {
    const hint = didYouMean(node, nodes.keys()) ?? `there are: ${[...nodes.keys()].join(', ')}`;
    return { code: 'MESH1203', message: `there is no node "${node}"`, hint };
  }
  if (!known.includes(endpoint)) {
    const all = known.length > 0 ? `${node} has: ${known.join(', ')}` : `${node} declares no endpoints`;
    return {
      code: 'MESH1203',
      message: `${node} has no endpoint "${endpoint}"`,
      hint: didYouMean(endpoint, known) ?? all,
    };
  }
  if (!isAddressProperty(property)) {
    const hint = didYouMean(property, ADDRESS_PROPERTIES) ?? `there are: ${ADDRESS_PROPERTIES.join(', ')}`;
    return { code: 'MESH1203', message: `an endpoint has no property "${property}"`, hint };
  }
  return { part: { kind: 'address', node, endpoint, property } };
}

function isAddressProperty(property: string): property is AddressProperty {
  return (ADDRESS_PROPERTIES as readonly string[]).includes(property);
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? text;
}

/** A brace that is never closed takes the rest of a file along. */
function oneLine(text: string): string {
  const line = firstLine(text);
  return line.length > 60 || line !== text ? `${line.slice(0, 57)}…` : line;
}

/** Narrows the place of a whole value to the reference in it, by looking for its text in the lines of the value. */
function placeWithin(source: Source | undefined, at: Location, written: string): Location {
  if (source === undefined) return at;
  const lines = source.text.split(/\r?\n/);
  for (let line = at.line; line <= at.endLine; line++) {
    const from = line === at.line ? at.column - 1 : 0;
    const index = (lines[line - 1] ?? '').indexOf(written, from);
    if (index >= 0)
      return { file: at.file, line, column: index + 1, endLine: line, endColumn: index + 1 + written.length };
  }
  return at;
}
