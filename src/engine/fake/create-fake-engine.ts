import { MeshError } from '../../diagnostics/mesh-error.ts';
import { type Mesh, type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import { specOf } from '../../plan/node-spec.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConvergeRequest, Engine, EngineEvent } from '../engine.ts';
import type { FakeBehaviour, FakeImage } from './fake-behaviour.ts';
import { type FakeInstance, nameOf, toDetail, toInstance } from './fake-instance.ts';
import { createFakeLogs } from './fake-logs.ts';
import { createFakeMachine } from './fake-machine.ts';

export interface FakeEngineOptions {
  readonly clock: Clock;
  /** By the name of the node. */
  readonly nodes?: Readonly<Record<string, FakeBehaviour>> | undefined;
  /** By name. One that is not listed is there. */
  readonly images?: Readonly<Record<string, FakeImage>> | undefined;
  /** Host ports that something else holds → who, in words. */
  readonly heldPorts?: Readonly<Record<number, string>> | undefined;
  /** From then on nothing answers. */
  readonly goneAtMs?: number | undefined;
  /** How long creating instances takes. */
  readonly convergeTakesMs?: number | undefined;
  readonly secret?: ((name: string) => string) | undefined;
}

/** An engine without an engine, for tests: see {@link createFakeEngine}. */
export interface FakeEngine extends Engine {
  /** All that happened, with the time: `120 exited shop-db-1 3`. Requests are verbs, what came of them is in the past tense. */
  readonly history: readonly string[];
  /** What there is now, of all projects, in the order in which it was made. */
  readonly instances: () => readonly Instance[];
  /** Streams that somebody has open: event subscriptions and followed logs. */
  readonly openStreams: () => number;
  /** A build's result: the image is there, and it is a new one. */
  readonly putImage: (name: string) => void;
}

/**
 * Simulates a container engine over a clock: instances live through the states that Docker gives them, with its events,
 * its restart back-off and its refusals, while each node does what its behaviour says.
 */
export function createFakeEngine(options: FakeEngineOptions): FakeEngine {
  const { clock } = options;
  const beganMs = clock.now();
  const beganAt = clock.date().getTime();
  const dateOf = (ms: number) => new Date(beganAt + ms - beganMs).toISOString();
  const date = () => dateOf(clock.now());
  const history: string[] = [];
  const watchers = new Set<{ readonly project: string; readonly onEvent: (event: EngineEvent) => void }>();
  const closed = new AbortController();
  const logs = createFakeLogs(date);
  const images = createImages(options.images ?? {});
  const networks = new Set<string>();
  const volumes = new Map<string, string>();
  let made = 0;
  let converging = false;

  const isGone = () => options.goneAtMs !== undefined && clock.now() - beganMs >= options.goneAtMs;
  const reach = () => {
    if (isGone()) throw new MeshError('no engine answers', { code: 'MESH2001', exitCode: 3 });
  };
  /** Each request fails when the engine is gone, before it is carried out or while it is. */
  const call = async <T>(request: () => T | Promise<T>): Promise<T> => {
    reach();
    const result = await request();
    reach();
    return result;
  };

  const note = (text: string) => history.push(`${Math.round(clock.now() - beganMs)} ${text}`);
  const machine = createFakeMachine({
    clock,
    logs,
    date,
    note,
    behaviourOf: (node) => options.nodes?.[node] ?? {},
    heldPorts: options.heldPorts ?? {},
    closed: closed.signal,
    emit: (project, event) => {
      if (isGone()) return;
      for (const watcher of watchers) if (watcher.project === project) watcher.onEvent(event);
    },
  });
  const all = () => [...machine.instances.values()];
  const found = (id: string, doing: string): FakeInstance => {
    const instance = machine.instances.get(id);
    if (instance === undefined) throw refused(doing, `No such container: ${id}`);
    return instance;
  };

  const createOne = (mesh: Mesh, node: MeshNode, replica: number) => {
    const imageId = images.idOf(node.image);
    if (imageId === undefined) throw refused('create', `No such image: ${node.image}`);
    const hash = hashOf(mesh, node, options);
    const existing = all().find(
      (other) => other.project === mesh.project && other.node.name === node.name && other.replica === replica,
    );
    if (existing?.hash === hash && existing.imageId === imageId) return;
    if (existing !== undefined) machine.remove(existing);
    made += 1;
    machine.add(newInstance({ id: `${node.name}-${made}`, project: mesh.project, node, replica, imageId, hash }));
  };

  const converge = async ({ mesh, nodes, remove }: ConvergeRequest, signal: AbortSignal) => {
    for (const { id } of remove) {
      const instance = machine.instances.get(id);
      if (instance !== undefined) machine.remove(instance);
    }
    if (nodes.length === 0) return;
    note(`create ${nodes.join(' ')}`);
    // Compose looks for the network first and makes it later; two at once both find none.
    if (converging && !networks.has(mesh.project)) {
      throw refused('create', `network with name ${mesh.project}_default already exists`);
    }
    converging = true;
    try {
      if (options.convergeTakesMs !== undefined) await clock.sleep(options.convergeTakesMs, signal);
      networks.add(mesh.project);
      for (const node of nodes.map((name) => nodeOf(mesh, name))) {
        for (const { name } of node.volumes) volumes.set(`${mesh.project}_${name}`, mesh.project);
        for (let replica = 1; replica <= node.replicas; replica++) createOne(mesh, node, replica);
      }
    } finally {
      converging = false;
    }
  };

  const removeProject = (project: string, withVolumes: boolean): string[] => {
    const removed = networks.delete(project) ? [`network ${project}_default`] : [];
    if (!withVolumes) return removed;
    const own = [...volumes].filter(([, owner]) => owner === project).map(([name]) => name);
    for (const name of own) volumes.delete(name);
    return [...removed, ...own.map((name) => `volume ${name}`)];
  };

  return {
    info: { kind: 'fake', label: 'fake', publishHost: '127.0.0.1' },
    history,
    instances: () => all().map((instance) => toInstance(instance, dateOf)),
    openStreams: () => watchers.size + logs.followers(),
    putImage: images.put,
    observe: (project, names) =>
      call(() => ({
        // The newest first, as Docker lists them, so that nobody relies on a nicer order.
        instances: all()
          .filter((instance) => instance.project === project)
          .reverse()
          .map((instance) => toInstance(instance, dateOf)),
        images: images.of(names),
      })),
    inspect: (id) => call(() => toDetail(found(id, 'inspect a container'), dateOf)),
    pull: (image, onProgress, signal) =>
      call(async () => {
        note(`pull ${image}`);
        const { pullTakesMs = 0, refused: words } = options.images?.[image] ?? { here: true };
        onProgress('pulling');
        if (pullTakesMs > 0) await clock.sleep(pullTakesMs, signal);
        if (words !== undefined) throw new MeshError(`image ${image} cannot be had: ${words}`, { code: 'MESH2004' });
        images.put(image);
      }),
    converge: (request, signal) => call(() => converge(request, signal)),
    start: ({ id, name }, _mesh, signal) =>
      call(() => {
        const instance = machine.instances.get(id);
        if (instance !== undefined) return machine.start(instance, signal);
        throw new MeshError(`${name} was removed by another command`, { code: 'MESH3008' });
      }),
    stop: ({ id }, graceMs) =>
      call(async () => {
        const instance = machine.instances.get(id);
        if (instance !== undefined) await machine.stop(instance, graceMs);
      }),
    remove: ({ id }) =>
      call(() => {
        const instance = machine.instances.get(id);
        if (instance !== undefined) machine.remove(instance);
      }),
    removeProject: (project, what) => call(() => removeProject(project, what.volumes)),
    watch: (project, onEvent, signal) =>
      call(() => {
        if (signal.aborted) return;
        const watcher = { project, onEvent };
        watchers.add(watcher);
        signal.addEventListener('abort', () => watchers.delete(watcher), { once: true });
      }),
    logs: (request, onLine, signal) =>
      call(() =>
        logs.read(
          all().filter((instance) => instance.project === request.project),
          request,
          onLine,
          signal,
        ),
      ),
    exec: ({ instance: { id } }, signal) =>
      call(() => {
        signal.throwIfAborted();
        const instance = found(id, 'run a command');
        if (instance.state !== 'running') return { exitCode: 1, output: `${nameOf(instance)} is not running` };
        if (machine.isReady(instance)) return { exitCode: 0, output: '' };
        return { exitCode: 1, output: options.nodes?.[instance.node.name]?.notReadyWords ?? 'not ready yet' };
      }),
    portHolder: (port) => call(() => machine.holderOf(port)),
    stats: (instances) => call(() => instances.map(({ id }) => ({ id, cpuPercent: 0, memory: 0, memoryLimit: 0 }))),
    close: () => {
      closed.abort(new Error('closed'));
      watchers.clear();
    },
  };
}

function refused(doing: string, words: string): MeshError {
  return new MeshError(`the engine refused to ${doing}: ${words}`, { code: 'MESH2006' });
}

/** As Compose does it for the containers that it made: what the node is, without how many there are of it. */
function hashOf(mesh: Mesh, node: MeshNode, options: FakeEngineOptions): string {
  const inputs = { secretDigest: options.secret ?? ((name: string) => name), variable: () => undefined };
  const { replicas: _replicas, ...spec } = specOf(mesh, node, inputs);
  return JSON.stringify(spec);
}

type Fixed = 'id' | 'project' | 'node' | 'replica' | 'imageId' | 'hash';

function newInstance(fields: Pick<FakeInstance, Fixed>): FakeInstance {
  return {
    ...fields,
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

/** Name → id. An image that is put again has another id, as one that was built anew. */
function createImages(given: Readonly<Record<string, FakeImage>>) {
  const versions = new Map<string, number>();
  const idOf = (name: string): string | undefined => {
    const version = versions.get(name) ?? ((given[name]?.here ?? true) ? 1 : undefined);
    return version === undefined ? undefined : `sha256:${name}@${version}`;
  };
  return {
    idOf,
    put: (name: string) => {
      versions.set(name, (versions.get(name) ?? 1) + 1);
    },
    of: (names: readonly string[]): Record<string, string> => {
      const entries = names.map((name) => [name, idOf(name)] as const).filter(([, id]) => id !== undefined);
      return Object.fromEntries(entries) as Record<string, string>;
    },
  };
}
