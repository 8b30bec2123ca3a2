import { expect, test } from 'vitest';
import type { Check, ProbeClient } from '../../../../src/mesh/mesh.ts';
import { containerProbe } from '../../../../src/render/compose/container-probe.ts';
import { asValue, endpoint, healthWith, nodeWith } from '../mesh-builder.ts';

const probe = (check: Check, client: ProbeClient = 'bash') =>
  containerProbe(
    nodeWith({ name: 'api', endpoints: [endpoint('main', 'http', 11111)], health: healthWith(check, { client }) }),
  );

const CLIENTS: readonly Exclude<ProbeClient, 'none'>[] = ['bash', 'curl', 'node', 'wget'];
const commands = (check: Check) =>
  CLIENTS.map((client) => `${client}: ${probe(check, client)?.test.map(String).join(' ')}`).join('\n\n');

test('http, any 2xx', () => {
  expect(commands({ kind: 'http', endpoint: 'main', path: '/ready' })).toMatchInlineSnapshot(`
    "bash: CMD bash -c exec 3<>/dev/tcp/127.0.0.1/11111 &&
    printf '%s\\r\\n' 'GET /ready HTTP/1.1' 'Host: localhost' 'Connection: close' '' >&3 &&
    IFS= read -r status <&3 &&
    echo "$status" &&
    [[ $status == HTTP/?.?\\ 2* ]]

    curl: CMD curl -fsS -o /dev/null http://127.0.0.1:11111/ready

    node: CMD node -e require('node:http')
      .get('http://127.0.0.1:11111/ready', ({ statusCode }) => process.exit(statusCode >= 200 && statusCode < 300 ? 0 : 1))
      .on('error', () => process.exit(1))

    wget: CMD wget -q -O /dev/null http://127.0.0.1:11111/ready"
  `);
});

test('http, one exact status, and a path with characters that shells and printf know', () => {
  expect(commands({ kind: 'http', endpoint: 'main', path: "/it's?a=%s&b", status: 401 })).toMatchInlineSnapshot(`
    "bash: CMD bash -c exec 3<>/dev/tcp/127.0.0.1/11111 &&
    printf '%s\\r\\n' 'GET /it'\\''s?a=%s&b HTTP/1.1' 'Host: localhost' 'Connection: close' '' >&3 &&
    IFS= read -r status <&3 &&
    echo "$status" &&
    [[ $status == HTTP/?.?\\ 401* ]]

    curl: CMD-SHELL curl -sS -o /dev/null -w '%{http_code}' 'http://127.0.0.1:11111/it'\\''s?a=%s&b' | grep -q 401

    node: CMD node -e require('node:http')
      .get('http://127.0.0.1:11111/it\\'s?a=%s&b', ({ statusCode }) => process.exit(statusCode === 401 ? 0 : 1))
      .on('error', () => process.exit(1))

    wget: CMD-SHELL wget -S -O /dev/null 'http://127.0.0.1:11111/it'\\''s?a=%s&b' 2>&1 | grep -q 'HTTP/1.. 401'"
  `);
});

test('tcp', () => {
  expect(commands({ kind: 'tcp', endpoint: 'main' })).toMatchInlineSnapshot(`
    "bash: CMD bash -c exec 3<>/dev/tcp/127.0.0.1/11111

    curl: CMD grep -qsE :2B67 0+:0000 0A /proc/net/tcp /proc/net/tcp6

    node: CMD node -e require('node:net')
      .connect(11111, '127.0.0.1', () => process.exit(0))
      .on('error', () => process.exit(1))

    wget: CMD grep -qsE :2B67 0+:0000 0A /proc/net/tcp /proc/net/tcp6"
  `);
});

test('amqp: the greeting where the client can send bytes, a listening socket otherwise', () => {
  expect(commands({ kind: 'amqp', endpoint: 'main' })).toMatchInlineSnapshot(`
    "bash: CMD bash -c exec 3<>/dev/tcp/127.0.0.1/11111 &&
    printf 'AMQP\\0\\0\\x09\\x01' >&3 &&
    IFS= read -r -N 1 frame <&3 &&
    [[ $frame == $'\\x01' ]]

    curl: CMD grep -qsE :2B67 0+:0000 0A /proc/net/tcp /proc/net/tcp6

    node: CMD node -e require('node:net')
      .connect(11111, '127.0.0.1', function () { this.write('AMQP\\x00\\x00\\x09\\x01') })
      .on('data', (answer) => process.exit(answer[0] === 1 ? 0 : 1))
      .on('error', () => process.exit(1))

    wget: CMD grep -qsE :2B67 0+:0000 0A /proc/net/tcp /proc/net/tcp6"
  `);
});

test('consul: a leader is elected', () => {
  expect(commands({ kind: 'consul', endpoint: 'main' })).toMatchInlineSnapshot(`
    "bash: CMD bash -c exec 3<>/dev/tcp/127.0.0.1/11111 &&
    printf '%s\\r\\n' 'GET /v1/status/leader HTTP/1.0' 'Host: localhost' '' >&3 &&
    mapfile -t answer <&3 &&
    [[ \${answer[-1]} == *:* ]]

    curl: CMD-SHELL curl -fsS http://127.0.0.1:11111/v1/status/leader | grep -q :

    node: CMD node -e fetch('http://127.0.0.1:11111/v1/status/leader')
      .then((response) => response.text())
      .then((leader) => process.exit(leader.includes(':') ? 0 : 1), () => process.exit(1))

    wget: CMD-SHELL wget -q -O - http://127.0.0.1:11111/v1/status/leader | grep -q :"
  `);
});

test('grpc: an open port, and the file says so', () => {
  expect(probe({ kind: 'grpc', endpoint: 'main', service: '' })).toEqual({
    test: ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/11111'],
    because: 'no gRPC client in the image: an open port stands for its health',
  });
});

test('postgres and redis bring their own client', () => {
  const [user, database] = [asValue('u'), asValue('d')];
  expect(probe({ kind: 'postgres', endpoint: 'main', user, database }, 'none')?.test).toEqual([
    'CMD',
    'pg_isready',
    '-q',
    '-h',
    '127.0.0.1',
    '-p',
    '11111',
    '-U',
    user,
    '-d',
    database,
  ]);
  expect(probe({ kind: 'redis', endpoint: 'main' }, 'none')?.test).toEqual([
    'CMD-SHELL',
    "redis-cli -p 11111 ping | grep -Eq 'PONG|NOAUTH'",
  ]);
});

test('exec is the command itself', () => {
  expect(probe({ kind: 'exec', command: ['pgrep', 'x'] }, 'none')).toEqual({ test: ['CMD', 'pgrep', 'x'] });
});

test.each<Check>([{ kind: 'log', pattern: 'up' }, { kind: 'running' }, { kind: 'completed' }])(
  'nothing inside the container shows $kind',
  (check) => {
    expect(probe(check)).toBeUndefined();
  },
);

test('without a client there is no request', () => {
  expect(probe({ kind: 'http', endpoint: 'main', path: '/' }, 'none')).toBeUndefined();
});
