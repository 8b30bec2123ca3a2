import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process-spec.ts';

/** One line of the system's process table. */
export interface ProcessInfo extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
  /** It has exited and waits for its parent to take note. */
  readonly zombie: boolean;
  /** Time spent on a processor, in milliseconds. */
  readonly cpuMs: number;
  /** Resident, in bytes. */
  readonly memory: number;
}

/** Linux reports times in these, whatever its real tick is (`USER_HZ`). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** One process, or nothing when there is none of that id. */
export function readProcess(pid: number): ProcessInfo | undefined {
  if (process.platform !== 'linux') return runPs(['-p', String(pid)])[0];
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId());
  } catch {
    return undefined;
  }
}

export function readProcesses(): ProcessInfo[] {
  if (process.platform !== 'linux') return runPs(['-ax']);
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

/** The identity of a living process; nothing when it has ended. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = readProcess(pid);
  return found === undefined || found.zombie ? undefined : { pid, startedAt: found.startedAt };
}

/** Whether this very process still runs, and not merely another one that got its id. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** `/proc/<pid>/stat`. The name in brackets may itself hold blanks and brackets, so fields count from the last one. */
export function parseProcStat(text: string, boot: string): ProcessInfo | undefined {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number) => Number(fields[index]);
  if (!Number.isInteger(pid) || fields.length < 22) return undefined;
  return {
    pid,
    parent: at(1),
    group: at(2),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: ((at(11) + at(12)) * 1000) / TICKS_PER_SECOND,
    memory: at(21) * PAGE_BYTES,
    startedAt: `${boot}/${fields[19]}`,
  };
}

/** A line of `ps -o pid=,ppid=,pgid=,stat=,rss=,time=,lstart=`. */
export function parsePsLine(line: string): ProcessInfo | undefined {
  const [pid, parent, group, stat, kilobytes, time, ...started] = line.trim().split(/\s+/);
  if (pid === undefined || time === undefined || started.length === 0) return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    zombie: stat?.startsWith('Z') === true,
    memory: Number(kilobytes) * 1024,
    cpuMs: time.split(/[-:]/).reduce((total, part) => total * 60 + Number(part), 0) * 1000,
    startedAt: started.join(' '),
  };
}

function runPs(which: readonly string[]): ProcessInfo[] {
  try {
    const output = execFileSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,rss=,time=,lstart='], {
      encoding: 'utf8',
      // Start times are compared as text, between processes of different languages and time zones.
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.split('\n').flatMap((line) => parsePsLine(line) ?? []);
  } catch {
    // ps exits with 1 when there is no such process.
    return [];
  }
}

let boot: string | undefined;

/** Start times count from the boot, so two boots can give one pid the same start time. */
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}
