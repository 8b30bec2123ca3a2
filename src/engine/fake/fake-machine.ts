import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { RestartPolicy } from '../../mesh/mesh.ts';
import type { PublishedPort } from '../../plan/observed.ts';
import type { Clock } from '../../time/clock.ts';
import type { EngineEvent } from '../engine.ts';
import type { FakeBehaviour } from './fake-behaviour.ts';
import { type FakeInstance, nameOf } from './fake-instance.ts';
import type { FakeLogs } from './fake-logs.ts';
import { restartDelayMs } from './restart-delay.ts';

export interface FakeMachineOptions {
  readonly clock: Clock;
  readonly behaviourOf: (instance: FakeInstance) => FakeBehaviour;
  /** Host ports that something else holds → who. */
  readonly heldPorts: Readonly<Record<number, string>>;
  readonly logs: FakeLogs;
  /** Ends all that is scheduled. */
  readonly closed: AbortSignal;
  /** Everything that happens, in words. */
  readonly note: (text: string) => void;
  readonly emit: (project: string, event: EngineEvent) => void;
  readonly date: () => string;
}

/** The life of instances, from created to removed. */
export interface FakeMachine {
  readonly instances: ReadonlyMap<string, FakeInstance>;
  readonly add: (instance: FakeInstance) => void;
  readonly start: (instance: FakeInstance, signal: AbortSignal) => Promise<void>;
  readonly stop: (instance: FakeInstance, graceMs: number) => Promise<void>;
  readonly remove: (instance: FakeInstance) => void;
  readonly isReady: (instance: FakeInstance) => boolean;
  /** Who publishes that host port, in words. */
  readonly holderOf: (port: number) => string | undefined;
}

const FIRST_FREE_PORT = 32_768;
const KILLED = 137;
const TERMINATED = 143;

export function createFakeMachine(options: FakeMachineOptions): FakeMachine {
  const { clock, behaviourOf, logs, note } = options;
  const instances = new Map<string, FakeInstance>();
  let nextPort = FIRST_FREE_PORT;

  const later = (instance: FakeInstance, ms: number, act: () => void) => {
    const signal = AbortSignal.any([instance.run.signal, options.closed]);
    void clock.sleep(ms, signal).then(act, () => {});
  };

  const tell = (type: EngineEvent['type'], instance: FakeInstance, exitCode?: number) => {
    note(`${type} ${nameOf(instance)}${exitCode === undefined ? '' : ` ${exitCode}`}`);
    const { id, node, replica } = instance;
    options.emit(instance.project, { type, id, node: node.name, replica, exitCode, at: options.date() });
  };

  const begin = (instance: FakeInstance) => {
    const { log = [], exit, killedAfterMs, removedAfterMs } = behaviourOf(instance);
    instance.run = new AbortController();
    instance.state = 'running';
    instance.startedMs = clock.now();
    instance.starts += 1;
    tell('started', instance);
    for (const { afterMs, text, stream = 'stdout' } of log) {
      later(instance, afterMs, () => logs.write(instance, { stream, text }));
    }
    const first = instance.starts === 1;
    if (exit !== undefined && (first || exit.runs === 'every')) {
      later(instance, exit.afterMs, () => end(instance, exit.code, { outOfMemory: exit.outOfMemory }));
    }
    if (first && killedAfterMs !== undefined) {
      later(instance, killedAfterMs, () => end(instance, KILLED, { byHand: true }));
    }
    if (first && removedAfterMs !== undefined) later(instance, removedAfterMs, () => remove(instance));
  };

  const end = (
    instance: FakeInstance,
    code: number,
    how: { readonly outOfMemory?: boolean | undefined; readonly byHand?: boolean },
  ) => {
    instance.run.abort(new Error('ended'));
    instance.finishedMs = clock.now();
    instance.exitCode = code;
    instance.outOfMemory = how.outOfMemory ?? false;
    instance.ports = [];
    const again = how.byHand !== true && restarts(instance.node.restart, code);
    instance.state = again ? 'restarting' : 'exited';
    if (instance.outOfMemory) tell('out-of-memory', instance);
    tell('exited', instance, code);
    if (!again) return;
    instance.restarts += 1;
    instance.restartDelayMs = restartDelayMs(instance.restartDelayMs, clock.now() - (instance.startedMs ?? 0));
    instance.run = new AbortController();
    later(instance, instance.restartDelayMs, () => {
      instance.ports = allot(instance);
      begin(instance);
    });
  };

  const remove = (instance: FakeInstance) => {
    if (instance.state === 'running') end(instance, KILLED, { byHand: true });
    instance.run.abort(new Error('removed'));
    if (instances.delete(instance.id)) tell('removed', instance);
  };

  const holderOf = (port: number): string | undefined => {
    const publisher = [...instances.values()].find((instance) =>
      instance.ports.some(({ hostPort }) => hostPort === port),
    );
    return publisher === undefined
      ? options.heldPorts[port]
      : `container ${nameOf(publisher)} of project ${publisher.project}`;
  };

  const allot = (instance: FakeInstance): PublishedPort[] =>
    instance.node.endpoints.flatMap(({ port, host, protocol }) => {
      if (host.kind === 'none') return [];
      // Two containers cannot share a port, so only the first replica has the fixed one.
      const fixed = host.kind === 'fixed' && instance.replica === 1;
      if (fixed && holderOf(host.port) !== undefined) {
        throw refusal(instance, `Bind for 127.0.0.1:${host.port} failed: port is already allocated`);
      }
      const hostPort = fixed ? host.port : nextPort++;
      return [{ containerPort: port, protocol: protocol === 'udp' ? 'udp' : 'tcp', hostPort }];
    });

  return {
    instances,
    holderOf,
    remove,
    add: (instance) => {
      instances.set(instance.id, instance);
      note(`created ${nameOf(instance)}`);
    },
    start: async (instance, signal) => {
      const { startTakesMs = 0, startRefused } = behaviourOf(instance);
      if (instance.state === 'running') return;
      note(`start ${nameOf(instance)}`);
      if (startTakesMs > 0) await clock.sleep(startTakesMs, signal);
      if (startRefused !== undefined) throw refusal(instance, startRefused);
      instance.ports = allot(instance);
      begin(instance);
    },
    stop: async (instance, graceMs) => {
      const { stopTakesMs = 0 } = behaviourOf(instance);
      if (instance.state !== 'running' && instance.state !== 'restarting') return;
      note(`stop ${nameOf(instance)}`);
      if (instance.state === 'restarting') {
        instance.run.abort(new Error('stopped'));
        instance.state = 'exited';
        return;
      }
      const takesMs = Math.min(stopTakesMs, graceMs);
      if (takesMs > 0) await clock.sleep(takesMs);
      if (instance.state === 'running') end(instance, stopTakesMs > graceMs ? KILLED : TERMINATED, { byHand: true });
    },
    isReady: (instance) => {
      const { readyAfterMs = 0 } = behaviourOf(instance);
      return readyAfterMs !== 'never' && clock.now() - (instance.startedMs ?? 0) >= readyAfterMs;
    },
  };
}

function restarts(policy: RestartPolicy, code: number): boolean {
  return policy === 'always' || policy === 'unless-stopped' || (policy === 'on-failure' && code !== 0);
}

function refusal(instance: FakeInstance, words: string): MeshError {
  instance.error = words;
  return new MeshError(`the engine refused to start ${nameOf(instance)}: ${words}`, { code: 'MESH2006' });
}
