import stripAnsi from 'strip-ansi';
import { describe, expect, test } from 'vitest';
import { renderRunSummary } from '../../../src/report/run-summary.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { failed, finished, ready, type Script, started, stateAfter } from './events-builder.ts';

function render(script: Script, columns = 80, color = false): string {
  return renderRunSummary(stateAfter(script), { columns, styles: createStyles({ color }) });
}

const UP: Script = [
  [0, started('up', { keep: ['postgres'] })],
  [0.2, ready('postgres', 20, { kept: true })],
  [3.7, ready('rabbitmq', 3600)],
  [4.2, ready('discovery', 500)],
  [4.7, ready('auth-service', 500)],
  [5.1, ready('gateway', 400)],
  [
    5.1,
    finished({
      changed: 4,
      criticalPath: [
        { node: 'rabbitmq', ms: 3600 },
        { node: 'discovery', ms: 500 },
        { node: 'auth-service', ms: 500 },
        { node: 'gateway', ms: 400 },
      ],
    }),
  ],
];

test('an instance is named beside the mesh', () => {
  const script: Script = [
    [0, started('up', { instance: 'feature-x', keep: ['gateway'] })],
    [0.2, finished({ ready: 5, wanted: 5, changed: 0, tookMs: 200 })],
  ];
  expect(render(script)).toBe('toskamesh · feature-x is up: 5 of 5 ready, nothing changed (0.2 s)\n');
});

