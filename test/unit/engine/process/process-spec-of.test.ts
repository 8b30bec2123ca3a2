import { describe, expect, test } from 'vitest';
import { type HostPorts, portNeeds } from '../../../../src/engine/process/host-ports.ts';
import { processSpecOf, type SpecScope } from '../../../../src/engine/process/process-spec-of.ts';
import { pathsIn } from '../../../../src/engine/process/state/project-paths.ts';
import { nodeOf } from '../../../../src/mesh/mesh.ts';
import { machineWith, meshOf } from './mesh-of.ts';

const MESH = meshOf(`
name: shop
infrastructure:
  db:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres } }
    env: { POSTGRES_USER: o'hara, POSTGRES_PASSWORD: "\${secrets.pw}", POSTGRES_DB: 'the "db"' }
    command: [postgres, -c, max_connections=7]
    files:
      /docker-entrypoint-initdb.d/2.sql: CREATE TABLE two ();
      /docker-entrypoint-initdb.d/1.sql: CREATE TABLE one ();
      /docker-entrypoint-initdb.d/no.sh: exit 1
  cache: { image: "redis:7", endpoints: { redis: { port: 6379, protocol: redis } }, command: [redis-server, --appendonly, "yes"] }
  mq:
    image: rabbitmq:3.12-management-alpine
    endpoints: { amqp: { port: 5672, protocol: amqp }, ui: { port: 15672, protocol: http } }
    env: { RABBITMQ_DEFAULT_USER: u, RABBITMQ_DEFAULT_PASS: p }
  consul:
    image: hashicorp/consul:1.16
    endpoints: { http: { port: 8500, protocol: http }, dns: { port: 8600, protocol: udp } }
  prom:
    image: prom/prometheus
    endpoints: { http: { port: 9090, protocol: http } }
    files: { /etc/prometheus/prometheus.yml: "targets: ['\${api.http.address}']" }
services:
  api:
    build: { node: services/api, entry: dist/main.js, script: build }
    replicas: 2
    endpoints: { http: { port: 80, protocol: http, host: 5001 } }
    env: { URLS: "http://+:\${self.http.port}", DB: "\${db.sql.url}", PW: "\${secrets.pw}", V: "\${env.V:-fallback}" }
    stopGrace: 3s
    restart: on-failure
  net:
    build: { dotnet: src/Net.Api }
    endpoints: { http: { port: 80, protocol: http } }
    env: { URLS: "http://+:80" }
secrets: { pw: {} }
`);

/** Ports from 20000 in the order of the needs, but for those that the manifest fixes. */
const PORTS: HostPorts = Object.fromEntries(
  portNeeds(MESH).map((need, index) => [need.key, need.fixed ?? 20_000 + index]),
);

const scope = (isRoot: boolean): SpecScope => ({
  mesh: MESH,
  ports: PORTS,
  secret: (name) => `the ${name}`,
  variable: () => undefined,
  root: '/project',
  paths: pathsIn('/project/.mesh/process/shop'),
  available: machineWith('postgres', 'initdb', 'redis-server', 'rabbitmq-server', 'consul', 'prometheus', 'dotnet'),
  passed: { PATH: '/bin' },
  isRoot,
});

const specOf = (name: string, replica = 1, isRoot = false) => {
  const { argv, ...spec } = processSpecOf(nodeOf(MESH, name), { id: 'shop.1', replica, imageId: 'i' }, scope(isRoot));
  return { ...spec, argv: argv.map((word) => (word === process.execPath ? 'node' : word)) };
};

