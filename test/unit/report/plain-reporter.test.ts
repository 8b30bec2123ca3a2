import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { createPlainReporter } from '../../../src/report/plain-reporter.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { createTextStream, events, failed, finished, ready, type Script, started } from './events-builder.ts';

function print(script: Script, color = false): string {
  const stream = createTextStream();
  const reporter = createPlainReporter({ stream, styles: createStyles({ color }) });
  for (const event of events(script)) reporter.handle(event);
  void reporter.close();
  return stream.text();
}

const probe = (answer: string, tries: number) =>
  ({ type: 'node:waiting', node: 'rabbitmq', probe: { answer, tries, waitedMs: tries * 100 } }) as const;

const SLOW_START: Script = [
  [0, started('up', { keep: ['postgres'] })],
  [0.1, ready('postgres', 20, { kept: true })],
  [0.2, { type: 'node:waiting', node: 'discovery', on: ['rabbitmq'] }],
  [0.4, { type: 'node:waiting', node: 'discovery', on: ['rabbitmq'] }],
  [0.9, { type: 'node:created', node: 'rabbitmq', cause: 'it does not exist yet', recreated: false }],
  [1.3, { type: 'node:started', node: 'rabbitmq', replica: 1 }],
  [1.5, probe('connection refused', 1)],
  [1.7, probe('connection refused', 2)],
  [2.0, probe('no AMQP greeting yet', 3)],
  [2.2, probe('connection refused', 4)],
  [11.4, probe('connection refused', 50)],
  [11.6, probe('connection refused', 51)],
  [14.9, ready('rabbitmq', 13_600)],
  [15.1, { type: 'node:started', node: 'auth-service', replica: 2 }],
  [21.0, failed('auth-service')],
  [21.0, { type: 'node:skipped', node: 'gateway', because: 'auth-service' }],
  [21.0, finished({ ok: false, ready: 3 })],
];

test('one line a change; kept nodes are silent, and an answer comes again after 10 s at the earliest', () => {
  expect(print(SLOW_START)).toMatchInlineSnapshot(`
    "  0.2 s  discovery      waits for rabbitmq
      0.9 s  rabbitmq       created: it does not exist yet
      1.3 s  rabbitmq       started
      1.5 s  rabbitmq       not ready yet: connection refused
      2.0 s  rabbitmq       not ready yet: no AMQP greeting yet
     11.6 s  rabbitmq       not ready yet: connection refused
     14.9 s  rabbitmq       ready after 13.6 s
     15.1 s  auth-service   started (replica 2)
     21.0 s  auth-service   failed: exited with code 3, three times in 6 s
     21.0 s  gateway        skipped: auth-service failed
    "
  `);
});

test('colour only adds', () => {
  const coloured = print(SLOW_START, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(print(SLOW_START));
});

test('an answer cannot move the cursor of the one who reads it', () => {
  expect(
    print([
      [0, started()],
      [1, probe('500: \u001b[2J\r\ngone', 1)],
    ]),
  ).toMatchInlineSnapshot(`
    "  1.0 s  rabbitmq       not ready yet: 500: ␛[2J␍␊gone
    "
  `);
});

test('images, builds and the way down', () => {
  const text = print([
    [0, started('restart')],
    [0.1, { type: 'run:notice', message: 'made 2 secrets in .mesh/secrets.env' }],
    [0.2, { type: 'node:pulling', node: 'postgres', image: 'postgres:16', progress: '10 %' }],
    [0.3, { type: 'node:pulling', node: 'postgres', image: 'postgres:16', progress: '20 %' }],
    [4.2, { type: 'node:pulled', node: 'postgres', image: 'postgres:16', tookMs: 4000 }],
    [4.3, { type: 'node:building', node: 'gateway', step: 'dotnet restore' }],
    [9.0, { type: 'node:built', node: 'gateway', tookMs: 4700, cached: false }],
    [9.0, { type: 'node:built', node: 'discovery', tookMs: 300, cached: true }],
    [9.1, { type: 'node:stopping', node: 'gateway' }],
    [9.4, { type: 'node:stopped', node: 'gateway', tookMs: 300 }],
    [9.5, { type: 'node:removed', node: 'gateway', cause: 'its image changed' }],
    [9.6, ready('auth-service', 100, { how: 'completed' })],
    [109.7, ready('discovery', 200, { how: 'started' })],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "made 2 secrets in .mesh/secrets.env
      0.2 s  postgres       pulling postgres:16
      4.2 s  postgres       pulled postgres:16 in 4.0 s
      4.3 s  gateway        build: dotnet restore
      9.0 s  gateway        built in 4.7 s
      9.0 s  discovery      built (all cached)
      9.4 s  gateway        stopped in 0.3 s
      9.5 s  gateway        removed: its image changed
      9.6 s  auth-service   done after 0.1 s
    109.7 s  discovery      started after 0.2 s
    "
  `);
});
