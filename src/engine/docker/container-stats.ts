import type Dockerode from 'dockerode';
import type { InstanceStats } from '../engine.ts';

/** One reading, taken by the engine over about a second. */
export async function readStats(docker: Dockerode, id: string): Promise<InstanceStats> {
  const stats = await docker.getContainer(id).stats({ stream: false });
  const cpu = stats.cpu_stats.cpu_usage.total_usage - (stats.precpu_stats.cpu_usage?.total_usage ?? 0);
  const system = stats.cpu_stats.system_cpu_usage - (stats.precpu_stats.system_cpu_usage ?? 0);
  const cores = stats.cpu_stats.online_cpus || 1;
  return {
    id,
    cpuPercent: system > 0 && cpu > 0 ? (cpu / system) * cores * 100 : 0,
    memory: workingSet(stats.memory_stats),
    memoryLimit: stats.memory_stats.limit ?? 0,
  };
}

/** Without the page cache that the kernel can drop, as `docker stats` shows it. */
function workingSet(memory: Dockerode.MemoryStats): number {
  const detail = memory.stats as unknown as Readonly<Record<string, number>> | undefined;
  const cache = detail?.total_inactive_file ?? detail?.inactive_file ?? 0;
  return Math.max(0, (memory.usage ?? 0) - cache);
}