describe('processSpecOf', () => {
  test('a Node.js service', () => {
    expect(specOf('api')).toMatchInlineSnapshot(`
      {
        "argv": [
          "node",
          "--enable-source-maps",
          "dist/main.js",
        ],
        "cwd": "/project/services/api",
        "env": {
          "DB": "postgres://127.0.0.1:5432",
          "PATH": "/bin",
          "PW": "the pw",
          "URLS": "http://127.0.0.1:5001",
          "V": "fallback",
        },
        "files": [],
        "folders": [],
        "id": "shop.1",
        "image": "shop-api",
        "imageId": "i",
        "name": "shop-api-1",
        "node": "api",
        "ports": [
          {
            "containerPort": 80,
            "hostPort": 5001,
            "protocol": "tcp",
          },
        ],
        "replica": 1,
        "restart": "on-failure",
        "setup": undefined,
        "stopGraceMs": 3000,
        "stopSignal": "SIGTERM",
        "user": undefined,
      }
    `);
  });

  test('a second replica has ports of its own, and hears its own', () => {
    const second = specOf('api', 2);
    expect(second.name).toBe('shop-api-2');
    expect(second.ports).not.toEqual(specOf('api').ports);
    expect(second.env.URLS).toBe(`http://127.0.0.1:${second.ports[0]?.hostPort}`);
  });

  test('a .NET service is told the port of the host, and finds its settings beside its project', () => {
    const { argv, cwd, env } = specOf('net');
    expect({ argv, cwd, env }).toMatchInlineSnapshot(`
      {
        "argv": [
          "/bin/dotnet",
          "run",
          "--no-build",
          "--no-launch-profile",
          "-c",
          "Release",
          "--project",
          "/project/src/Net.Api",
        ],
        "cwd": "/project/src/Net.Api",
        "env": {
          "PATH": "/bin",
          "URLS": "http://127.0.0.1:20017",
        },
      }
    `);
  });

  test('PostgreSQL', () => {
    const { argv, env, files, setup, user, stopSignal } = specOf('db');
    expect({ argv, env, files, setup, user, stopSignal }).toMatchInlineSnapshot(`
      {
        "argv": [
          "/bin/postgres",
          "-D",
          "/project/.mesh/process/shop/data/db/data",
          "-p",
          "5432",
          "-c",
          "listen_addresses=127.0.0.1",
          "-c",
          "unix_socket_directories=",
          "-c",
          "hba_file=/project/.mesh/process/shop/data/db/pg_hba.conf",
          "-c",
          "max_connections=7",
        ],
        "env": {
          "PATH": "/bin",
        },
        "files": [
          {
            "path": "/project/.mesh/process/shop/data/db/pg_hba.conf",
            "text": "host all all 127.0.0.1/32 scram-sha-256
      ",
          },
        ],
        "setup": {
          "fills": "/project/.mesh/process/shop/data/db/data",
          "marker": "/project/.mesh/process/shop/data/db/ready",
          "steps": [
            {
              "argv": [
                "/bin/initdb",
                "-D",
                "/project/.mesh/process/shop/data/db/data",
                "-U",
                "o'hara",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
              ],
              "title": "initdb",
            },
            {
              "argv": [
                "/bin/postgres",
                "--single",
                "-j",
                "-D",
                "/project/.mesh/process/shop/data/db/data",
                "-c",
                "log_min_error_statement=panic",
                "postgres",
              ],
              "input": "ALTER ROLE "o'hara" PASSWORD 'the pw';

      CREATE DATABASE "the ""db""";

      ",
              "refuse": "(?:ERROR|FATAL|PANIC): ",
              "title": "user and database",
            },
            {
              "argv": [
                "/bin/postgres",
                "--single",
                "-j",
                "-D",
                "/project/.mesh/process/shop/data/db/data",
                "-c",
                "log_min_error_statement=panic",
                "the "db"",
              ],
              "input": "CREATE TABLE one ();

      ",
              "refuse": "(?:ERROR|FATAL|PANIC): ",
              "title": "1.sql",
            },
            {
              "argv": [
                "/bin/postgres",
                "--single",
                "-j",
                "-D",
                "/project/.mesh/process/shop/data/db/data",
                "-c",
                "log_min_error_statement=panic",
                "the "db"",
              ],
              "input": "CREATE TABLE two ();

      ",
              "refuse": "(?:ERROR|FATAL|PANIC): ",
              "title": "2.sql",
            },
          ],
        },
        "stopSignal": "SIGINT",
        "user": undefined,
      }
    `);
  });

  test('PostgreSQL refuses to run as root, so it runs as somebody else where that one can get', () => {
    const { user, folders } = specOf('db', 1, true);
    expect(user).toEqual({ uid: 65_534, gid: 65_534 });
    expect(folders).toEqual([expect.stringMatching(/^\/var\/lib\/mesh\/[0-9a-f]{16}\/db$/)]);
  });

  test.each(['cache', 'mq', 'consul', 'prom'])('%s', (name) => {
    const { argv, env, files } = specOf(name);
    expect({ argv, env, files }).toMatchSnapshot();
  });

  test('no secret stands in a command line', () => {
    for (const name of MESH.nodes.map((node) => node.name)) {
      const { argv, setup } = specOf(name);
      expect([...argv, ...(setup?.steps ?? []).flatMap((step) => step.argv)].join(' ')).not.toContain('the pw');
    }
  });
});