describe('up', () => {
  test('at 120 columns', () => {
    expect(render(UP, 120)).toMatchInlineSnapshot(`
      "SERVICE        STATE   READY AFTER   ADDRESS
      discovery      ready         0.5 s   http://127.0.0.1:5010   (5001 is auth-service's)  grpc 127.0.0.1:50051
      auth-service   ready         0.5 s   http://127.0.0.1:5001
      gateway        ready         0.4 s   http://127.0.0.1:5000
      infrastructure   postgres :5432   rabbitmq :5672
      ready in 5.1 s · critical path rabbitmq 3.6 → discovery 0.5 → auth-service 0.5 → gateway 0.4
      next: mesh dev logs -f · mesh dev open gateway · mesh dev down
      "
    `);
  });

  test('at 80 columns the note goes, then the length of further addresses', () => {
    expect(render(UP, 80)).toMatchInlineSnapshot(`
      "SERVICE        STATE   READY AFTER   ADDRESS
      discovery      ready         0.5 s   http://127.0.0.1:5010  grpc 127.0.0.1:50051
      auth-service   ready         0.5 s   http://127.0.0.1:5001
      gateway        ready         0.4 s   http://127.0.0.1:5000
      infrastructure   postgres :5432   rabbitmq :5672
      ready in 5.1 s · critical path rabbitmq 3.6 → discovery 0.5 → auth-service 0.5
        → gateway 0.4
      next: mesh dev logs -f · mesh dev open gateway · mesh dev down
      "
    `);
  });

  test.each([120, 100, 80, 60, 40])('nothing wraps at %i columns', (columns) => {
    for (const line of render(UP, columns).split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  test('colour only adds', () => {
    const coloured = render(UP, 80, true);
    expect(coloured).not.toBe(stripAnsi(coloured));
    expect(stripAnsi(coloured)).toBe(render(UP, 80));
  });

  test('with nothing to do', () => {
    expect(
      render([
        [0, started('up', { keep: ['gateway'] })],
        [0.2, finished({ changed: 0, tookMs: 200 })],
      ]),
    ).toMatchInlineSnapshot(`
      "toskamesh is up: 5 of 5 ready, nothing changed (0.2 s)
      "
    `);
  });

  test('of servers only, which then have the table', () => {
    const nodes = [{ name: 'postgres', kind: 'infrastructure', tier: 'infrastructure' } as const];
    expect(
      render([
        [0, started('up', { nodes })],
        [0.9, ready('postgres', 900)],
        [1, finished({ tookMs: 1000, ready: 1, wanted: 1 })],
      ]),
    ).toMatchInlineSnapshot(`
      "SERVICE    STATE   READY AFTER   ADDRESS
      postgres   ready         0.9 s   tcp://127.0.0.1:5432
      ready in 1.0 s
      next: mesh dev logs -f · mesh dev down
      "
    `);
  });

  test('without waiting says what is not ready yet', () => {
    expect(
      render([
        [0, started()],
        [0.4, { type: 'node:started', node: 'rabbitmq', replica: 1 }],
        [0.5, ready('postgres', 400)],
        [0.6, finished({ ok: false, ready: 1, tookMs: 600 })],
      ]),
    ).toMatchInlineSnapshot(`
      "SERVICE        STATE     READY AFTER   ADDRESS
      discovery      waiting
      auth-service   waiting
      gateway        waiting
      infrastructure   postgres :5432   rabbitmq started
      1 of 5 ready after 0.6 s
      next: mesh dev logs -f · mesh dev down
      "
    `);
  });
});

test('interrupted: what is left, and what to type', () => {
  const interrupt = (command: 'up' | 'down' | 'stop' | 'build' | 'restart') =>
    render([
      [0, started(command)],
      [0.5, ready('postgres', 400)],
      [0.6, { type: 'node:stopped', node: 'gateway', tookMs: 100 }],
      [0.7, { type: 'node:built', node: 'discovery', tookMs: 100, cached: false }],
      [0.8, { type: 'node:started', node: 'rabbitmq', replica: 1 }],
      [0.9, finished({ ok: false, interrupted: true })],
    ]);
  expect(interrupt('up')).toMatchInlineSnapshot(`
    "interrupted: 2 of 5 are running and stay so
    next: mesh dev up (goes on) · mesh dev down
    "
  `);
  expect(interrupt('down')).toMatchInlineSnapshot(`
    "interrupted: 1 of 5 stopped
    next: mesh dev down (goes on)
    "
  `);
  expect(interrupt('stop')).toMatchInlineSnapshot(`
    "interrupted: 1 of 5 stopped
    next: mesh dev stop (goes on)
    "
  `);
  expect(interrupt('build')).toMatchInlineSnapshot(`
    "interrupted: 1 of 5 images built
    next: mesh build (goes on)
    "
  `);
  expect(interrupt('restart')).toMatchInlineSnapshot(`
    "interrupted: 2 of 5 are running and stay so
    next: mesh dev up (goes on) · mesh dev down
    "
  `);
});

test('down names what it kept', () => {
  const down = (kept: string[]) =>
    render([
      [0, started('down')],
      [3.4, finished({ ready: 0, wanted: 12, tookMs: 3400, kept })],
    ]);
  expect(down([])).toMatchInlineSnapshot(`
    "toskamesh is down: 12 stopped and removed in 3.4 s
    "
  `);
  expect(down(['toskamesh_postgres-data', 'toskamesh_rabbitmq-data', 'toskamesh_redis-data'])).toMatchInlineSnapshot(`
    "toskamesh is down: 12 stopped and removed in 3.4 s
    kept toskamesh_postgres-data, toskamesh_rabbitmq-data, toskamesh_redis-data
      · remove with: mesh dev down --volumes
    "
  `);
});

test('down names what it removed beside what ran', () => {
  const down = (wanted: number) =>
    render([
      [0, started('down')],
      [3.4, finished({ ready: 0, wanted, tookMs: 3400, kept: [], removed: ['network toskamesh', 'volume rows'] })],
    ]);
  expect(down(12)).toMatchInlineSnapshot(`
    "toskamesh is down: 12 stopped and removed in 3.4 s
    removed network toskamesh, volume rows
    "
  `);
  expect(down(0)).toMatchInlineSnapshot(`
    "toskamesh is down: nothing ran
    removed network toskamesh, volume rows
    "
  `);
});

test('down that failed on the way does not say that it is done', () => {
  expect(
    render([
      [0, started('down')],
      [1, { type: 'node:stopped', node: 'gateway', tookMs: 900 }],
      [1.2, finished({ ok: false, ready: 0, tookMs: 1200 })],
    ]),
  ).toMatchInlineSnapshot(`
    "toskamesh: 1 of 5 stopped
    "
  `);
});

test('stop, restart and build take a line or two', () => {
  expect(
    render([
      [0, started('stop')],
      [1.2, finished({ ready: 0, wanted: 5, tookMs: 1200 })],
    ]),
  ).toMatchInlineSnapshot(`
    "toskamesh: 5 stopped in 1.2 s, nothing removed
    next: mesh dev up · mesh dev down
    "
  `);
  expect(
    render([
      [0, started('restart', { keep: ['postgres'] })],
      [1.2, ready('gateway', 400)],
      [1.2, finished({ changed: 1, tookMs: 1200 })],
    ]),
  ).toMatchInlineSnapshot(`
    "toskamesh: 5 of 5 ready again in 1.2 s
    restarted gateway 0.4 s
    "
  `);
  expect(
    render([
      [0, started('build')],
      [1, { type: 'node:built', node: 'gateway', tookMs: 6100, cached: false }],
      [1, { type: 'node:built', node: 'discovery', tookMs: 300, cached: true }],
      [6.2, finished({ ready: 2, wanted: 2, tookMs: 6200 })],
    ]),
  ).toMatchInlineSnapshot(`
    "toskamesh: 1 image built, 1 up to date (6.2 s)
    built gateway 6.1 s
    "
  `);
});

test('a run that is not over has no summary', () => {
  expect(
    render([
      [0, started()],
      [1, failed('gateway')],
    ]),
  ).toBe('');
});
