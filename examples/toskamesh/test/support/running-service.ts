import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LISTEN_MS = 20_000;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface RunningService extends AsyncDisposable {
  /** Where its HTTP listener is, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly pid: number;
  /** All that it logged until now. */
  readonly logs: readonly LogLine[];
  /** A line that was logged or will be. */
  logged(matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** Ends it as an orchestrator does, and tells its exit code; `SIGKILL` is a crash. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Runs a built service as a process of its own, on a port that the system chooses, with these variables and none of the
 * tests' own.
 */
export async function startService(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const service = spawnService(name, environment);
  const { port } = await service.logged((line) => line.message === 'listening');
  return { ...service, url: `http://127.0.0.1:${port}` };
}

/** The exit code and the log of a service that is not expected to stay. */
export async function runToEnd(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly logs: readonly LogLine[] }> {
  const service = spawnService(name, environment);
  return { code: await service.ended, logs: service.logs };
}

function spawnService(name: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist', name, 'main.js')], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, URLS: 'http://127.0.0.1:0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: LogLine[] = [];
  const waiting = new Set<() => void>();
  const keep = (text: string): void => {
    logs.push(parseLine(text));
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', keep);
  createInterface({ input: child.stderr }).on('line', keep);
  const ended = endOf(child);
  // Whatever a test does, no process outlives it.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void ended.then(() => process.removeListener('exit', kill));

  const logged = (matches: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(`${name} ${why}:\n${logs.map((line) => JSON.stringify(line)).join('\n')}`));
      };
      const look = (): void => {
        const found = logs.find(matches);
        if (found !== undefined) {
          done();
          resolve(found);
        }
      };
      const timer = setTimeout(() => fail(`did not log it within ${LISTEN_MS} ms`), LISTEN_MS);
      waiting.add(look);
      look();
      void ended.then(() => waiting.has(look) && fail('ended before it logged it'));
    });
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  const dispose = async (): Promise<void> => void (await stop('SIGKILL'));
  return { pid: child.pid ?? 0, logs, logged, stop, ended, [Symbol.asyncDispose]: dispose };
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { level: 'text', message: text };
  }
}
