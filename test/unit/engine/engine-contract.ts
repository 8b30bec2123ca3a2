import { describe, expect, it } from 'vitest';
import type { Engine, EngineEvent, LogLine } from '../../../src/engine/engine.ts';
import type { FakeBehaviour } from '../../../src/engine/fake/fake-behaviour.ts';
import type { Mesh, MeshNode } from '../../../src/mesh/mesh.ts';
import type { Instance } from '../../../src/plan/observed.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { until } from '../../../src/time/until.ts';
import { endpoint, meshWith, nodeWith, settings } from '../render/mesh-builder.ts';

/** An engine with a project of its own on it; disposing of it leaves nothing behind. */
export interface ContractSubject extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly project: string;
  /** Lets the engine know a mesh before it is told to converge: Docker reads it from a generated file. */
  readonly publish: (mesh: Mesh) => void;
  /**
   * What the project has beside its instances, in the engine's words. Processes need no network, and a program that is
   * told how to run keeps its data where it likes.
   */
  readonly leftovers: { readonly networks: readonly string[]; readonly volumes: readonly string[] };
}

/** The behaviours are what a simulation needs; the commands of the nodes do the same for real. */
export type CreateSubject = (behaviours: Readonly<Record<string, FakeBehaviour>>) => Promise<ContractSubject>;

export const IMAGE = 'busybox:latest';
const never = new AbortController().signal;

