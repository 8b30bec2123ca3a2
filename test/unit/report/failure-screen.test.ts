import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { renderFailures } from '../../../src/report/failure-screen.ts';
import { createStyles } from '../../../src/report/styles.ts';
import { failed, finished, ready, type Script, started, stateAfter } from './events-builder.ts';

function render(script: Script, columns = 80, color = false): string {
  return renderFailures(stateAfter(script), { columns, styles: createStyles({ color }) });
}

function log(text: string, second = 44) {
  return { at: `2026-01-31T12:03:${second}.120Z`, stream: 'stderr', text } as const;
}

const CRASH_LOOP: Script = [
  [0, started()],
  [0.9, ready('postgres', 900)],
  [3.6, ready('rabbitmq', 3600)],
  [4.1, ready('discovery', 500)],
  [
    10,
    failed('auth-service', {
      hint: 'put a longer value for `jwt` into .mesh/secrets.env, then: mesh dev up auth-service',
      logs: [log('Jwt__Secret has 12 bytes; HS256 needs at least 32')],
      had: [
        { node: 'postgres', ready: true },
        { node: 'discovery', ready: true },
      ],
      blocks: ['gateway'],
      from: { file: 'mesh.yaml', line: 61, column: 20, text: 'Jwt__Secret: ${secrets.jwt}' },
    }),
  ],
  [10, { type: 'node:skipped', node: 'gateway', because: 'auth-service' }],
  [10, finished({ ok: false, ready: 3 })],
];

test('at 120 columns', () => {
  expect(render(CRASH_LOOP, 120)).toMatchInlineSnapshot(`
    "✘ auth-service is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs auth-service)
         12:03:44.120  Jwt__Secret has 12 bytes; HS256 needs at least 32

      it had         postgres ✔  discovery ✔
      blocked by it  gateway
      from           mesh.yaml:61:20   Jwt__Secret: \${secrets.jwt}
      do             put a longer value for \`jwt\` into .mesh/secrets.env, then: mesh dev up auth-service

    3 of 5 ready and still running · exit 1
    "
  `);
});

test('at 80 columns the advice goes on in the next line', () => {
  expect(render(CRASH_LOOP, 80)).toMatchInlineSnapshot(`
    "✘ auth-service is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs auth-service)
         12:03:44.120  Jwt__Secret has 12 bytes; HS256 needs at least 32

      it had         postgres ✔  discovery ✔
      blocked by it  gateway
      from           mesh.yaml:61:20   Jwt__Secret: \${secrets.jwt}
      do             put a longer value for \`jwt\` into .mesh/secrets.env, then: mesh
                     dev up auth-service

    3 of 5 ready and still running · exit 1
    "
  `);
});

test('colour only adds', () => {
  const coloured = render(CRASH_LOOP, 80, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(CRASH_LOOP, 80));
});

