import type { Instance } from '../../plan/observed.ts';
import type { ProcessRecord } from './process-spec.ts';
import { isAlive } from './state/process-table.ts';

/** A record as everybody else sees it. */
export function instanceOf(record: ProcessRecord): Instance {
  const { spec } = record;
  return {
    node: spec.node,
    replica: spec.replica,
    id: spec.id,
    name: spec.name,
    state: record.state,
    exitCode: record.state === 'exited' ? record.exitCode : undefined,
    startedAt: record.startedAt,
    imageId: spec.imageId,
    // What has ended holds none: others may have them meanwhile. What is about to be restarted will have them again.
    ports: record.process === undefined && record.state !== 'restarting' ? [] : spec.ports,
  };
}

/** What the last supervisor wrote, compared with what really runs. */
export function verifiedRecords(records: readonly ProcessRecord[]): ProcessRecord[] {
  return records.map((record) => {
    if (record.state !== 'running' && record.state !== 'restarting') return record;
    if (isRunning(record)) return { ...record, state: 'running' };
    return { ...record, state: 'exited', exitCode: undefined, process: undefined, phase: undefined };
  });
}

/** Whether its very process lives, be it the program or a step of its setup. */
export function isRunning(record: ProcessRecord): boolean {
  return record.process !== undefined && isAlive(record.process);
}
