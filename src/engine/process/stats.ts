import type { Clock } from '../../time/clock.ts';
import type { ProcessRecord } from './process-spec.ts';
import { groupFamily } from './state/process-group.ts';
import type { ProcessInfo } from './state/process-table.ts';

/** The use of all processes of an instance. */
export interface Usage {
  /** Of one core: 100 is one core busy. */
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: number;
}

/** Processor time is a total; a share of it needs two looks. */
const BETWEEN_MS = 200;

export async function measureUsage(records: readonly ProcessRecord[], clock: Clock): Promise<Usage[]> {
  const before = records.map(familyOf);
  const from = clock.now();
  await clock.sleep(BETWEEN_MS);
  const tookMs = clock.now() - from;
  return records.map((record, index) => usageBetween(before[index] ?? [], familyOf(record), tookMs));
}

/** A process that began in between counts from its begin; one that ended does not count. */
export function usageBetween(before: readonly ProcessInfo[], after: readonly ProcessInfo[], tookMs: number): Usage {
  const earlier = new Map(before.map((info) => [info.pid, info.cpuMs]));
  const cpuMs = after.reduce((total, info) => total + Math.max(0, info.cpuMs - (earlier.get(info.pid) ?? 0)), 0);
  return {
    cpuPercent: tookMs > 0 ? Math.round((cpuMs / tookMs) * 1000) / 10 : 0,
    memory: after.reduce((total, info) => total + info.memory, 0),
  };
}

function familyOf(record: ProcessRecord): ProcessInfo[] {
  return record.process === undefined ? [] : groupFamily({ leader: record.process, instance: record.spec.id });
}
