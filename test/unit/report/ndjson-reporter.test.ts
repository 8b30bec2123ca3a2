import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createNdjsonReporter } from '../../../src/report/ndjson-reporter.ts';
import { createTextStream, events, finished, ready, started } from './events-builder.ts';

test('each event is one line that reads back as the same event', () => {
  const stream = createTextStream();
  const reporter = createNdjsonReporter({ stream });
  const all = events([
    [0, started()],
    [1, { type: 'run:notice', message: 'two\nlines and \u009b2J' }],
    [2, ready('gateway', 400)],
    [3, finished()],
  ]);
  for (const event of all) reporter.handle(event);
  const lines = stream.text().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(all);
  expect(stream.text()).not.toContain('\u009b');
});

function refusing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
    // As the streams of a process: an error does not end them.
    autoDestroy: false,
  });
}

test('a reader that went away is left alone', async () => {
  const stream = refusing('EPIPE');
  const reporter = createNdjsonReporter({ stream });
  const written: unknown[] = [];
  for (const event of events([
    [0, started()],
    [1, ready('gateway', 400)],
    [2, finished()],
  ])) {
    written.push(stream.writableLength);
    reporter.handle(event);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await reporter.close();
  expect(stream.writableLength).toBe(written[1]);
});