test('log lines are cut, cannot move the cursor, and only the last 20 are shown', () => {
  const logs = Array.from({ length: 30 }, (_, index) => log(`line ${index}`, index + 10));
  const text = render([
    [0, started()],
    [
      1,
      failed('gateway', {
        logs: [...logs, log('\u001b[31mred\u001b[0m \u001b[2J\u0007'), log(`wide ${'界'.repeat(60)}`)],
      }),
    ],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "✘ gateway is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs gateway)
         12:03:22.120  line 12
         12:03:23.120  line 13
         12:03:24.120  line 14
         12:03:25.120  line 15
         12:03:26.120  line 16
         12:03:27.120  line 17
         12:03:28.120  line 18
         12:03:29.120  line 19
         12:03:30.120  line 20
         12:03:31.120  line 21
         12:03:32.120  line 22
         12:03:33.120  line 23
         12:03:34.120  line 24
         12:03:35.120  line 25
         12:03:36.120  line 26
         12:03:37.120  line 27
         12:03:38.120  line 28
         12:03:39.120  line 29
         12:03:44.120  red ␛[2J␇
         12:03:44.120  wide 界界界界界界界界界界界界界界界界界界界界界界界界界界界…

      do             see mesh dev logs gateway, mend the cause, then: mesh dev up
                     gateway

    0 of 5 ready and still running · exit 1
    "
  `);
});

test('three failures in full, the others in a line each', () => {
  const all = ['postgres', 'rabbitmq', 'discovery', 'auth-service', 'gateway'];
  const text = render([
    [0, started()],
    ...all.map((node) => [1, failed(node, { logs: [log(`last words of ${node}`)] })] as const),
  ]);
  expect(text).toMatchInlineSnapshot(`
    "✘ postgres is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs postgres)
         12:03:44.120  last words of postgres

      do             see mesh dev logs postgres, mend the cause, then: mesh dev up
                     postgres

    ✘ rabbitmq is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs rabbitmq)
         12:03:44.120  last words of rabbitmq

      do             see mesh dev logs rabbitmq, mend the cause, then: mesh dev up
                     rabbitmq

    ✘ discovery is not ready: exited with code 3, three times in 6 s

      its last lines (mesh dev logs discovery)
         12:03:44.120  last words of discovery

      do             see mesh dev logs discovery, mend the cause, then: mesh dev up
                     discovery

    ✘ auth-service is not ready: exited with code 3, three times in 6 s
    ✘ gateway is not ready: exited with code 3, three times in 6 s

    0 of 5 ready and still running · exit 1
    "
  `);
});

test('what never ran is not called unready', () => {
  const text = render([
    [0, started()],
    [
      1,
      failed('gateway', {
        code: 'MESH2003',
        reason: '5000 is held by ControlCenter, pid 612',
        hint: 'stop it, or take free ports: mesh dev up --remap-ports',
      }),
    ],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "✘ gateway cannot start: 5000 is held by ControlCenter, pid 612

      do             stop it, or take free ports: mesh dev up --remap-ports

    0 of 5 ready and still running · exit 1
    "
  `);
});

test('a failed build', () => {
  const text = render([
    [0, started('build')],
    [1, { type: 'node:built', node: 'discovery', tookMs: 900, cached: false }],
    [
      2,
      failed('gateway', {
        code: 'MESH3006',
        reason: 'dotnet publish exited with code 1',
        logs: [log('error CS1002: ; expected')],
      }),
    ],
    [2, finished({ ok: false, ready: 1 })],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "✘ gateway could not be built: dotnet publish exited with code 1

      the last lines of the build
         12:03:44.120  error CS1002: ; expected

      do             see mesh dev logs gateway, mend the cause, then: mesh dev up
                     gateway

    1 of 5 built · exit 1
    "
  `);
});

test.each([120, 80, 60])('nothing wraps at %i columns', (columns) => {
  const long = failed('gateway', {
    reason: `never ready: ${'connection refused, '.repeat(8)}`,
    hint: `see ${'/a/long/path'.repeat(12)}`,
    had: ['postgres', 'rabbitmq', 'discovery', 'auth-service', 'config-service', 'consul'].map((node) => ({
      node,
      ready: true,
    })),
    from: { file: 'mesh.yaml', line: 61, column: 20, text: `CONNECTION: ${'x'.repeat(200)}` },
  });
  for (const line of render(
    [
      [0, started()],
      [1, long],
    ],
    columns,
  ).split('\n'))
    expect(line.length).toBeLessThanOrEqual(columns);
});

test('a path that is longer than the screen is broken and not cut', () => {
  const path = '/a/long/path'.repeat(12);
  const text = render([
    [0, started()],
    [1, failed('gateway', { hint: `see ${path}` })],
  ]);
  expect(text.replace(/\s+/g, '')).toContain(path);
});

test('what failed on its own comes before what failed with something that it needs', () => {
  const script: Script = [
    [0, started()],
    [1, failed('discovery', { blocks: ['gateway'] })],
    [1, failed('gateway')],
    [1, failed('postgres', { blocks: ['discovery', 'gateway'] })],
    [1, failed('auth-service')],
  ];
  const heads = render(script)
    .split('\n')
    .filter((line) => line.startsWith('✘'));
  expect(heads.map((line) => line.split(' ')[1])).toEqual(['postgres', 'auth-service', 'discovery', 'gateway']);
});

test('interrupted after something had failed', () => {
  const text = render([
    [0, started()],
    [1, failed('gateway')],
    [2, finished({ ok: false, interrupted: true })],
  ]);
  expect(text.trimEnd().split('\n').at(-1)).toBe('0 of 5 ready and still running · exit 130');
});
