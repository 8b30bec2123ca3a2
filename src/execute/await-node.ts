import type { InstanceDetail } from '../engine/engine.ts';
import type { Check, MeshNode } from '../mesh/mesh.ts';
import type { Instance } from '../plan/observed.ts';
import { createInstanceProbe } from '../probe/instance-probe.ts';
import { waitUntilReady } from '../probe/wait-until-ready.ts';
import { formatSeconds } from '../time/duration.ts';
import { describeExit, describeNeverReady, type FailureReason } from './describe-failure.ts';
import { judgeExits } from './exits.ts';
import { hostPortOf } from './node-addresses.ts';
import type { RunContext, RunState } from './run-context.ts';

export interface AwaitOptions {
  readonly context: RunContext;
  readonly state: RunState;
  readonly node: MeshNode;
  readonly instance: Instance;
  readonly withinMs: number;
}

interface Waiting extends AwaitOptions {
  /** Milliseconds of the run's clock. */
  readonly beganMs: number;
}

/** Waits until one instance is ready. @returns why it is not going to be, or nothing when it is ready */
export async function awaitReady(asked: AwaitOptions): Promise<FailureReason | undefined> {
  const options: Waiting = { ...asked, beganMs: asked.context.clock.now() };
  const { context, node, instance } = options;
  // Both halves end together: whichever knows first stops the other.
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const exit = watchForEnd(options, signal);
  // It may reject while the probe is still being made; whoever races for it below sees that.
  exit.catch(() => {});
  try {
    const probe = await createInstanceProbe(probeOptions(options, node.health.ready), signal);
    const ready = waitUntilReady(probe, {
      clock: context.clock,
      withinMs: options.withinMs,
      signal,
      onAnswer: ({ ok, answer }, tries) => {
        if (ok) return;
        const waitedMs = Math.round(context.clock.now() - startedAt(options));
        context.emit({
          type: 'node:waiting',
          node: node.name,
          probe: { answer, tries, waitedMs, replica: instance.replica },
        });
      },
    });
    const result = await Promise.race([ready, exit]);
    // The race leaves the loser pending; it ends with the signal, and its rejection is no news.
    ready.catch(() => {});
    if ('reason' in result) return result;
    return result.ok ? undefined : describeNeverReady(options.withinMs, result.tries, result.answer);
  } finally {
    exit.catch(() => {});
    over.abort(new Error('over'));
  }
}

/** Waits until a job has exited. */
export async function awaitCompleted(asked: AwaitOptions): Promise<FailureReason | undefined> {
  const options: Waiting = { ...asked, beganMs: asked.context.clock.now() };
  const { context, instance, withinMs } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const tooLate = context.clock
    .sleep(withinMs, signal)
    .then((): FailureReason => ({ reason: `the job still runs after ${formatSeconds(withinMs)}`, code: 'MESH3003' }));
  const ended = watchForEnd(options, signal, instance);
  try {
    const result = await Promise.race([ended, tooLate]);
    return result.exitCode === 0 && result.code === 'MESH3005' ? undefined : result;
  } finally {
    tooLate.catch(() => {});
    ended.catch(() => {});
    over.abort(new Error('over'));
  }
}

/** What this run did not start has been awaited since the wait began. */
function startedAt({ state, node, beganMs }: Waiting): number {
  return state.startedMs.get(node.name) ?? beganMs;
}

function probeOptions({ context, node, instance }: AwaitOptions, check: Check) {
  return {
    engine: context.engine,
    project: context.mesh.project,
    node,
    check,
    instance,
    hostPort: (endpoint: string) => hostPortOf(node, endpoint, instance),
    text: context.text,
    clock: context.clock,
  };
}

/** Resolves with the reason once the instance has ended for good, `already` included; otherwise it waits with the signal. */
function watchForEnd(options: Waiting, signal: AbortSignal, already?: Instance): Promise<FailureReason> {
  const { context, state, node, instance } = options;
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      if (state.exits.removed(instance.id)) {
        return resolve({ reason: 'its container was removed by another command', code: 'MESH3008' });
      }
      const exits = state.exits.of(instance.id);
      if (exits.length === 0) return;
      const detail = await inspectQuietly(context, instance);
      // Whatever the policy says, the engine does not restart what somebody killed by hand.
      const restarts =
        judgeExits(exits, node.restart) === 'starting' && detail?.state !== 'exited' && detail?.state !== 'dead';
      if (!restarts) resolve(describeExit(node, exits, startedAt(options), detail));
    };
    const subscription = state.exits.subscribe(instance.id, () => void look());
    signal.addEventListener(
      'abort',
      () => {
        subscription[Symbol.dispose]();
        reject(signal.reason);
      },
      { once: true },
    );
    void look();
    // An instance that ended before anyone listened has left no event.
    if (already !== undefined) {
      void inspectQuietly(context, already).then((detail) => {
        if (detail?.state === 'exited') resolve(describeExit(node, [], startedAt(options), detail));
      });
    }
  });
}

async function inspectQuietly(context: RunContext, instance: Instance): Promise<InstanceDetail | undefined> {
  try {
    return await context.engine.inspect(instance.id);
  } catch {
    return undefined;
  }
}
