import type { Mesh, MeshNode, NeedCondition } from '../mesh/mesh.ts';
import { nodeOf } from '../mesh/mesh.ts';
import type { Applied, NodeSpec } from './applied.ts';
import type { Instance, Observed } from './observed.ts';
import type { Action, Cause, Plan } from './plan.ts';
import { describeChanges } from './spec-changes.ts';

export interface UpInputs {
  readonly mesh: Mesh;
  /** The nodes that should be up, needs first. */
  readonly wanted: readonly string[];
  readonly observed: Observed;
  readonly applied: Applied;
  readonly specs: ReadonlyMap<string, NodeSpec>;
  /**
   * `missing`: build what has no image of its present inputs; `always`: build all that can be built; `never`: use what
   * is there.
   */
  readonly build: 'missing' | 'always' | 'never';
  /** The nodes whose images were built from other inputs than there are now. */
  readonly outdated?: ReadonlySet<string> | undefined;
  /** `--timeout`, for every node; what the manifest says when missing. */
  readonly withinMs?: number | undefined;
}

type Draft = Action extends infer A ? (A extends Action ? Omit<A, 'id' | 'after'> : never) : never;

/** The actions that bring the wanted nodes up, each with its cause. Pure: the same inputs give the same plan. */
export function planUp(inputs: UpInputs): Plan {
  const actions: Action[] = [];
  const keep: string[] = [];
  const add = (draft: Draft, after: readonly (number | undefined)[]): number => {
    const id = actions.length + 1;
    actions.push({ ...draft, id, after: after.filter((prerequisite) => prerequisite !== undefined) } as Action);
    return id;
  };
  for (const orphan of orphansOf(inputs)) {
    add(
      { kind: 'remove', node: orphan.node, instance: orphan, cause: { text: removalCause(inputs.mesh, orphan) } },
      [],
    );
  }
  const waits = new Map<string, number>();
  const pulls = new Map<string, number>();
  /** Node → what has to be built or pulled before its instances can be made. */
  const provides = new Map<string, readonly (number | undefined)[]>();
  const asked = askedOf(inputs);
  for (const name of inputs.wanted) {
    const node = nodeOf(inputs.mesh, name);
    const decision = decide(node, inputs);
    const provided = provideOnce(decision.provide, pulls, add);
    // An engine may make the instances of its needs together with a node's own, so their images must be there, too.
    const images = [...new Set([provided, ...node.needs.flatMap((need) => provides.get(need.node) ?? [])])];
    provides.set(name, images);
    const made = decision.make === undefined ? undefined : add(decision.make, images);
    if (decision.start === undefined) keep.push(name);
    const needs = node.needs.map((need) => waits.get(`${need.node}/${need.condition}`));
    const started =
      decision.start === undefined
        ? undefined
        : add({ kind: 'start', node: name, cause: decision.start }, [made, ...needs]);
    addWaits(node, asked.get(name) ?? [], { inputs, started, add, waits });
  }
  return { wanted: inputs.wanted, keep, actions };
}

/** Nodes of one image share its one pull. */
function provideOnce(provide: Draft | undefined, pulls: Map<string, number>, add: Add): number | undefined {
  if (provide === undefined) return undefined;
  const known = provide.kind === 'pull' ? pulls.get(provide.image) : undefined;
  if (known !== undefined) return known;
  const id = add(provide, []);
  if (provide.kind === 'pull') pulls.set(provide.image, id);
  return id;
}

type Add = (draft: Draft, after: readonly (number | undefined)[]) => number;

/** What a wanted node wants another one to be. */
interface Asked {
  readonly by: string;
  readonly condition: NeedCondition;
}

interface WaitDraft {
  readonly inputs: UpInputs;
  readonly started: number | undefined;
  readonly add: Add;
  readonly waits: Map<string, number>;
}

/** By the node that is needed; collected once, since meshes can be large. */
function askedOf({ mesh, wanted }: UpInputs): Map<string, Asked[]> {
  const asked = new Map<string, Asked[]>();
  for (const by of wanted) {
    for (const { node, condition } of nodeOf(mesh, by).needs) {
      const list = asked.get(node) ?? [];
      asked.set(node, list);
      list.push({ by, condition });
    }
  }
  return asked;
}

/** One wait for each thing that somebody waits for, and always one for readiness, since that is what `up` promises. */
function addWaits(node: MeshNode, asked: readonly Asked[], { inputs, started, add, waits }: WaitDraft): void {
  const own = node.job ? 'completed' : 'ready';
  for (const condition of ['started', own] as const) {
    const by = asked
      .filter((need) => (need.condition === 'ready' ? own : need.condition) === condition)
      .map((need) => need.by);
    if (by.length === 0 && condition !== own) continue;
    const text =
      by.length === 0
        ? `up waits until it is ${condition}`
        : `${by.join(', ')} ${by.length === 1 ? 'needs' : 'need'} it ${condition}`;
    const withinMs = inputs.withinMs ?? node.health.withinMs;
    const id = add({ kind: 'wait', node: node.name, until: condition, withinMs, cause: { text } }, [started]);
    waits.set(`${node.name}/${condition}`, id);
    // A job that others call "ready" is one that has completed.
    if (condition === own) waits.set(`${node.name}/ready`, id);
  }
}

