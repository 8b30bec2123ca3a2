import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followLogs } from '../../../../src/engine/process/follow-logs.ts';
import type { StoredLine } from '../../../../src/engine/process/logs/stored-line.ts';
import type { ProcessSpec } from '../../../../src/engine/process/process-spec.ts';
import type { Project } from '../../../../src/engine/process/project.ts';
import { identify, isAlive } from '../../../../src/engine/process/state/process-table.ts';
import { makeProjectFolders, type ProjectPaths, pathsIn } from '../../../../src/engine/process/state/project-paths.ts';
import type { News } from '../../../../src/engine/process/supervisor/protocol.ts';
import { createSupervisor, type Supervisor } from '../../../../src/engine/process/supervisor/supervisor.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { until } from '../../../../src/time/until.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../temporary-folder.ts';
import { NEVER } from './scratch-project.ts';

vi.setConfig({ testTimeout: 60_000 });

// Only the wall clock: timers and the monotonic clock go on, as they do when somebody sets the time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const NOON = Date.UTC(2026, 0, 1, 12);
/** Wherever the clock may be put: a battery that was empty, a guest that was suspended. */
const JUMPS = [
  ['forth', Date.UTC(2027, 0, 1)],
  ['back', Date.UTC(1980, 0, 1)],
] as const;

const specOf = (script: string, fields: Partial<ProcessSpec> = {}): ProcessSpec => ({
  id: `clock.${Math.random().toString(16).slice(2, 10)}`,
  node: 'job',
  replica: 1,
  name: 'clock-job-1',
  image: 'job',
  imageId: 'host',
  argv: [process.execPath, '-e', script],
  cwd: '/',
  env: { PATH: process.env.PATH ?? '' },
  ports: [],
  restart: 'always',
  stopSignal: 'SIGTERM',
  stopGraceMs: 10_000,
  folders: [],
  files: [],
  ...fields,
});

let folder: TemporaryFolder;
let paths: ProjectPaths;
let supervisor: Supervisor;
let news: News[];

beforeEach(() => {
  vi.setSystemTime(NOON);
  folder = createTemporaryFolder();
  paths = pathsIn(`${folder.path}/.mesh/process/clock`);
  makeProjectFolders(paths);
  news = [];
  supervisor = createSupervisor(paths, (piece) => news.push(piece));
});
afterEach(async () => {
  await Promise.all(supervisor.records().map(({ spec }) => supervisor.remove(spec.id)));
  folder[Symbol.dispose]();
});

const eventually = (isTrue: () => boolean) =>
  until(async () => (isTrue() ? true : undefined), {
    clock: systemClock,
    backoff: { firstMs: 10, factor: 1.2, maxMs: 100 },
    withinMs: 20_000,
  });
const said = () => news.flatMap((piece) => (piece.news === 'line' ? [piece.line.text] : []));
const told = () => news.flatMap((piece) => (piece.news === 'event' ? [piece.event.type] : []));

const run = async (spec: ProcessSpec) => {
  await supervisor.put(spec).start(spec);
  await eventually(() => said().length > 0);
};

describe.each(JUMPS)('a clock that is put %s', (_, then) => {
  test('does not change who a process is', async () => {
    const before = identify(process.pid);
    vi.setSystemTime(then);
    expect(identify(process.pid)).toEqual(before);
    expect(before !== undefined && isAlive(before)).toBe(true);
  });

  test('neither ends nor restarts what runs', async () => {
    const spec = specOf(
      'process.on("SIGUSR2", () => console.log("still")); console.log("up"); setInterval(() => {}, 1e6)',
    );
    await run(spec);
    const [before] = supervisor.records();
    vi.setSystemTime(then);
    process.kill(before?.process?.pid ?? 0, 'SIGUSR2');
    await eventually(() => said().includes('still'));
    supervisor.saveAgain();
    expect(supervisor.records()).toEqual([before]);
    expect(told()).toEqual(['started']);
  });

  test('does not hold up a restart', async () => {
    const spec = specOf('console.log("up"); setInterval(() => {}, 1e6)');
    await run(spec);
    vi.setSystemTime(then);
    process.kill(supervisor.records()[0]?.process?.pid ?? 0, 'SIGKILL');
    await eventually(() => told().length === 3);
    expect(told()).toEqual(['started', 'exited', 'started']);
  });

  test('takes no grace from what is stopped, and gives it no more', async () => {
    const orderly = specOf(
      'process.on("SIGTERM", () => { console.log("asked"); setTimeout(() => process.exit(7), 300) }); console.log("up"); setInterval(() => {}, 1e6)',
    );
    await run(orderly);
    const stopping = supervisor.find(orderly.id)?.stop(10_000);
    await eventually(() => said().includes('asked'));
    vi.setSystemTime(then);
    await stopping;
    expect(supervisor.records()[0]).toMatchObject({ state: 'exited', exitCode: 7 });

    const stubborn = specOf('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e6)');
    news.length = 0;
    await run(stubborn);
    const killing = supervisor.find(stubborn.id)?.stop(200);
    vi.setSystemTime(NOON);
    await killing;
    expect(supervisor.find(stubborn.id)?.record()).toMatchObject({ state: 'exited', exitCode: 137 });
  });
});

test('a line that comes is followed, though the clock was put back since it was asked for', async () => {
  const spec = specOf('');
  const late: StoredLine = { at: '1980-01-01T00:00:00.000000000Z', stream: 'stdout', text: 'ready' };
  let tell: (piece: News) => void = () => {};
  const connection = {
    onNews: (listener: (piece: News) => void) => {
      tell = listener;
      return () => {};
    },
    ask: async (operation: string) => {
      if (operation !== 'follow') return {};
      queueMicrotask(() => {
        tell({ news: 'line', id: spec.id, line: late });
        tell({ news: 'ended', id: spec.id });
      });
      return { positions: {}, idle: [] };
    },
    closed: new Promise<void>(() => {}),
    isOpen: () => true,
    close: () => {},
  };
  const project = { paths, supervisor: async () => connection, records: async () => [] } as unknown as Project;
  const lines: string[] = [];
  const request = { project: 'clock', nodes: [], follow: true, since: new Date(NOON).toISOString() };
  await followLogs({ project, clock: systemClock, request }, [spec], (line) => lines.push(line.text), NEVER);
  expect(lines).toEqual(['ready']);
});
