import { describe, expect, test } from 'vitest';
import { hostingOf } from '../../../../src/engine/process/host-command.ts';
import { portNeeds } from '../../../../src/engine/process/host-ports.ts';
import { processSpecOf } from '../../../../src/engine/process/process-spec-of.ts';
import { pathsIn } from '../../../../src/engine/process/state/project-paths.ts';
import { nodeOf } from '../../../../src/mesh/mesh.ts';
import { machineWith, meshOf } from './mesh-of.ts';

const MESH = meshOf(`
name: shop
infrastructure:
  db:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres } }
    env: { PGPORT: "\${self.sql.port}", PGPASSWORD: "\${secrets.pw}" }
    run: postgres -D /srv/db
services:
  pulled:
    image: acme/worker:1
    endpoints: { http: { port: 80, protocol: http, host: 5001 } }
    env: { URLS: "http://+:80", DB: "\${db.sql.address}" }
    run: { command: [./worker, --fast], folder: bin }
  built:
    build: { dockerfile: ops/Dockerfile, context: src }
    run: make run
  node:
    build: { node: app, entry: main.js }
    command: [node, main.js]
    run: [node, --inspect, main.js]
  net:
    build: { dotnet: src/Net }
    run: dotnet watch
secrets: { pw: {} }
`);

const specOf = (name: string) =>
  processSpecOf(
    nodeOf(MESH, name),
    { id: 'shop.1', replica: 1, imageId: 'host' },
    {
      mesh: MESH,
      ports: Object.fromEntries(portNeeds(MESH).map((need, index) => [need.key, need.fixed ?? 20_000 + index])),
      secret: (secret) => `the ${secret}`,
      variable: () => undefined,
      root: '/project',
      paths: pathsIn('/project/.mesh/process/shop'),
      available: machineWith(),
      passed: { PATH: '/bin' },
      isRoot: true,
    },
  );

describe('a node that is told how to run', () => {
  test.each([
    ['db', 'postgres -D /srv/db'],
    ['pulled', './worker --fast'],
    ['built', 'make run'],
    ['node', 'node --inspect main.js'],
  ])('%s is hosted by its command, on a machine that has nothing', (name, how) => {
    expect(hostingOf(nodeOf(MESH, name), machineWith())).toEqual({ kind: 'hosted', how });
  });

  test('still has to be built', () => {
    expect(hostingOf(nodeOf(MESH, 'net'), machineWith())).toMatchObject({ reason: 'dotnet is not on PATH' });
    expect(hostingOf(nodeOf(MESH, 'net'), machineWith('dotnet'))).toEqual({ kind: 'hosted', how: 'dotnet watch' });
  });

  test('an image gets the settings of the manifest, with the addresses of this machine', () => {
    const { argv, cwd, env, ports } = specOf('pulled');
    expect({ argv, cwd, env, ports }).toEqual({
      argv: ['./worker', '--fast'],
      cwd: '/project/bin',
      env: { PATH: '/bin', URLS: 'http://127.0.0.1:5001', DB: '127.0.0.1:5432' },
      ports: [{ containerPort: 80, hostPort: 5001, protocol: 'tcp' }],
    });
  });

  test('a known server is run as it says, without what mesh does for that server', () => {
    const { argv, env, setup, user, folders } = specOf('db');
    expect({ argv, env, setup, user, folders }).toEqual({
      argv: ['sh', '-c', 'postgres -D /srv/db'],
      env: { PATH: '/bin', PGPORT: '5432', PGPASSWORD: 'the pw' },
      setup: undefined,
      user: undefined,
      folders: [],
    });
  });

  test('a build does what it says, in the folder of the build', () => {
    expect(specOf('built')).toMatchObject({ argv: ['sh', '-c', 'make run'], cwd: '/project/src' });
    expect(specOf('node')).toMatchObject({ argv: ['node', '--inspect', 'main.js'], cwd: '/project/app' });
  });
});
