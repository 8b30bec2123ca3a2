import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Location, Source } from '../../diagnostics/location.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import type { Tree } from '../../manifest/tree.ts';
import { field, fieldEntry, itemsOf, readDocuments, textOf, textsOf } from '../read-documents.ts';

/** One object of Kubernetes as it is written. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty where the object leaves it to whoever applies it. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tree: Tree;
  /** Of its name. */
  readonly at: Location;
}

/** A workload is what makes pods. */
export interface Workload extends KubeObject {
  /** The template of its pods: metadata and spec. */
  readonly template: Tree;
  readonly podLabels: Readonly<Record<string, string>>;
}

/**
 * Every object of some files, in their order; lists are opened.
 *
 * @throws InvalidInput when a file is no YAML
 */
export function readObjects(sources: readonly Source[]): KubeObject[] {
  const diagnostics: Diagnostic[] = [];
  const objects = sources.flatMap((source) => {
    const read = readDocuments(source);
    diagnostics.push(...read.diagnostics);
    return (read.value ?? []).flatMap(openLists).flatMap(asObject);
  });
  if (diagnostics.length > 0) {
    throw new InvalidInput(diagnostics, new Map(sources.map((source) => [source.file, source])));
  }
  return objects;
}

function openLists(tree: Tree): readonly Tree[] {
  return textOf(field(tree, 'kind'))?.endsWith('List') === true ? itemsOf(field(tree, 'items')) : [tree];
}

/** Files beside the objects, such as a kustomization, are no objects of a cluster. */
function asObject(tree: Tree): KubeObject[] {
  const kind = textOf(field(tree, 'kind'));
  const name = fieldEntry(tree, 'metadata', 'name');
  const apiVersion = textOf(field(tree, 'apiVersion')) ?? '';
  if (kind === undefined || name === undefined || apiVersion.startsWith('kustomize.')) return [];
  return [
    {
      apiVersion,
      kind,
      name: textOf(name.tree) ?? '',
      namespace: textOf(field(tree, 'metadata', 'namespace')) ?? '',
      labels: textsOf(field(tree, 'metadata', 'labels')),
      tree,
      at: name.tree.at,
    },
  ];
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects.flatMap((object) => {
    const path = TEMPLATES[object.kind];
    const template = path === undefined ? undefined : field(object.tree, ...path);
    if (template === undefined) return [];
    return [{ ...object, template, podLabels: textsOf(field(template, 'metadata', 'labels')) }];
  });
}

/** A target has thousands of objects and is asked for those of a kind once a workload. */
const objectsByKind = new WeakMap<readonly KubeObject[], ReadonlyMap<string, readonly KubeObject[]>>();

/** Those of a kind, in their order. */
export function ofKind(objects: readonly KubeObject[], wanted: string): readonly KubeObject[] {
  const known = objectsByKind.get(objects);
  if (known !== undefined) return known.get(wanted) ?? [];
  const sorted = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const others = sorted.get(object.kind);
    if (others === undefined) sorted.set(object.kind, [object]);
    else others.push(object);
  }
  objectsByKind.set(objects, sorted);
  return sorted.get(wanted) ?? [];
}

/** Whether labels are what a map of wanted ones asks for; an empty map asks for nothing, and is met by all. */
export function matchesLabels(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** A `LabelSelector`, both of its forms. */
export function matchesSelector(selector: Tree | undefined, labels: Readonly<Record<string, string>>): boolean {
  const expressions = itemsOf(field(selector, 'matchExpressions'));
  return (
    matchesLabels(textsOf(field(selector, 'matchLabels')), labels) &&
    expressions.every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: Tree, labels: Readonly<Record<string, string>>): boolean {
  const label = labels[textOf(field(expression, 'key')) ?? ''];
  const values = itemsOf(field(expression, 'values')).map((item) => textOf(item) ?? '');
  switch (textOf(field(expression, 'operator'))) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return false;
  }
}

/** Whether two objects can see each other; one that says no namespace is in that of the other. */
export function sameNamespace(a: Pick<KubeObject, 'namespace'>, b: Pick<KubeObject, 'namespace'>): boolean {
  return a.namespace === '' || b.namespace === '' || a.namespace === b.namespace;
}
