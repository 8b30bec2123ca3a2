import { type Diagnostic, type Outcome, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import { describeIssue } from './describe-issue.ts';
import { mergeTrees } from './merge-trees.ts';
import { type Manifest, manifestSchema } from './schema.ts';
import { type MapEntry, type MapTree, type Path, type Tree, toPlain, treeAt } from './tree.ts';

export interface Decoded {
  readonly manifest: Manifest;
  /** The merged tree of the environment, for places. */
  readonly tree: Tree;
  readonly environment: string;
  readonly environments: readonly string[];
  /** The other environments: they are resolved for their problems only. */
  readonly others: readonly Omit<Decoded, 'others'>[];
}

/** Used when no environment is asked for; it need not be declared. */
export const DEFAULT_ENVIRONMENT = 'dev';

/**
 * Merged tree → valid manifest of one environment. The problems of all environments are reported, so that a mistake
 * in `prod` shows on the laptop and not in the deployment.
 */
export function decodeManifest(tree: Tree, environment: string = DEFAULT_ENVIRONMENT): Outcome<Decoded> {
  const names = environmentsOf(tree);
  const diagnostics: Diagnostic[] = [];
  if (environment !== DEFAULT_ENVIRONMENT && !names.includes(environment)) {
    diagnostics.push({
      code: 'MESH1208',
      severity: 'error',
      message: `there is no environment "${environment}"`,
      location: treeAt(tree, ['environments'])?.at ?? tree.at,
      hint: names.length > 0 ? `there are: ${names.join(', ')}` : 'the manifest declares none',
    });
  }
  const valid: Omit<Decoded, 'others'>[] = [];
  for (const name of new Set([environment, ...names])) {
    const merged = applyEnvironment(tree, name);
    // Not compiled first: even for a thousand services that does not pay off.
    const result = manifestSchema.safeParse(toPlain(merged, keepsWritten), { jitless: true });
    if (result.error !== undefined) {
      diagnostics.push(...result.error.issues.flatMap((issue) => describeIssue(issue, merged)));
    } else valid.push({ manifest: result.data, tree: merged, environment: name, environments: names });
  }
  const sorted = sortDiagnostics(diagnostics);
  const [first, ...others] = valid;
  return sorted.length > 0 || first === undefined
    ? { diagnostics: sorted }
    : { value: { ...first, others }, diagnostics: [] };
}

function environmentsOf(tree: Tree): string[] {
  const environments = treeAt(tree, ['environments']);
  return environments?.kind === 'map' ? [...environments.entries.keys()] : [];
}

/** Texts to a program: `1.0` must not become `1`. */
function keepsWritten(path: Path): boolean {
  const parent = path.at(-2);
  return parent === 'env' || parent === 'args' || (path.length === 1 && path[0] === 'version');
}

const OVERLAID = ['infrastructure', 'services', 'secrets'] as const;

/** The tree as one environment sees it: without `environments`, and without the `x-` blocks that only hold anchors. */
function applyEnvironment(tree: Tree, name: string): Tree {
  if (tree.kind !== 'map') return tree;
  const overlay = treeAt(tree, ['environments', name]);
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of tree.entries) {
    if (key.startsWith('x-')) continue;
    if (key === 'environments') {
      const kept = keepForChecks(entry.tree, name);
      if (kept !== undefined) entries.set(key, { keyAt: entry.keyAt, tree: kept });
    } else entries.set(key, entry);
  }
  const base: MapTree = { ...tree, entries };
  return overlay?.kind === 'map' ? applyOverlay(base, overlay) : base;
}

/** What the merge leaves unseen: the environment's own unknown keys, and a block that is no map at all. */
function keepForChecks(environments: Tree, name: string): Tree | undefined {
  if (environments.kind !== 'map') return environments;
  const entry = environments.entries.get(name);
  if (entry === undefined) return undefined;
  if (entry.tree.kind !== 'map') return { ...environments, entries: new Map([[name, entry]]) };
  const rest = new Map([...entry.tree.entries].filter(([key, inner]) => !isOverlaid(key, inner.tree)));
  return { ...environments, entries: new Map([[name, { ...entry, tree: { ...entry.tree, entries: rest } }]]) };
}

function isOverlaid(key: string, tree: Tree): boolean {
  return tree.kind === 'map' && (OVERLAID as readonly string[]).includes(key);
}

function applyOverlay(base: MapTree, overlay: MapTree): Tree {
  const entries = new Map<string, MapEntry>();
  for (const key of OVERLAID) {
    const entry = overlay.entries.get(key);
    if (entry?.tree.kind === 'map') entries.set(key, entry);
  }
  const merged = mergeTrees(base, { kind: 'map', entries, at: base.at });
  const replicas = overlay.entries.get('replicas');
  return replicas === undefined ? merged : withReplicas(merged, replicas, overlay);
}

/** `replicas` of an environment reaches every service whose own block there does not say it. Jobs run once. */
function withReplicas(tree: Tree, replicas: MapEntry, overlay: MapTree): Tree {
  const services = treeAt(tree, ['services']);
  if (tree.kind !== 'map' || services?.kind !== 'map') return tree;
  const changed = new Map<string, MapEntry>();
  for (const [name, entry] of services.entries) {
    const own = treeAt(overlay, ['services', name, 'replicas']) !== undefined;
    const job = treeAt(entry.tree, ['job']);
    const skip = own || entry.tree.kind !== 'map' || (job?.kind === 'scalar' && job.value === true);
    changed.set(name, skip ? entry : { ...entry, tree: withEntry(entry.tree as MapTree, 'replicas', replicas) });
  }
  const old = tree.entries.get('services');
  return withEntry(tree, 'services', { keyAt: old?.keyAt ?? tree.at, tree: { ...services, entries: changed } });
}

function withEntry(tree: MapTree, key: string, entry: MapEntry): MapTree {
  return { ...tree, entries: new Map(tree.entries).set(key, entry) };
}