/** What execution relies on, whatever the engine is. */
export function describeEngineContract(name: string, createSubject: CreateSubject): void {
  describe(`the contract of engines, kept by ${name}`, () => {
    it('shows nothing of a project that does not exist, and no image that is not there', async () => {
      await using bench = await createBench(createSubject, {});
      const images = [IMAGE, 'mesh-contract.invalid/none:1'];
      const observed = await bench.engine.observe('mesh-contract-of-nobody', images);
      expect(observed.instances).toEqual([]);
      expect(Object.keys(observed.images)).toEqual([IMAGE]);
      await expect(bench.engine.inspect('0123456789ab')).rejects.toMatchObject({ code: 'MESH2006' });
    });

    it('creates without starting, starts, stops and starts again the same instance', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const created = await bench.create();
      expect(created).toMatchObject({ node: 'server', replica: 1, state: 'created', ports: [] });
      await bench.engine.start(created, bench.mesh(), never);
      expect(await bench.see('server')).toMatchObject({ id: created.id, state: 'running' });
      await bench.engine.stop(created, 0);
      expect((await bench.see('server')).state).toBe('exited');
      await bench.engine.stop(created, 0);
      await bench.engine.start(await bench.see('server'), bench.mesh(), never);
      expect(await bench.see('server')).toMatchObject({ id: created.id, state: 'running' });
    });

    it('leaves a running instance as it is when it is told to start it', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const instance = await bench.start();
      const before = await bench.engine.inspect(instance.id);
      await bench.engine.start(instance, bench.mesh(), never);
      expect((await bench.engine.inspect(instance.id)).startedAt).toBe(before.startedAt);
    });

    it('publishes a port while the instance runs, and says who holds it', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      bench.change({ endpoints: [endpoint('http', 'http', 8080, { kind: 'auto' })] });
      const instance = await bench.start();
      const [port] = instance.ports;
      expect(port).toMatchObject({ containerPort: 8080, protocol: 'tcp' });
      expect(await bench.engine.portHolder(port?.hostPort ?? 0)).toContain(instance.name);
      await bench.engine.stop(instance, 0);
      expect((await bench.see('server')).ports).toEqual([]);
      expect(await bench.engine.portHolder(port?.hostPort ?? 0)).toBeUndefined();
    });

    it('refuses to start a second instance on a port that is taken, in words that name the port', async () => {
      await using bench = await createBench(createSubject, { server: {}, second: {} });
      bench.change({ endpoints: [endpoint('http', 'http', 8080, { kind: 'auto' })] });
      const port = (await bench.start()).ports[0]?.hostPort ?? 0;
      bench.change({ endpoints: [endpoint('http', 'http', 8080, port)] }, 'second');
      const second = await bench.create('second');
      const refusal = bench.engine.start(second, bench.mesh(), never);
      await expect(refusal).rejects.toMatchObject({
        code: 'MESH2006',
        message: expect.stringContaining(`Bind for 127.0.0.1:${port} failed: port is already allocated`),
      });
      expect((await bench.see('second')).state).not.toBe('running');
    });

    it('keeps what has not changed and replaces what has', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const first = await bench.start();
      const kept = await bench.create();
      expect(kept).toMatchObject({ id: first.id, state: 'running' });
      bench.change({ env: settings({ MODE: 'new' }) });
      const replaced = await bench.create();
      expect(replaced.id).not.toBe(first.id);
      expect(replaced.state).toBe('created');
    });

    it('creates each replica and keeps the others when one is added', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const first = await bench.create();
      bench.change({ replicas: 3 });
      await bench.create();
      const instances = await bench.seeAll();
      expect(instances.map(({ node, replica }) => `${node} ${replica}`)).toEqual(['server 1', 'server 2', 'server 3']);
      expect(instances[0]?.id).toBe(first.id);
    });

    it('removes what converge is told to remove, running or not', async () => {
      await using bench = await createBench(createSubject, { server: {}, second: {} });
      const running = await bench.start();
      const created = await bench.create('second');
      await bench.engine.converge({ mesh: bench.mesh(), nodes: [], anew: [], remove: [running, created] }, never);
      expect(await bench.seeAll()).toEqual([]);
    });

    it('takes it well when an instance to stop or remove is gone, but not one to start', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const instance = await bench.create();
      await bench.engine.remove(instance);
      await bench.engine.remove(instance);
      await bench.engine.stop(instance, 0);
      await expect(bench.engine.start(instance, bench.mesh(), never)).rejects.toMatchObject({ code: 'MESH3008' });
    });

    it('removes the network of a project, and its volumes only on request', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      bench.change({ volumes: [{ name: 'rows', path: '/rows' }] });
      const { project, leftovers } = bench;
      await bench.engine.remove(await bench.create());
      expect(await bench.engine.removeProject(project, { volumes: false })).toEqual(leftovers.networks);
      expect(await bench.engine.removeProject(project, { volumes: true })).toEqual(leftovers.volumes);
      expect(await bench.engine.removeProject(project, { volumes: true })).toEqual([]);
    });

    it('leaves one that exits where nothing restarts it, and remembers its code', async () => {
      await using bench = await createBench(createSubject, {
        server: { exit: { code: 3, afterMs: 100, runs: 'every' } },
      });
      const instance = await bench.start();
      await bench.eventually(async () => (await bench.see('server')).state === 'exited');
      expect(await bench.see('server')).toMatchObject({ id: instance.id, exitCode: 3, ports: [] });
      expect(await bench.engine.inspect(instance.id)).toMatchObject({
        state: 'exited',
        exitCode: 3,
        restarts: 0,
        outOfMemory: false,
      });
    });

    it('restarts one that fails where the policy says so, and tells each start and exit in order', async () => {
      await using bench = await createBench(createSubject, {
        server: { exit: { code: 3, afterMs: 100, runs: 'every' } },
      });
      bench.change({ restart: 'on-failure' });
      const events = await bench.watch();
      const instance = await bench.start();
      await bench.eventually(async () => events.length >= 5);
      expect(
        events.slice(0, 5).map(({ type, exitCode }) => (exitCode === undefined ? type : `${type} ${exitCode}`)),
      ).toEqual(['started', 'exited 3', 'started', 'exited 3', 'started']);
      expect(events[0]).toMatchObject({ id: instance.id, node: 'server', replica: 1 });
      const times = events.map(({ at }) => Date.parse(at));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect((await bench.engine.inspect(instance.id)).restarts).toBeGreaterThanOrEqual(2);
    });

    it('does not restart one that succeeds under on-failure', async () => {
      await using bench = await createBench(createSubject, {
        server: { exit: { code: 0, afterMs: 100, runs: 'every' } },
      });
      bench.change({ restart: 'on-failure' });
      const instance = await bench.start();
      await bench.eventually(async () => (await bench.see('server')).state === 'exited');
      expect(await bench.engine.inspect(instance.id)).toMatchObject({ exitCode: 0, restarts: 0 });
    });

    it('does not restart what it was told to stop', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      bench.change({ restart: 'always' });
      const instance = await bench.start();
      await bench.engine.stop(instance, 0);
      await bench.clock.sleep(500);
      expect((await bench.see('server')).state).toBe('exited');
    });

    it('lets one go on that has failed once', async () => {
      await using bench = await createBench(createSubject, {
        server: { exit: { code: 1, afterMs: 100, runs: 'first' } },
      });
      bench.change({ restart: 'always' });
      const events = await bench.watch();
      const instance = await bench.start();
      await bench.eventually(async () => events.length >= 3 && (await bench.see('server')).state === 'running');
      expect((await bench.engine.inspect(instance.id)).restarts).toBe(1);
    });

    it('tells of start, exit and removal, and of nothing once nobody listens', async () => {
      await using bench = await createBench(createSubject, { server: {} });
      const over = new AbortController();
      const events = await bench.watch(over.signal);
      const instance = await bench.start();
      await bench.engine.stop(instance, 0);
      await bench.engine.remove(instance);
      await bench.eventually(async () => events.length >= 3);
      over.abort(new Error('over'));
      await bench.start();
      expect(events.map(({ type }) => type)).toEqual(['started', 'exited', 'removed']);
    });

    it('reads a log with its streams, in order, from the end when asked', async () => {
      await using bench = await createBench(createSubject, { server: { log: LINES } });
      await bench.start();
      const read = (tail?: number) => bench.readLog({ follow: false, tail }, never);
      await bench.eventually(async () => (await read()).length === LINES.length);
      const lines = await read();
      expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
        'stdout one',
        'stderr two',
        'stdout three',
      ]);
      expect(lines.every(({ node, replica }) => node === 'server' && replica === 1)).toBe(true);
      expect(lines.every(({ at }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(at))).toBe(true);
      expect((await read(1)).map(({ text }) => text)).toEqual(['three']);
    });

    it('follows the log of an instance that starts later, until the signal', async () => {
      await using bench = await createBench(createSubject, { server: { log: LINES } });
      await bench.create();
      const over = new AbortController();
      const lines: LogLine[] = [];
      const reading = bench.readLog({ follow: true }, over.signal, lines);
      await bench.start();
      await bench.eventually(async () => lines.length === LINES.length);
      over.abort(new Error('over'));
      expect((await reading).map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    });

    it('runs a command in an instance and gives its exit code', async () => {
      await using bench = await createBench(createSubject, { server: { readyAfterMs: 300, notReadyWords: 'not yet' } });
      const instance = await bench.start();
      const ask = () =>
        bench.engine.exec(
          { instance, command: ['sh', '-c', 'test -f ready || { echo not yet; exit 1; }'], stdio: 'capture' },
          never,
        );
      expect(await ask()).toEqual({ exitCode: 1, output: expect.stringContaining('not yet') });
      await bench.eventually(async () => (await ask()).exitCode === 0);
      await bench.engine.stop(instance, 0);
      const stopped = await ask();
      expect(stopped.exitCode).not.toBe(0);
      expect(stopped.output).toContain('is not running');
    });
  });
}

