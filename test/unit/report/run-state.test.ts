import { expect, test } from 'vitest';
import { initialRunState, isSettled, reduceRun, waitWords } from '../../../src/report/run-state.ts';
import { events, failed, finished, ready, type Script, started, stateAfter } from './events-builder.ts';

function show(script: Script): string {
  const state = stateAfter(script);
  return [...state.nodes.values()]
    .map((node) => `${node.name}: ${node.phase} | ${waitWords(node)} | ${isSettled(node)}`)
    .join('\n');
}

test('nodes keep the order of the run, whatever happens first', () => {
  const script: Script = [
    [0, started('up', { keep: ['postgres'] })],
    [1, { type: 'node:waiting', node: 'gateway', on: ['auth-service', 'discovery'] }],
    [1, { type: 'node:building', node: 'auth-service', step: 'dotnet restore' }],
    [1, { type: 'node:pulling', node: 'rabbitmq', image: 'rabbitmq:4', progress: '40 %' }],
    [2, { type: 'node:started', node: 'discovery', replica: 1 }],
    [3, { type: 'node:waiting', node: 'discovery', probe: { answer: '503', tries: 1, waitedMs: 100 } }],
    [3, ready('postgres', 20, { kept: true })],
  ];
  expect(show(script)).toMatchInlineSnapshot(`
    "postgres: ready | ready | true
    rabbitmq: pulling | pulls rabbitmq:4 40 % | false
    discovery: probing | 503 (1 try) | false
    auth-service: building | builds: dotnet restore | false
    gateway: waiting | waits for auth-service, discovery | false"
  `);
});

test('how each node ends', () => {
  const script: Script = [
    [0, started()],
    [1, ready('postgres', 900)],
    [1, ready('rabbitmq', 900, { how: 'completed' })],
    [2, failed('discovery')],
    [2, { type: 'node:skipped', node: 'auth-service', because: 'discovery' }],
    [3, { type: 'node:stopping', node: 'gateway' }],
  ];
  expect(show(script)).toMatchInlineSnapshot(`
    "postgres: ready | ready | true
    rabbitmq: done | done | true
    discovery: failed | exited with code 3, three times in 6 s | true
    auth-service: skipped | skipped: discovery failed | true
    gateway: stopping | stopping | false"
  `);
});

test('a node that starts again keeps the time of its first start', () => {
  const state = stateAfter([
    [0, started()],
    [1, { type: 'node:started', node: 'gateway', replica: 1 }],
    [3, { type: 'node:started', node: 'gateway', replica: 1 }],
  ]);
  expect(state.nodes.get('gateway')?.startedAtMs).toBe(1000);
});

test('the run itself: both ends, notices, and how long it goes on', () => {
  const script: Script = [
    [0, started()],
    [1, { type: 'run:notice', message: 'made 2 secrets' }],
    [5.1, finished()],
  ];
  const state = stateAfter(script);
  expect([state.started?.mesh, state.finished?.ok, state.notices, state.elapsedMs]).toEqual([
    'toskamesh',
    true,
    ['made 2 secrets'],
    5100,
  ]);
});

test('a state is never changed in place', () => {
  const before = stateAfter([[0, started()]]);
  const copy = structuredClone(before);
  for (const event of events([
    [1, ready('postgres', 900)],
    [2, failed('gateway')],
    [3, finished()],
  ]))
    reduceRun(before, event);
  expect(before).toEqual(copy);
});

test('a node that was not announced is shown as well', () => {
  const [event] = events([[1, { type: 'node:removed', node: 'old', cause: 'not in the manifest any more' }]]);
  const [stopped] = events([[1, { type: 'node:stopped', node: 'old', tookMs: 300 }]]);
  const state = [event, stopped].reduce(
    (last, next) => (next === undefined ? last : reduceRun(last, next)),
    initialRunState(),
  );
  expect(state.nodes.get('old')).toMatchObject({ phase: 'stopped', tookMs: 300 });
});
