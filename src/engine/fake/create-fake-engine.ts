import { MeshError } from '../../diagnostics/mesh-error.ts';
import { replicaName } from '../../mesh/mesh.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Clock } from '../../time/clock.ts';
import type { Engine, EngineEvent } from '../engine.ts';
import type { FakeBehaviour, FakeImage } from './fake-behaviour.ts';
import { createFakeImages } from './fake-images.ts';
import { type FakeInstance, toDetail, toInstance } from './fake-instance.ts';
import { createFakeLogs } from './fake-logs.ts';
import { createFakeMachine } from './fake-machine.ts';
import { createFakeProjects } from './fake-projects.ts';

export interface FakeEngineOptions {
  readonly clock: Clock;
  /** By the name of the node; or of one replica, such as `api-2`. */
  readonly nodes?: Readonly<Record<string, FakeBehaviour>> | undefined;
  /** By name. One that is not listed is there. */
  readonly images?: Readonly<Record<string, FakeImage>> | undefined;
  /** Host ports that something else holds → who, in words. */
  readonly heldPorts?: Readonly<Record<number, string>> | undefined;
  /** From then on nothing answers. */
  readonly goneAtMs?: number | undefined;
  /** How it says so: that it cannot be reached, or that it went away. */
  readonly goneCode?: 'MESH2001' | 'MESH2007' | undefined;
  /** How long creating instances takes. */
  readonly convergeTakesMs?: number | undefined;
  /** How long each look at the instances takes, in turn; what it shows is from its beginning. No time after the last one. */
  readonly looksTakeMs?: readonly number[] | undefined;
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
  const looksTakeMs = [...(options.looksTakeMs ?? [])];
  const closed = new AbortController();
  const logs = createFakeLogs(date);
  const images = createFakeImages(options.images ?? {});

  const isGone = () => options.goneAtMs !== undefined && clock.now() - beganMs >= options.goneAtMs;
  const reach = () => {
    if (isGone()) throw new MeshError('no engine answers', { code: options.goneCode ?? 'MESH2001', exitCode: 3 });
  };
  /** Each request fails when the engine is gone, before it is carried out or while it is. */
  const call = async <T>(request: () => T | Promise<T>): Promise<T> => {
    reach();
    const result = await request();
    reach();
    return result;
  };

  const behaviourOf = ({ node: { name }, replica }: FakeInstance): FakeBehaviour =>
    options.nodes?.[replicaName(name, replica)] ?? options.nodes?.[name] ?? {};
  const note = (text: string) => history.push(`${Math.round(clock.now() - beganMs)} ${text}`);
  const machine = createFakeMachine({
    clock,
    logs,
    date,
    note,
    behaviourOf,
    heldPorts: options.heldPorts ?? {},
    closed: closed.signal,
    emit: (project, event) => {
      if (isGone()) return;
      for (const watcher of watchers) if (watcher.project === project) watcher.onEvent(event);
    },
  });
  const all = () => [...machine.instances.values()];
  const projects = createFakeProjects({
    machine,
    images,
    note,
    pause: (signal) => clock.sleep(options.convergeTakesMs ?? 0, signal),
    secret: options.secret ?? ((name) => name),
  });

  return {
    info: { kind: 'fake', label: 'fake', publishHost: '127.0.0.1' },
    history,
    instances: () => all().map((instance) => toInstance(instance, dateOf)),
    openStreams: () => watchers.size + logs.followers(),
    putImage: images.put,
    observe: (project, names) =>
      call(async () => {
        const takesMs = looksTakeMs.shift() ?? 0;
        const observed = {
          // The newest first, as Docker lists them, so that nobody relies on a nicer order.
          instances: all()
            .filter((instance) => instance.project === project)
            .reverse()
            .map((instance) => toInstance(instance, dateOf)),
          images: images.of(names),
        };
        if (takesMs > 0) await clock.sleep(takesMs);
        return observed;
      }),
    inspect: (id) =>
      call(() => {
        const instance = machine.instances.get(id);
        if (instance !== undefined) return toDetail(instance, dateOf);
        throw new MeshError(`the engine refused to inspect a container: No such container: ${id}`, {
          code: 'MESH2006',
        });
      }),
    pull: (image, onProgress, signal) =>
      call(async () => {
        note(`pull ${image}`);
        const { pullTakesMs = 0, refused: words } = options.images?.[image] ?? { here: true };
        onProgress('pulling');
        if (pullTakesMs > 0) await clock.sleep(pullTakesMs, signal);
        if (words !== undefined) throw new MeshError(`image ${image} cannot be had: ${words}`, { code: 'MESH2004' });
        images.put(image);
      }),
    converge: (request, signal) => call(() => projects.converge(request, signal)),
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
    removeProject: (project, what) => call(() => projects.remove(project, what.volumes)),
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
        const instance = machine.instances.get(id);
        if (instance?.state !== 'running') return { exitCode: 1, output: `container ${id} is not running` };
        if (machine.isReady(instance)) return { exitCode: 0, output: '' };
        return { exitCode: 1, output: behaviourOf(instance).notReadyWords ?? 'not ready yet' };
      }),
    portHolder: (port) => call(() => machine.holderOf(port)),
    stats: (instances) => call(() => instances.map(({ id }) => ({ id, cpuPercent: 0, memory: 0, memoryLimit: 0 }))),
    close: () => {
      closed.abort(new Error('closed'));
      watchers.clear();
    },
  };
}