/** Far enough apart for two streams that the engine reads one after the other. */
const LINES = [
  { afterMs: 100, text: 'one' },
  { afterMs: 200, text: 'two', stream: 'stderr' },
  { afterMs: 300, text: 'three' },
] as const;

interface Bench extends ContractSubject {
  readonly mesh: () => Mesh;
  readonly change: (fields: Partial<MeshNode>, node?: string) => void;
  /** Converges on one node, without starting it. */
  readonly create: (node?: string) => Promise<Instance>;
  readonly start: (node?: string) => Promise<Instance>;
  readonly see: (node: string) => Promise<Instance>;
  readonly seeAll: () => Promise<Instance[]>;
  readonly watch: (signal?: AbortSignal) => Promise<EngineEvent[]>;
  readonly readLog: (
    how: { readonly follow: boolean; readonly tail?: number | undefined },
    signal: AbortSignal,
    into?: LogLine[],
  ) => Promise<LogLine[]>;
  readonly eventually: (isTrue: () => Promise<boolean>) => Promise<void>;
}

async function createBench(
  createSubject: CreateSubject,
  behaviours: Readonly<Record<string, FakeBehaviour>>,
): Promise<Bench> {
  const subject = await createSubject(behaviours);
  const { engine, clock, project } = subject;
  const over = new AbortController();
  let nodes = Object.entries(behaviours).map(([name, behaviour]) => {
    const command = ['sh', '-c', scriptOf(behaviour)];
    return nodeWith({ name, image: IMAGE, stopGraceMs: 1000, command, run: { command, folder: name, env: [] } });
  });
  const mesh = () => meshWith({ name: project, project, nodes });
  const seeAll = async () => {
    const { instances } = await engine.observe(project, []);
    return [...instances].sort((a, b) => a.node.localeCompare(b.node) || a.replica - b.replica);
  };
  const see = async (node: string) => {
    const found = (await seeAll()).find((instance) => instance.node === node);
    if (found === undefined) throw new Error(`there is no ${node}`);
    return found;
  };
  const create = async (node = 'server') => {
    subject.publish(mesh());
    await engine.converge({ mesh: mesh(), nodes: [node], anew: [], remove: [] }, never);
    return see(node);
  };
  return {
    ...subject,
    mesh,
    seeAll,
    see,
    create,
    change: (fields, changed = 'server') => {
      nodes = nodes.map((node) => (node.name === changed ? { ...node, ...fields } : node));
    },
    start: async (node = 'server') => {
      await engine.start(await create(node), mesh(), never);
      return see(node);
    },
    watch: async (signal = over.signal) => {
      const events: EngineEvent[] = [];
      await engine.watch(project, (event) => events.push(event), signal);
      return events;
    },
    readLog: async (how, signal, into = []) => {
      await engine.logs({ project, nodes: ['server'], ...how }, (line) => into.push(line), signal);
      return into;
    },
    eventually: async (isTrue) => {
      const ask = async () => ((await isTrue()) ? true : undefined);
      await until(ask, { clock, backoff: { firstMs: 50, factor: 1, maxMs: 50 }, withinMs: 20_000 });
    },
    [Symbol.asyncDispose]: async () => {
      over.abort(new Error('over'));
      await subject[Symbol.asyncDispose]();
    },
  };
}

/** The same behaviour as a program of a shell, which has the folder where it runs to itself. */
function scriptOf({ log = [], readyAfterMs, exit }: FakeBehaviour): string {
  const steps: string[] = ['rm -f ready'];
  if (exit?.runs === 'first') steps.push('if [ -f ran ]; then exec sleep 1000; fi', 'touch ran');
  for (const { text, stream } of log) steps.push(`sleep 0.1; echo ${text}${stream === 'stderr' ? ' >&2' : ''}`);
  steps.push(`sleep ${(typeof readyAfterMs === 'number' ? readyAfterMs : 0) / 1000}`, 'touch ready');
  steps.push(exit === undefined ? 'exec sleep 1000' : `sleep ${exit.afterMs / 1000}; exit ${exit.code}`);
  return steps.join('\n');
}
