import { didYouMean } from '../../diagnostics/suggest.ts';
import type { ScalarTree, Tree } from '../../manifest/tree.ts';
import type { Finding } from '../finding.ts';
import type { KubeObject } from '../kubernetes/objects.ts';
import { type CheckResult, finding, objectWords, type StructureInput } from '../structure/structure-input.ts';
import fieldTable from './kubernetes-fields.json' with { type: 'json' };
import { valueProblem } from './value-rules.ts';

/**
 * The fields of Kubernetes 1.34 in words of one letter: `s` text, `n` number, `b` boolean, `q` amount, `sn` text or
 * number, `=a|b` one of these, else the name of a type; `[` before a list, `{` before a map, `!` behind what is required.
 */
interface FieldTable {
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const TABLE: FieldTable = fieldTable;

interface Problem {
  readonly path: string;
  readonly message: string;
  readonly tree: Tree;
  readonly at?: Tree['at'] | undefined;
  readonly hint?: string | undefined;
}

/** Whether every object is one that Kubernetes would take: known fields, of their types, none missing. */
export function checkSchema(input: Pick<StructureInput, 'target' | 'objects'>): CheckResult {
  return {
    comparisons: input.objects.length,
    findings: input.objects.flatMap((object) => checkObject(input, object)),
  };
}

function checkObject(input: Pick<StructureInput, 'target'>, object: KubeObject): Finding[] {
  const type = TABLE.kinds[`${object.apiVersion} ${object.kind}`];
  if (type === undefined) return unknownVersion(input, object);
  return problemsOf(object.tree, type, '').map(({ path, message, tree, at, hint }) =>
    finding(input, {
      code: 'MESH4212',
      fact: `${objectWords(object)} ${path}`,
      message: `${objectWords(object)}: ${path === '' ? '' : `${path} `}${message}`,
      at: at ?? tree.at,
      ...(object.kind === 'Secret' && { hidden: true }),
      hint: hint ?? 'correct it',
    }),
  );
}

/** Objects of operators are known to their operators; those of Kubernetes itself have one version that is served. */
function unknownVersion(input: Pick<StructureInput, 'target'>, object: KubeObject): Finding[] {
  const served = Object.keys(TABLE.kinds).find((key) => key.endsWith(` ${object.kind}`));
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
  if (served === undefined || !isBuiltIn) return [];
  const version = served.split(' ')[0];
  return [
    finding(input, {
      code: 'MESH4212',
      fact: `${objectWords(object)} apiVersion`,
      message: `${objectWords(object)}: Kubernetes 1.34 serves no ${object.kind} of ${object.apiVersion}`,
      at: object.at,
      expected: version,
      found: object.apiVersion,
      hint: `use apiVersion: ${version}`,
    }),
  ];
}

function problemsOf(tree: Tree, type: string, path: string): Problem[] {
  const fields = TABLE.types[type];
  // `null` is how YAML writes nothing, and Kubernetes reads it so.
  if (fields === undefined || isNull(tree)) return [];
  if (tree.kind !== 'map') return [{ path, message: 'must be a map', tree }];
  const present = [...tree.entries].flatMap(([name, entry]): Problem[] => {
    const inner = path === '' ? name : `${path}.${name}`;
    const word = fields[name];
    if (word !== undefined) return problemsOfWord(entry.tree, word.replace(/!$/, ''), inner);
    // What the server writes is there where somebody saved what it said.
    if (name === 'status' || name === 'managedFields') return [];
    const hint = didYouMean(name, Object.keys(fields));
    return [{ path: inner, message: 'is no field of Kubernetes', tree: entry.tree, at: entry.keyAt, hint }];
  });
  const missing = Object.entries(fields)
    .filter(([name, word]) => word.endsWith('!') && !tree.entries.has(name))
    .map(([name]): Problem => {
      return { path: path === '' ? name : `${path}.${name}`, message: 'is missing', tree, hint: 'add it' };
    });
  return [...present, ...missing];
}

function problemsOfWord(tree: Tree, word: string, path: string): Problem[] {
  if (isNull(tree)) return [];
  if (word.startsWith('[')) {
    if (tree.kind !== 'sequence') return [{ path, message: 'must be a list', tree }];
    return tree.items.flatMap((item, index) => problemsOfWord(item, word.slice(1), `${path}[${index}]`));
  }
  if (word.startsWith('{')) {
    if (tree.kind !== 'map') return [{ path, message: 'must be a map', tree }];
    return [...tree.entries].flatMap(([key, entry]) => problemsOfWord(entry.tree, word.slice(1), `${path}.${key}`));
  }
  if (word in TABLE.types) return problemsOf(tree, word, path);
  if (word === '*') return [];
  if (tree.kind !== 'scalar') return [{ path, message: 'must be a single value', tree }];
  const message = scalarProblem(tree, word) ?? valueProblem(path, tree);
  return message === undefined ? [] : [{ path, message, tree }];
}

const AMOUNT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

function scalarProblem({ value }: ScalarTree, word: string): string | undefined {
  const type = typeof value;
  switch (word) {
    case 's':
      return type === 'string' ? undefined : `must be a text, and is the ${type} ${value}; put it in quotes`;
    case 'n':
      return type === 'number' ? undefined : `must be a number, and is "${value}"`;
    case 'b':
      return type === 'boolean' ? undefined : `must be true or false, and is "${value}"`;
    case 'sn':
      return type === 'boolean' ? 'must be a number or a text' : undefined;
    case 'q':
      return type !== 'boolean' && AMOUNT.test(String(value)) ? undefined : `is no amount: "${value}"`;
    default: {
      const allowed = word.slice(1).split('|');
      return allowed.includes(String(value)) ? undefined : `must be ${allowed.join(' or ')}, and is "${value}"`;
    }
  }
}

function isNull(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
