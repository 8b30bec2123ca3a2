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