interface Decision {
  /** How its image comes to be there. */
  readonly provide?: Draft | undefined;
  /** How its instances come to be there. */
  readonly make?: Draft | undefined;
  /** Why it is started; nothing when it runs already. */
  readonly start?: Cause | undefined;
}

function decide(node: MeshNode, inputs: UpInputs): Decision {
  const provide = provideImage(node, inputs);
  const make = makeInstances(node, inputs, provide !== undefined);
  return { provide, make, start: startCause(node, inputs, make) };
}

function provideImage(node: MeshNode, { observed, build, mesh, outdated }: UpInputs): Draft | undefined {
  const there = observed.images[node.image] !== undefined;
  const at = mesh.places[`${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}.image`] ?? node.at;
  if (node.build === undefined) {
    if (there) return undefined;
    return {
      kind: 'pull',
      node: node.name,
      image: node.image,
      cause: { text: `image ${node.image} is not on this machine`, at },
    };
  }
  if (build === 'always')
    return { kind: 'build', node: node.name, cause: { text: 'asked for with --build', at: node.at } };
  if (build === 'never') return undefined;
  if (there && outdated?.has(node.name) === true)
    return { kind: 'build', node: node.name, cause: { text: 'what its image is built from changed', at: node.at } };
  if (there) return undefined;
  return { kind: 'build', node: node.name, cause: { text: `image ${node.image} is missing`, at: node.at } };
}

function makeInstances(node: MeshNode, inputs: UpInputs, provided: boolean): Draft | undefined {
  const instances = wantedInstancesOf(inputs.observed, node);
  const name = node.name;
  if (instances.length === 0)
    return { kind: 'create', node: name, cause: { text: 'there is no container yet', at: node.at } };
  if (instances.length < node.replicas) {
    return {
      kind: 'create',
      node: name,
      cause: { text: `replicas ${instances.length} → ${node.replicas}`, at: node.at },
    };
  }
  const last = inputs.applied.nodes[name];
  const spec = inputs.specs.get(name) ?? {};
  if (last === undefined || !sameIds(last.ids.slice(0, node.replicas), instances)) {
    return {
      kind: 'create',
      node: name,
      cause: { text: 'its containers were not made by the last run here', at: node.at },
    };
  }
  const changes = describeChanges(inputs.mesh, node, last.spec, spec);
  if (changes !== undefined) return { kind: 'recreate', differs: 'spec', node: name, cause: changes };
  const image = inputs.observed.images[node.image];
  if (!provided && (image === undefined || instances.every((instance) => instance.imageId === image))) return undefined;
  return {
    kind: 'recreate',
    differs: 'image',
    node: name,
    cause: { text: provided ? 'its image is provided anew' : 'its image is a newer one', at: node.at },
  };
}

function sameIds(ids: readonly string[], instances: readonly Instance[]): boolean {
  return ids.length === instances.length && instances.every((instance, index) => instance.id === ids[index]);
}

function startCause(node: MeshNode, inputs: UpInputs, make: Draft | undefined): Cause | undefined {
  if (make !== undefined) return make.kind === 'recreate' ? { text: 'it is recreated' } : make.cause;
  const instances = wantedInstancesOf(inputs.observed, node);
  const idle = instances.find((instance) => instance.state !== 'running' && instance.state !== 'restarting');
  if (idle === undefined) return undefined;
  if (node.job && idle.state === 'exited' && idle.exitCode === 0) return undefined;
  if (idle.state === 'exited') return { text: `it exited with code ${idle.exitCode ?? '?'}` };
  return { text: idle.state === 'created' ? 'it was created and never started' : `it is ${idle.state}` };
}

/** The instances of a node by replica number. */
export function instancesOf(observed: Observed, node: string): Instance[] {
  return observed.instances.filter((instance) => instance.node === node).sort((a, b) => a.replica - b.replica);
}

/** Without the replicas above the wanted number, which are removed. */
function wantedInstancesOf(observed: Observed, node: MeshNode): Instance[] {
  return instancesOf(observed, node.name).filter((instance) => instance.replica <= node.replicas);
}

/** What the project holds and the manifest does not: nodes taken out of it, and replicas above the wanted number. */
function orphansOf({ mesh, observed }: UpInputs): Instance[] {
  return observed.instances.filter((instance) => {
    const node = mesh.nodes.find((candidate) => candidate.name === instance.node);
    return node === undefined || instance.replica > node.replicas;
  });
}

function removalCause(mesh: Mesh, orphan: Instance): string {
  const node = mesh.nodes.find((candidate) => candidate.name === orphan.node);
  return node === undefined ? 'the manifest no longer has it' : `replicas → ${node.replicas}`;
}
