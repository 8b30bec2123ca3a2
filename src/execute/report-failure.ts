import type { LogLine } from '../engine/engine.ts';
import { withDependents } from '../graph/topology.ts';
import { needsOf } from '../mesh/check-model.ts';
import { nodeOf } from '../mesh/mesh.ts';
import type { FailureReason } from './describe-failure.ts';
import { adviseOn } from './failure-context.ts';
import { compareLogTimes } from './log-order.ts';
import type { RunContext, RunState } from './run-context.ts';

/** How much of a log a failure shows. */
const LAST_LINES = 20;

export interface FailureDetails extends FailureReason {
  /** Replaces the log of the node, as with a build that failed. */
  readonly logs?: readonly string[] | undefined;
  readonly hint?: string | undefined;
}

/** Says everything that a person needs about a node that failed, in one event. */
export async function reportFailure(
  context: RunContext,
  state: RunState,
  name: string,
  failure: FailureDetails,
): Promise<void> {
  const { mesh, emit } = context;
  const node = nodeOf(mesh, name);
  const logs = failure.logs?.slice(-LAST_LINES).map(asLine) ?? (await lastLines(context, name));
  const advice = adviseOn(mesh, node, failure, [...logs.map((line) => line.text), failure.reason]);
  const blocked = withDependents([name], needsOf(mesh.nodes));
  state.failed.add(name);
  emit({
    type: 'node:failed',
    node: name,
    reason: failure.reason,
    code: failure.code,
    hint: failure.hint ?? advice.hint,
    ...(failure.exitCode === undefined ? {} : { exitCode: failure.exitCode }),
    logs: logs.map(({ at, stream, text }) => ({ at, stream, text })),
    had: node.needs.map((need) => ({ node: need.node, ready: state.ready.has(need.node) })),
    blocks: mesh.nodes
      .filter((candidate) => candidate.name !== name && blocked.has(candidate.name))
      .map((candidate) => candidate.name),
    from: {
      file: advice.at.file,
      line: advice.at.line,
      column: advice.at.column,
      ...textAt(context, advice.at),
    },
  });
}

function textAt(context: RunContext, at: Parameters<RunContext['lineAt']>[0]): { text?: string } {
  const text = context.lineAt(at);
  return text === undefined ? {} : { text };
}

function asLine(text: string): Pick<LogLine, 'at' | 'stream' | 'text'> {
  return { at: '', stream: 'stderr', text };
}

/** A log that cannot be read must not hide the failure that it should explain. */
async function lastLines(
  context: RunContext,
  node: string,
): Promise<readonly Pick<LogLine, 'at' | 'stream' | 'text'>[]> {
  const lines: LogLine[] = [];
  const request = { project: context.mesh.project, nodes: [node], follow: false, tail: LAST_LINES };
  try {
    await context.engine.logs(request, (line) => lines.push(line), new AbortController().signal);
  } catch {
    return [];
  }
  return lines.sort(compareLogTimes).slice(-LAST_LINES);
}
