import { beforeAll, expect, test } from 'vitest';
import type { EventBody } from '../../../src/execute/event.ts';
import { createLiveReporter } from '../../../src/report/live-reporter.ts';
import { openLiveView } from '../../../src/report/live-view.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { events, failed, finished, ready, type Script, started } from './events-builder.ts';
import { createManualClock } from './manual-clock.ts';
import { createScreen, type Screen } from './screen.ts';

function open(screen: Screen, color = false) {
  const clock = createManualClock();
  const reporter = createLiveReporter({ stream: screen, styles: createStyles({ color }), clock });
  /** Time goes by as the script says. */
  const play = async (script: Script) => {
    for (const event of events(script)) {
      if (event.elapsedMs > clock.now()) await clock.pass(event.elapsedMs - clock.now());
      reporter.handle(event);
    }
  };
  return { clock, reporter, play };
}

const answer = (text: string, tries = 31): EventBody => ({
  type: 'node:waiting',
  node: 'rabbitmq',
  probe: { answer: text, tries, waitedMs: 2900 },
});

const SLOW_RABBIT: Script = [
  [0, started()],
  [0.1, { type: 'node:waiting', node: 'discovery', on: ['rabbitmq'] }],
  [0.1, { type: 'node:waiting', node: 'auth-service', on: ['postgres', 'discovery'] }],
  [0.1, { type: 'node:waiting', node: 'gateway', on: ['discovery', 'auth-service'] }],
  [0.2, { type: 'node:started', node: 'postgres', replica: 1 }],
  [0.5, { type: 'node:started', node: 'rabbitmq', replica: 1 }],
  [1.1, ready('postgres', 900)],
  [3.4, answer('no AMQP greeting yet (connection reset)')],
];

// What a view needs is loaded when the first one opens, which takes longer than the time that passes in a test.
beforeAll(() => openLiveView(createScreen(80), []).end());

test('one row a tier, ready ones folded, and what each of the others waits for', async () => {
  const screen = createScreen(80);
  const { reporter, play, clock } = open(screen);
  await play(SLOW_RABBIT);
  await clock.pass(200);
  expect(screen.text()).toMatchInlineSnapshot(`
    "toskamesh · docker 28.5 · 5 nodes                                         3.6 s
    infrastructure  ✔ postgres 0.9 s
                    ◐ rabbitmq       3.1 s   no AMQP greeting yet (connection rese…
    discovery       ○ discovery              waits for rabbitmq
    business        ○ auth-service           waits for postgres, discovery
    gateway         ○ gateway                waits for discovery, auth-service"
  `);
  expect(screen.cursor()).toBe('hidden');
  await reporter.close();
});

test('a wider terminal shows more of it', async () => {
  const screen = createScreen(120, 40);
  const { reporter, play, clock } = open(screen);
  await play([
    ...SLOW_RABBIT,
    [3.5, answer('404 {"status":"starting","checks":{"postgres":"ok","discovery":"unknown"}}')],
  ]);
  await clock.pass(200);
  expect(screen.text()).toMatchInlineSnapshot(`
    "toskamesh · docker 28.5 · 5 nodes                                                                                 3.7 s
    infrastructure  ✔ postgres 0.9 s
                    ◐ rabbitmq       3.2 s   404 {"status":"starting","checks":{"postgres":"ok","discovery":"unknown"}} (3…
    discovery       ○ discovery              waits for rabbitmq
    business        ○ auth-service           waits for postgres, discovery
    gateway         ○ gateway                waits for discovery, auth-service"
  `);
  await reporter.close();
});

test('failures and what they hold up stay in sight', async () => {
  const screen = createScreen(80);
  const { reporter, play, clock } = open(screen);
  await play([
    ...SLOW_RABBIT,
    [4, failed('rabbitmq')],
    [4, { type: 'node:skipped', node: 'discovery', because: 'rabbitmq' }],
    [4.1, { type: 'node:building', node: 'gateway', step: 'RUN npm ci' }],
  ]);
  await clock.pass(200);
  expect(screen.text()).toMatchInlineSnapshot(`
    "toskamesh · docker 28.5 · 5 nodes                                         4.3 s
    infrastructure  ✔ postgres 0.9 s
                    ✘ rabbitmq               exited with code 3, three times in 6 s
    discovery       – discovery              skipped: rabbitmq failed
    business        ○ auth-service           waits for postgres, discovery
    gateway         ◐ gateway        0.2 s   builds: RUN npm ci"
  `);
  await reporter.close();
});

