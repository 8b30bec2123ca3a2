import { expect, test } from 'vitest';
import type { EventBody, MeshEvent } from '../../../src/execute/event.ts';
import { eventSchema } from '../../../src/execute/event.ts';
import { renderFailures } from '../../../src/report/failure-screen.ts';
import { renderLiveBlocks } from '../../../src/report/live-rows.ts';
import { createNdjsonReporter } from '../../../src/report/ndjson-reporter.ts';
import { createPlainReporter } from '../../../src/report/plain-reporter.ts';
import { renderRunSummary } from '../../../src/report/run-summary.ts';
import { createStyles } from '../../../src/report/styles.ts';
import {
  createTextStream,
  events,
  failed,
  finished,
  ready,
  type Script,
  started,
  stateAfter,
} from './events-builder.ts';

/** One of each: a new type of event does not compile until it is here. */
const ONE_OF_EACH: { readonly [T in MeshEvent['type']]: Extract<EventBody, { type: T }> } = {
  'run:started': started() as Extract<EventBody, { type: 'run:started' }>,
  'node:building': { type: 'node:building', node: 'gateway', step: 'RUN npm ci' },
  'node:built': { type: 'node:built', node: 'gateway', tookMs: 900, cached: false },
  'node:pulling': { type: 'node:pulling', node: 'postgres', image: 'postgres:16', progress: '40 %' },
  'node:pulled': { type: 'node:pulled', node: 'postgres', image: 'postgres:16', tookMs: 900 },
  'node:created': { type: 'node:created', node: 'gateway', cause: 'it does not exist yet', recreated: false },
  'node:removed': { type: 'node:removed', node: 'old-1', cause: 'the manifest has it no more' },
  'node:started': { type: 'node:started', node: 'gateway', replica: 1 },
  'node:waiting': { type: 'node:waiting', node: 'auth-service', on: ['postgres'] },
  'node:ready': ready('postgres', 900) as Extract<EventBody, { type: 'node:ready' }>,
  'node:failed': failed('gateway') as Extract<EventBody, { type: 'node:failed' }>,
  'node:skipped': { type: 'node:skipped', node: 'discovery', because: 'gateway' },
  'node:stopping': { type: 'node:stopping', node: 'rabbitmq' },
  'node:stopped': { type: 'node:stopped', node: 'rabbitmq', tookMs: 100 },
  'run:notice': { type: 'run:notice', message: 'made 2 secrets' },
  'node:verified': {
    ...{ type: 'node:verified', node: 'gateway', ok: false },
    findings: [{ what: 'user', verdict: 'wrong', text: 'it runs as root' }],
  },
  'run:finished': finished({ ok: false, ready: 1 }) as Extract<EventBody, { type: 'run:finished' }>,
};

const SCRIPT: Script = Object.values(ONE_OF_EACH).map((body, index) => [index / 10, body] as const);
const styles = createStyles({ color: false });

test('the script says what the schema allows', () => {
  for (const event of events(SCRIPT)) expect(eventSchema.safeParse(event).error).toBeUndefined();
});

test('plain', () => {
  const stream = createTextStream();
  const reporter = createPlainReporter({ stream, styles });
  for (const event of events(SCRIPT)) reporter.handle(event);
  expect(stream.text()).toMatchInlineSnapshot(`
    "  0.1 s  gateway        build: RUN npm ci
      0.2 s  gateway        built in 0.9 s
      0.3 s  postgres       pulling postgres:16
      0.4 s  postgres       pulled postgres:16 in 0.9 s
      0.5 s  gateway        created: it does not exist yet
      0.6 s  old-1          removed: the manifest has it no more
      0.7 s  gateway        started
      0.8 s  auth-service   waits for postgres
      0.9 s  postgres       ready after 0.9 s
      1.0 s  gateway        failed: exited with code 3, three times in 6 s
      1.1 s  discovery      skipped: gateway failed
      1.3 s  rabbitmq       stopped in 0.1 s
    made 2 secrets
    "
  `);
});

test('NDJSON', () => {
  const stream = createTextStream();
  const reporter = createNdjsonReporter({ stream });
  for (const event of events(SCRIPT)) reporter.handle(event);
  const types = stream
    .text()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as MeshEvent).type);
  expect(types).toEqual(Object.keys(ONE_OF_EACH));
});

test('live', () => {
  const blocks = renderLiveBlocks(stateAfter(SCRIPT), { columns: 80, rows: 24, styles, elapsedMs: 1500 });
  expect(blocks.map(({ text }) => text).join('\n')).toMatchInlineSnapshot(`
    "toskamesh · docker 28.5 · 5 nodes                                         1.5 s
    infrastructure  ✔ postgres 0.9 s   ✔ rabbitmq 0.1 s
    discovery       – discovery              skipped: gateway failed
    business        ○ auth-service           waits for postgres
    gateway         ✘ gateway                exited with code 3, three times in 6 s
    "
  `);
});

test('summary and failure screen', () => {
  const state = stateAfter(SCRIPT);
  expect(renderRunSummary(state, { columns: 80, styles })).toMatchInlineSnapshot(`
    "SERVICE        STATE     READY AFTER   ADDRESS
    discovery      skipped
    auth-service   waiting
    gateway        failed
    infrastructure   postgres :5432   rabbitmq stopped
    1 of 5 ready after 5.1 s
    next: mesh dev logs -f · mesh dev down
    "
  `);
  expect(renderFailures(state, { columns: 80, styles })).toMatchInlineSnapshot(`
    "✘ gateway is not ready: exited with code 3, three times in 6 s

      do             see mesh dev logs gateway, mend the cause, then: mesh dev up
                     gateway

    1 of 5 ready and still running · exit 1
    "
  `);
});
