import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The process ids of the supervisors of one folder, by the path in their command lines. Only on Linux. */
export function supervisorsOf(folder: string): number[] {
  const ours = path.join(folder, '.mesh', 'process');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.some((word) => word.endsWith('supervisor.js')) && words.some((word) => word.startsWith(ours));
      } catch {
        return false;
      }
    })
    .map(Number);
}
