import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { plainLogStyles } from '../../../src/logs/format-line.ts';
import { compileLogFilter } from '../../../src/logs/log-filter.ts';
import { createLogView, type LogViewOptions } from '../../../src/logs/log-view.ts';
import { createFakeLogClock } from './fake-log-clock.ts';
import { line } from './log-samples.ts';

const bare = {
  nodes: ['api', 'db'],
  prefix: 'none',
  time: 'clock',
  structured: 'fields',
  styles: plainLogStyles,
} as const;

/** Takes one write at a time, and finishes each when the test says so. */
function createSlowOutput() {
  const writes: string[] = [];
  const callbacks: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    highWaterMark: 10,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      writes.push(chunk);
      callbacks.push(done);
    },
  });
  return { stream, writes, finish: (error?: Error) => callbacks.shift()?.(error) };
}

function createFastOutput() {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      if (chunk !== '') writes.push(chunk);
      done();
    },
  });
  return { stream, writes, text: () => writes.join('') };
}

function viewOf(output: Writable, options: Partial<LogViewOptions> = {}) {
  const clock = createFakeLogClock();
  return { clock, view: createLogView({ output, mode: 'once', form: bare, clock, ...options }) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the log view', () => {
  it('merges, filters whole entries, redacts, formats and writes once', async () => {
    const output = createFastOutput();
    const { view } = viewOf(output.stream, {
      filter: compileLogFilter({ grep: ['config'], exclude: ['noise'] }).value,
      secrets: ['hunter22'],
    });
    view.push(line('api', 2, 'Error: x hunter22'));
    view.push(line('api', 2, '   at config'));
    view.push(line('api', 3, 'config noise'));
    view.push(line('db', 1, 'config of db'));
    view.push(line('db', 4, 'other'));
    await view.end();
    expect(output.writes).toEqual(['config of db\nError: x ••••\n   at config\n']);
    expect(output.stream.listenerCount('error')).toBe(0);
  });

  it('finds fields as they are shown, and no secret by guessing', async () => {
    const output = createFastOutput();
    const { view } = viewOf(output.stream, {
      filter: compileLogFilter({ grep: ['status=500', 'hunter'], exclude: [] }).value,
      secrets: ['hunter22'],
    });
    view.push(line('api', 1, '{"level":"info","msg":"a","status":500}'));
    view.push(line('api', 2, '{"level":"info","msg":"b","status":200}'));
    view.push(line('api', 3, 'hunter22'));
    await view.end();
    expect(output.text()).toBe('info a status=500\n');
  });

  it('writes NDJSON', async () => {
    const output = createFastOutput();
    const { view } = viewOf(output.stream, { form: 'json', secrets: ['hunter22'] });
    view.push(line('api', 1, 'x hunter22'));
    await view.end();
    expect(JSON.parse(output.text())).toEqual({
      v: 1,
      at: '2026-11-24T12:00:01.000000000Z',
      node: 'api',
      replica: 1,
      stream: 'stdout',
      text: 'x ••••',
    });
  });

  it('follows: what is due goes out in one write', () => {
    const output = createFastOutput();
    const { clock, view } = viewOf(output.stream, { mode: 'follow' });
    view.push(line('api', 2, 'b'));
    view.push(line('db', 1, 'a'));
    clock.advance(100);
    expect(output.writes).toEqual(['a\nb\n']);
  });

  it('gives the late rest of an entry the fate of its head', async () => {
    const output = createFastOutput();
    const filter = compileLogFilter({ grep: ['error'], exclude: ['ignored'] }).value;
    const { clock, view } = viewOf(output.stream, { mode: 'follow', filter });
    const said = [
      line('api', 1, 'error'),
      line('api', 1.2, '  at x'),
      line('api', 2, 'error ignored'),
      line('api', 2.1, '  error at y'),
    ];
    for (const each of said) {
      view.push(each);
      clock.advance(100);
    }
    await view.end();
    expect(output.text()).toBe('error\n  at x\n');
  });

  it('waits for a slow reader, and resolves when all is taken', async () => {
    const output = createSlowOutput();
    const { view } = viewOf(output.stream);
    const long = 'x'.repeat(70_000);
    for (let index = 0; index < 3; index++) view.push(line('api', index, `${index}${long}`));
    let ended = false;
    const end = view.end().then(() => {
      ended = true;
    });
    await turn();
    expect(output.writes.map((text) => text[0])).toEqual(['0']);
    for (let index = 0; index < 4; index++) {
      expect(ended).toBe(false);
      output.finish();
      await turn();
    }
    await end;
    expect(output.writes.map((text) => text[0]).slice(0, 3)).toEqual(['0', '1', '2']);
  });

  it('leaves lines out, and says how many, when a follower is too slow', async () => {
    const output = createSlowOutput();
    let dropped = 0;
    const { clock, view } = viewOf(output.stream, {
      mode: 'follow',
      maxWaiting: 100,
      onDropped: (lines) => {
        dropped += lines;
      },
    });
    for (let index = 0; index < 20; index++) {
      view.push(line('api', index, 'x'.repeat(19)));
      clock.advance(100);
    }
    expect(output.writes).toHaveLength(1);
    expect(dropped).toBe(14);
  });

  it('ends quietly when the reader has gone', async () => {
    const output = createSlowOutput();
    const { clock, view } = viewOf(output.stream, { mode: 'follow' });
    view.push(line('api', 1, 'x'));
    clock.advance(100);
    output.finish(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await turn();
    expect(view.closed.aborted).toBe(true);
    view.push(line('api', 2, 'y'));
    await view.end();
    expect(output.writes).toEqual(['x\n']);
  });

  it('ends quietly when the reader goes at the end, or was never there', async () => {
    const output = createSlowOutput();
    const { view } = viewOf(output.stream);
    view.push(line('api', 1, 'x'));
    const end = view.end();
    output.finish(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await end;

    const gone = createFastOutput();
    gone.stream.destroy();
    const late = viewOf(gone.stream).view;
    late.push(line('api', 1, 'x'));
    await late.end();
    expect(gone.text()).toBe('');
  });

  it('tells of a failure that is more than a closed pipe', async () => {
    const output = createSlowOutput();
    const { view } = viewOf(output.stream);
    view.push(line('api', 1, 'x'));
    const end = view.end();
    output.finish(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    await expect(end).rejects.toThrow('no space left');
  });
});
