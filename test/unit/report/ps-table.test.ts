import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { formatAge, type PsNode, type PsReport, renderPsTable } from '../../../src/report/ps-table.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { widthOf } from '../../../src/report/text-width.ts';
import { ENDPOINTS, endpoint } from './events-builder.ts';

const NOW = new Date('2026-01-31T12:05:00.000Z');

function node(name: string, changes: Partial<PsNode> = {}): PsNode {
  return {
    name,
    kind: 'service',
    tier: 'business',
    state: 'ready',
    placement: 'container',
    restarts: 0,
    startedAt: '2026-01-31T12:03:40.000Z',
    readyAfterMs: 400,
    endpoints: ENDPOINTS[name] ?? [],
    replicas: [],
    ...changes,
  };
}

const MIB = 1024 * 1024;
const usage = { cpuPercent: 12.34, memoryBytes: 98.6 * MIB, memoryLimitBytes: 512 * MIB };

const NODES: readonly PsNode[] = [
  node('postgres', { kind: 'infrastructure', startedAt: '2026-01-29T09:00:00.000Z' }),
  node('rabbitmq', {
    kind: 'infrastructure',
    endpoints: [endpoint('amqp', 'amqp', 5672), endpoint('ui', 'http', 15672)],
  }),
  node('discovery', { startedAt: '2026-01-31T12:04:57.500Z' }),
  node('auth-service', {
    state: 'starting',
    restarts: 3,
    lastAnswer: '503 {"status":"starting"}\u001b[2J\r\nand more',
  }),
  node('gateway', { state: 'unready', lastAnswer: `connection refused ${'again '.repeat(20)}` }),
  {
    name: 'migrate',
    kind: 'service',
    tier: 'jobs',
    state: 'done',
    placement: 'container',
    restarts: 0,
    endpoints: [],
    replicas: [],
  },
  {
    name: 'worker',
    kind: 'service',
    tier: 'jobs',
    state: 'absent',
    placement: 'host',
    restarts: 0,
    endpoints: [],
    replicas: [],
  },
];

function render(nodes: readonly PsNode[], columns = 80, color = false): string {
  const report: PsReport = { v: 1, mesh: 'toskamesh', instance: 'x', project: 'toskamesh-x', engine: 'docker', nodes };
  return renderPsTable(report, { columns, styles: createStyles({ color }), now: NOW });
}

test('services first; why a node is not ready stands behind its address', () => {
  expect(render(NODES)).toMatchInlineSnapshot(`
    "SERVICE        STATE      WHERE   UPTIME   RESTARTS   ADDRESS
    discovery      ready                 2 s          0   http://127.0.0.1:5010
    auth-service   starting             80 s          3   :5001  (503 {"status":"st…
    gateway        unready              80 s          0   :5000  (connection refuse…
    migrate        done                               0
    worker         absent     host                    0
    postgres       ready                 2 d          0   tcp://127.0.0.1:5432
    rabbitmq       ready                80 s          0   http://127.0.0.1:15672
    4 of 7 ready
    "
  `);
});

test('at 120 columns', () => {
  expect(render(NODES, 120)).toMatchInlineSnapshot(`
    "SERVICE        STATE      WHERE   UPTIME   RESTARTS   ADDRESS
    discovery      ready                 2 s          0   http://127.0.0.1:5010  grpc :50051
    auth-service   starting             80 s          3   http://127.0.0.1:5001  (503 {"status":"starting"}␛[2J and more)
    gateway        unready              80 s          0   http://127.0.0.1:5000  (connection refused again again again agai…
    migrate        done                               0
    worker         absent     host                    0
    postgres       ready                 2 d          0   tcp://127.0.0.1:5432
    rabbitmq       ready                80 s          0   http://127.0.0.1:15672  amqp :5672
    4 of 7 ready
    "
  `);
});

test('with what they use; where there is no room, ports stand for addresses', () => {
  const nodes = NODES.map((each) => (each.state === 'absent' || each.state === 'done' ? each : { ...each, ...usage }));
  expect(render(nodes)).toMatchInlineSnapshot(`
    "SERVICE        STATE      WHERE   UPTIME   RESTARTS      CPU   MEMORY   ADDRESS
    discovery      ready                 2 s          0   12.3 %   99 MiB   :5010
    auth-service   starting             80 s          3   12.3 %   99 MiB   :5001  …
    gateway        unready              80 s          0   12.3 %   99 MiB   :5000  …
    migrate        done                               0
    worker         absent     host                    0
    postgres       ready                 2 d          0   12.3 %   99 MiB   :5432
    rabbitmq       ready                80 s          0   12.3 %   99 MiB   :15672
    4 of 7 ready
    "
  `);
  expect(render(nodes, 120)).toMatchInlineSnapshot(`
    "SERVICE        STATE      WHERE   UPTIME   RESTARTS      CPU   MEMORY   ADDRESS
    discovery      ready                 2 s          0   12.3 %   99 MiB   http://127.0.0.1:5010  grpc :50051
    auth-service   starting             80 s          3   12.3 %   99 MiB   http://127.0.0.1:5001  (503 {"status":"starting…
    gateway        unready              80 s          0   12.3 %   99 MiB   http://127.0.0.1:5000  (connection refused agai…
    migrate        done                               0
    worker         absent     host                    0
    postgres       ready                 2 d          0   12.3 %   99 MiB   tcp://127.0.0.1:5432
    rabbitmq       ready                80 s          0   12.3 %   99 MiB   http://127.0.0.1:15672  amqp :5672
    4 of 7 ready
    "
  `);
});

test.each([120, 80, 60, 40])('nothing wraps at %i columns', (columns) => {
  for (const line of render(NODES, columns).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
});

test('colour only adds', () => {
  const coloured = render(NODES, 80, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(NODES));
});

test('of nothing', () => {
  expect(render([])).toMatchInlineSnapshot(`
    "SERVICE   STATE   UPTIME   RESTARTS   ADDRESS
    0 of 0 ready
    "
  `);
});

test.each([
  [-5, '0 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('an age of %i ms is %s', (milliseconds, text) => {
  expect(formatAge(milliseconds)).toBe(text);
});
