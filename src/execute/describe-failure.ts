import type { Code } from '../diagnostics/catalogue.ts';
import type { InstanceDetail } from '../engine/engine.ts';
import type { MeshNode } from '../mesh/mesh.ts';
import { formatSeconds } from '../time/duration.ts';
import type { Exit } from './exits.ts';

/** Why a node did not become what others wait for, in words; the display adds logs and places. */
export interface FailureReason {
  readonly reason: string;
  readonly code: Code;
  readonly exitCode?: number | undefined;
}

const COUNTS = ['', 'once', 'twice', 'three times', 'four times', 'five times'];

export function countWords(count: number): string {
  return COUNTS[count] ?? `${count} times`;
}

/** The reason of a node whose process ended, once or in a loop. `sinceMs` is when it was first started. */
export function describeExit(
  node: MeshNode,
  exits: readonly Exit[],
  sinceMs: number,
  detail: InstanceDetail | undefined,
): FailureReason {
  const last = exits.at(-1);
  const exitCode = last?.code ?? detail?.exitCode ?? 0;
  if (last?.outOfMemory === true || detail?.outOfMemory === true) return describeOutOfMemory(node, detail, exitCode);
  if (node.job) return { reason: `the job exited with code ${exitCode}`, code: 'MESH3005', exitCode };
  if (exits.length < 2) return { reason: `exited with ${exitWords(exitCode)}`, code: 'MESH3001', exitCode };
  const span = formatSeconds((last?.atMs ?? sinceMs) - sinceMs);
  return {
    reason: `exited with ${exitWords(exitCode)}, ${countWords(exits.length)} in ${span}`,
    code: 'MESH3002',
    exitCode,
  };
}

/** Codes above 128 are signals, by the convention of shells and container engines. */
function exitWords(code: number): string {
  const signals: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  const signal = signals[code];
  return signal === undefined ? `code ${code}` : `code ${code} (${signal})`;
}

function describeOutOfMemory(node: MeshNode, detail: InstanceDetail | undefined, exitCode: number): FailureReason {
  const limit =
    node.resources.limits.memory ??
    (detail === undefined || detail.memoryLimit === 0 ? undefined : `${Math.round(detail.memoryLimit / 1048576)}Mi`);
  return {
    reason: limit === undefined ? 'ran out of memory' : `ran out of memory: its limit is ${limit}`,
    code: 'MESH3004',
    exitCode,
  };
}

export function describeNeverReady(withinMs: number, tries: number, answer: string): FailureReason {
  return {
    reason: `not ready within ${formatSeconds(withinMs)}: ${answer} (${tries} ${tries === 1 ? 'try' : 'tries'})`,
    code: 'MESH3003',
  };
}
