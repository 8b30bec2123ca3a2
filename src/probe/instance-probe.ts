import type { Engine } from '../engine/engine.ts';
import type { Check, MeshNode } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { Instance } from '../plan/observed.ts';
import { containerCheck } from '../render/compose/healthcheck.ts';
import type { Clock } from '../time/clock.ts';
import { resolveCheckTarget } from './check-target.ts';
import type { ProbeAnswer } from './probe.ts';
import { probeOnce } from './probe-once.ts';

/** One try must end well before the next look at the clock; a healthy service answers in milliseconds. */
const TRY_TIMEOUT_MS = 2000;
/** As the health checks of the generated file have it. */
const COMMAND_TIMEOUT_MS = 5000;

export interface InstanceProbeOptions {
  readonly engine: Engine;
  readonly project: string;
  readonly node: MeshNode;
  readonly check: Check;
  readonly instance: Instance;
  readonly hostPort: (endpoint: string) => number | undefined;
  readonly text: (value: Value) => string;
  readonly clock: Clock;
}

export type InstanceProbe = (signal: AbortSignal) => Promise<ProbeAnswer>;

/**
 * The readiness check of one instance, as a question that can be asked again and again. A `log` check reads the log
 * from the start of the instance until the signal, and remembers what it saw.
 */
export async function createInstanceProbe(options: InstanceProbeOptions, signal: AbortSignal): Promise<InstanceProbe> {
  const { check, engine, instance } = options;
  switch (check.kind) {
    case 'exec':
      return createCommandProbe(engine, instance, check.command);
    case 'log':
      return createLogProbe(options, check.pattern, signal);
    case 'running':
      return createRunningProbe(options);
    case 'completed':
      return async () => ({ ok: true, answer: 'running' });
    default:
      return createNetworkProbe(options);
  }
}

function createNetworkProbe(options: InstanceProbeOptions): InstanceProbe {
  const { node, check, engine, hostPort, text } = options;
  const target = resolveCheckTarget({ node, check, host: engine.info.publishHost, hostPort, text });
  if (target === undefined || target === 'unpublished') {
    // No way leads there from the host: the check of the generated file asks from inside.
    const test = containerCheck(node)?.test ?? [];
    const [form, ...command] = test.map((word) => (typeof word === 'string' ? word : text(word)));
    if (form === undefined)
      return async () => ({ ok: false, answer: 'its endpoint is not published, and cannot be asked from inside' });
    const words = form === 'CMD-SHELL' ? ['sh', '-c', ...command] : command;
    return createCommandProbe(engine, options.instance, words);
  }
  return (signal) => probeOnce(target, { timeoutMs: TRY_TIMEOUT_MS, signal });
}

/** A process that has just begun may end at once, as many do that lack a setting; one that lives this long is up. */
const RUNNING_FOR_MS = 1000;

function createRunningProbe({ engine, instance, clock }: InstanceProbeOptions): InstanceProbe {
  return async () => {
    const { state, startedAt } = await engine.inspect(instance.id);
    const ageMs = clock.date().getTime() - Date.parse(startedAt);
    if (state !== 'running') return { ok: false, answer: state };
    return { ok: ageMs >= RUNNING_FOR_MS, answer: ageMs >= RUNNING_FOR_MS ? 'running' : 'has just started' };
  };
}

/** A command that hangs is an answer, too, and must not hold the wait. */
function createCommandProbe(engine: Engine, instance: Instance, command: readonly string[]): InstanceProbe {
  return async (own) => {
    const late = AbortSignal.timeout(COMMAND_TIMEOUT_MS);
    try {
      return answerOfCommand(await engine.exec({ instance, command, stdio: 'capture' }, AbortSignal.any([own, late])));
    } catch (error) {
      if (late.aborted && !own.aborted) return { ok: false, answer: `timed out after ${COMMAND_TIMEOUT_MS / 1000} s` };
      throw error;
    }
  };
}

function answerOfCommand(result: { readonly exitCode: number; readonly output: string }): ProbeAnswer {
  const words = result.output.replace(/\s+/g, ' ').trim().slice(0, 200);
  return {
    ok: result.exitCode === 0,
    answer: result.exitCode === 0 ? 'exit 0' : `exit ${result.exitCode} ${words}`.trim(),
  };
}

async function createLogProbe(
  options: InstanceProbeOptions,
  pattern: string,
  signal: AbortSignal,
): Promise<InstanceProbe> {
  const { engine, instance, node, project } = options;
  const wanted = new RegExp(pattern);
  const { startedAt } = await engine.inspect(instance.id);
  let seen = false;
  const reading = engine.logs(
    { project, nodes: [node.name], follow: true, since: startedAt },
    (line) => {
      if (line.replica === instance.replica && wanted.test(line.text)) seen = true;
    },
    signal,
  );
  reading.catch(() => {});
  return async () => ({ ok: seen, answer: seen ? 'the line is there' : `no line matches /${pattern}/ yet` });
}
