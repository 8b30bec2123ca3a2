import { cpus, release, totalmem, type } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** One line about this machine. */
export function describeMachine(): string {
  const [first] = cpus();
  const model = first?.model.trim() || 'unknown processor';
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** Whether more than half of the processors were taken during the last minute, by a run of our own before this one, too. */
export function isLoaded([lastMinute = 0]: readonly number[]): boolean {
  return lastMinute > cpus().length / 2;
}

export function describeLoad(loads: readonly number[]): string {
  return loads.map((load) => load.toFixed(2)).join(' ');
}

/** How much of all processors was used during a while, from 0 to 1; what else goes on, when nothing of ours runs. */
export async function busyShare(ms: number): Promise<number> {
  const before = processorTimes();
  await sleep(ms);
  const after = processorTimes();
  return 1 - (after.idle - before.idle) / (after.total - before.total);
}

function processorTimes(): { idle: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    total: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
