import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

/** One run of load on one address. */
export interface LoadSample {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time that each process took for a request, in µs, by its pid; empty where the system does not tell. */
  readonly cpuMicroseconds: ReadonlyMap<number, number>;
}

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  /** Those whose processor time is measured. */
  readonly pids: readonly number[];
}

/** @throws Error when any request failed: figures of failures are worth nothing */
export async function measureLoad({ url, token, connections, seconds, pids }: LoadOptions): Promise<LoadSample> {
  const before = pids.map(cpuSeconds);
  const times: number[] = [];
  const headers = { authorization: `Bearer ${token}` };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = { url, connections, duration: seconds, headers };
    const run = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    // Its own percentiles are in whole milliseconds, which is too coarse here.
    run.on('response', (_client, _status, _bytes, responseTime) => times.push(responseTime));
  });
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${url}: ${result.errors} errors and ${result.non2xx} answers that are not 2xx`);
  }
  times.sort((a, b) => a - b);
  const after = pids.map(cpuSeconds);
  return {
    requestsPerSecond: times.length / result.duration,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    cpuMicroseconds: new Map(
      pids.flatMap((pid, index) => {
        const [from, to] = [before[index], after[index]];
        return from === undefined || to === undefined ? [] : [[pid, ((to - from) / times.length) * 1e6]];
      }),
    ),
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Linux counts in hundredths of a second: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