test('the view goes away at the end, the cursor comes back, and nothing is left running', async () => {
  const screen = createScreen(80);
  const { reporter, play, clock } = open(screen);
  await play([...SLOW_RABBIT, [4, { type: 'run:notice', message: 'made 2 secrets\u001b[2J' }], [5, finished()]]);
  await reporter.close();
  expect(screen.text()).toBe('made 2 secrets␛[2J');
  expect(screen.cursor()).toBe('shown');
  expect(clock.sleeping()).toBe(0);
  const writes = screen.writes();
  await clock.pass(1000);
  expect(screen.writes()).toBe(writes);
});

test('the stream stays whole meanwhile, so that the cursor can be brought back when the process is ended', async () => {
  const screen = createScreen(80);
  const { write } = screen;
  const { reporter, play, clock } = open(screen);
  await play(SLOW_RABBIT);
  await clock.pass(200);
  expect(screen.cursor()).toBe('hidden');
  expect(screen.write).toBe(write);
  await reporter.close();
});

test('a run that is over at once draws nothing', async () => {
  const screen = createScreen(80);
  const { reporter, play } = open(screen);
  await play([
    [0, started()],
    [0.05, finished({ changed: 0 })],
  ]);
  await reporter.close();
  expect(screen.writes()).toBe(0);
});

test('interrupted before and after the view is there', async () => {
  for (const afterMs of [0, 100, 150, 1000]) {
    const screen = createScreen(80);
    const { reporter, play, clock } = open(screen);
    await play([[0, started()]]);
    await clock.pass(afterMs);
    await reporter.close();
    expect([screen.text(), screen.cursor(), clock.sleeping()]).toEqual(['', 'shown', 0]);
  }
});

test('drawn at most ten times a second, however much happens', async () => {
  const screen = createScreen(80);
  const { reporter, play, clock } = open(screen);
  const busy = Array.from({ length: 1000 }, (_, index) => [0.5 + index / 500, answer('refused', index)] as const);
  await play([[0, started()]]);
  await clock.pass(500);
  const before = screen.writes();
  await play(busy);
  expect(screen.writes() - before).toBeLessThanOrEqual(20);
  await reporter.close();
});

test.each([
  [80, 24],
  [40, 24],
  [20, 10],
  [120, 6],
])('never wider nor higher than a terminal of %i × %i', async (columns, rows) => {
  const screen = createScreen(columns, rows);
  const { reporter, play, clock } = open(screen, true);
  const nodes = Array.from({ length: 40 }, (_, index) => ({
    name: `service-with-a-long-name-${index}`,
    kind: 'service' as const,
    tier: `tier ${index % 7}`,
  }));
  await play([
    [0, started('up', { nodes })],
    [0.1, { type: 'node:waiting', node: 'service-with-a-long-name-1', on: nodes.map(({ name }) => name) }],
    [0.2, { ...answer('界'.repeat(90)), node: 'service-with-a-long-name-2' } as EventBody],
    [0.3, ready('service-with-a-long-name-3', 300)],
    [0.4, failed('service-with-a-long-name-39', { reason: 'two\nlines \u001b[2J and \r more' })],
  ]);
  await clock.pass(300);
  expect(screen.widest()).toBeLessThan(columns);
  expect(screen.text().split('\n').length).toBeLessThan(rows);
  expect(screen.text()).toContain('✘');
  await reporter.close();
});

test('a terminal that changes its size', async () => {
  const screen = createScreen(120, 40);
  const { reporter, play, clock } = open(screen);
  await play(SLOW_RABBIT);
  await clock.pass(200);
  screen.columns = 60;
  await clock.pass(200);
  for (const line of screen.text().split('\n')) expect(line.length).toBeLessThan(60);
  screen.columns = 150;
  await clock.pass(200);
  expect(screen.text().split('\n')[0]).toHaveLength(149);
  await reporter.close();
});

test('a terminal of no size counts as a usual one', async () => {
  const screen = createScreen(0, 0);
  const { reporter, play, clock } = open(screen);
  await play(SLOW_RABBIT);
  await clock.pass(200);
  expect(screen.text().split('\n')[0]).toHaveLength(79);
  await reporter.close();
});

test('colour only adds', async () => {
  const shown: string[] = [];
  for (const color of [false, true]) {
    const screen = createScreen(80);
    const { reporter, play, clock } = open(screen, color);
    await play(SLOW_RABBIT);
    await clock.pass(200);
    shown.push(screen.text());
    expect(screen.isPainted()).toBe(color);
    await reporter.close();
  }
  expect(shown[1]).toBe(shown[0]);
});
