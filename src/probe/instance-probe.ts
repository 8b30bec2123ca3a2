import type { Engine } from '../engine/engine.ts';
import type { Check, MeshNode } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { Instance } from '../plan/observed.ts';
import { resolveCheckTarget } from './check-target.ts';
import type { ProbeAnswer } from './probe.ts';
import { probeOnce } from './probe-once.ts';

/** One try must end well before the next look at the clock; a healthy service answers in milliseconds. */
const TRY_TIMEOUT_MS = 2000;

export interface InstanceProbeOptions {
  readonly engine: Engine;
  readonly project: string;
  readonly node: MeshNode;
  readonly check: Check;
  readonly instance: Instance;
  readonly hostPort: (endpoint: string) => number | undefined;
  readonly text: (value: Value) => string;
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
      return async (own) =>
        answerOfCommand(await engine.exec({ instance, command: check.command, stdio: 'capture' }, own));
    case 'log':
      return createLogProbe(options, check.pattern, signal);
    case 'running':
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
    return async () => ({ ok: false, answer: 'the engine publishes no port for it' });
  }
  return (signal) => probeOnce(target, { timeoutMs: TRY_TIMEOUT_MS, signal });
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
