import { MeshError } from '../../diagnostics/mesh-error.ts';
import { type Mesh, type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import { specOf } from '../../plan/node-spec.ts';
import type { ConvergeRequest } from '../engine.ts';
import type { FakeImages } from './fake-images.ts';
import type { FakeInstance } from './fake-instance.ts';
import type { FakeMachine } from './fake-machine.ts';

export interface FakeProjectsOptions {
  readonly machine: FakeMachine;
  readonly images: FakeImages;
  readonly note: (text: string) => void;
  /** As long as creating takes. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly secret: (name: string) => string;
}

/** What Compose does: brings instances, networks and volumes into the wanted form. */
export interface FakeProjects {
  readonly converge: (request: ConvergeRequest, signal: AbortSignal) => Promise<void>;
  /** What is left once the instances are gone. @returns what was removed, in words */
  readonly remove: (project: string, volumes: boolean) => string[];
}

export function createFakeProjects(options: FakeProjectsOptions): FakeProjects {
  const { machine, note } = options;
  const networks = new Set<string>();
  /** Name → project. */
  const volumes = new Map<string, string>();
  let made = 0;
  let creating = false;

  const createReplica = (mesh: Mesh, node: MeshNode, replica: number) => {
    const imageId = options.images.idOf(node.image);
    if (imageId === undefined) throw refused(`No such image: ${node.image}`);
    const hash = hashOf(mesh, node, options.secret);
    const existing = [...machine.instances.values()].find(
      (other) => other.project === mesh.project && other.node.name === node.name && other.replica === replica,
    );
    if (existing?.hash === hash && existing.imageId === imageId) return;
    if (existing !== undefined) machine.remove(existing);
    made += 1;
    machine.add(newInstance({ id: `${node.name}-${made}`, project: mesh.project, node, replica, imageId, hash }));
  };

  const create = (mesh: Mesh, node: MeshNode) => {
    for (const { name } of node.volumes) volumes.set(`${mesh.project}_${name}`, mesh.project);
    for (let replica = 1; replica <= node.replicas; replica++) createReplica(mesh, node, replica);
  };

  return {
    converge: async ({ mesh, nodes, remove }, signal) => {
      for (const instance of remove.flatMap(({ id }) => machine.instances.get(id) ?? [])) machine.remove(instance);
      if (nodes.length === 0) return;
      note(`create ${nodes.join(' ')}`);
      // Compose looks for the network first and makes it later; two at once both find none.
      if (creating && !networks.has(mesh.project)) {
        throw refused(`network with name ${mesh.project}_default already exists`);
      }
      creating = true;
      await options.pause(signal).finally(() => {
        creating = false;
      });
      networks.add(mesh.project);
      for (const name of nodes) create(mesh, nodeOf(mesh, name));
    },
    remove: (project, withVolumes) => {
      const removed = networks.delete(project) ? [`network ${project}_default`] : [];
      if (!withVolumes) return removed;
      const own = [...volumes].filter(([, owner]) => owner === project).map(([name]) => name);
      for (const name of own) volumes.delete(name);
      return [...removed, ...own.map((name) => `volume ${name}`)];
    },
  };
}

function refused(words: string): MeshError {
  return new MeshError(`the engine refused to create: ${words}`, { code: 'MESH2006' });
}

/** As Compose does it for the containers that it made: what the node is, without how many there are of it. */
function hashOf(mesh: Mesh, node: MeshNode, secret: (name: string) => string): string {
  const { replicas: _replicas, ...spec } = specOf(mesh, node, {
    placement: 'container',
    secretDigest: secret,
    variableDigest: () => undefined,
  });
  return JSON.stringify(spec);
}

type Given = 'id' | 'project' | 'node' | 'replica' | 'imageId' | 'hash';

function newInstance(given: Pick<FakeInstance, Given>): FakeInstance {
  return {
    ...given,
    lines: [],
    state: 'created',
    exitCode: 0,
    outOfMemory: false,
    error: '',
    startedMs: undefined,
    finishedMs: undefined,
    starts: 0,
    restarts: 0,
    restartDelayMs: 0,
    ports: [],
    run: new AbortController(),
  };
}
