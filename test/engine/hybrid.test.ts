import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import type { CliResult } from '../support/mesh-cli.ts';
import { supervisorsOf } from '../support/supervisors-of.ts';
import { containerIds, docker, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { type TemporaryMesh, temporaryMesh } from './support/temporary-mesh.ts';

/** It is asked by `outer` and asks `inner`, and says where it runs. */
const PROXY = `import http from 'node:http';
const port = new URL(process.env.URLS.replace('+', 'any')).port;
const where = process.env.WHERE;
http.createServer(async (request, response) => {
  if (request.url === '/health/ready') return response.end('ready');
  const answer = await fetch(process.env.INNER + '/row').then((reply) => reply.text(), (error) => 'inner: ' + error.cause);
  response.end(where + ' asked inner: ' + answer.trim());
}).listen(port, process.env.URLS.includes('127.0.0.1') ? '127.0.0.1' : '0.0.0.0');
`;

interface Hybrid extends TemporaryMesh {
  readonly ports: { readonly outer: number; readonly middle: number };
  /** What one gets of `outer`, which asks `middle`, which asks `inner`. */
  readonly ask: () => Promise<string>;
  readonly places: () => Promise<Record<string, string>>;
}

/** The innermost has data in a volume, and a port that is published nowhere, so the move has to publish it. */
async function hybridMesh(): Promise<Hybrid> {
  const [outer = 0, middle = 0] = await freePorts(2);
  const cgi = '#!/bin/sh\\nprintf "Content-Type: text/plain\\r\\n\\r\\n"; exec wget -q -O - $MIDDLE/';
  const outerScript = `mkdir -p /www/cgi-bin; printf '${cgi}' > /www/cgi-bin/ask; chmod +x /www/cgi-bin/ask; exec httpd -f -p 8080 -h /www`;
  const innerScript = 'test -f /rows/row || echo first > /rows/row; exec httpd -f -p 8080 -h /rows';
  const subject = temporaryMesh(`name: hybrid
services:
  outer:
    image: busybox:latest
    command: ${JSON.stringify(outerScript)}
    endpoints: { http: { port: 8080, host: ${outer} } }
    needs: { middle: started }
    env: { MIDDLE: "\${middle.http.url}" }
    health: { ready: { http: / , status: 404 }, within: 20s }
    stopGrace: 1s
  middle:
    image: node:22-bookworm-slim
    command: [node, /app/proxy.mjs]
    files: { /app/proxy.mjs: { source: proxy.mjs } }
    run: { command: [node, proxy.mjs], env: { WHERE: host } }
    endpoints: { http: { port: 8080, host: ${middle} } }
    needs: [inner]
    env: { URLS: "http://+:\${self.http.port}", INNER: "\${inner.http.url}", WHERE: container }
    health: { ready: /health/ready, within: 20s }
    stopGrace: 1s
  inner:
    image: busybox:latest
    command: ${JSON.stringify(innerScript)}
    endpoints: { http: { port: 8080, host: none } }
    volumes: { rows: /rows }
    health: { ready: { exec: [test, -f, /rows/row] }, within: 20s }
    stopGrace: 1s
  bystander:
    image: busybox:latest
    command: [sleep, "1000"]
    health: { ready: { exec: ["true"] } }
    stopGrace: 1s
`);
  subject.write(PROXY, 'proxy.mjs');
  return {
    ...subject,
    ports: { outer, middle },
    ask: async () => (await fetch(`http://127.0.0.1:${outer}/cgi-bin/ask`)).text(),
    places: async () => {
      const { nodes } = JSON.parse((await subject.run(['dev', 'ps', '--json'])).stdout);
      return Object.fromEntries(
        nodes.map((node: Record<string, string>) => [node.name, `${node.placement} ${node.state}`]),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await subject.run(['dev', 'down', '--volumes']);
      await subject[Symbol.asyncDispose]();
    },
  };
}

function ok(result: CliResult): CliResult {
  expect(result.stderr + result.stdout).not.toContain('✘');
  expect(result.exitCode).toBe(0);
  return result;
}

const idsOf = async ({ project }: TemporaryMesh) => containerIds(project);

describeEngine('a hybrid run', () => {
  it('has one service on the host from the start, with requests both ways', async () => {
    await using subject = await hybridMesh();
    const result = ok(await subject.run(['dev', 'up', '--local', 'middle']));
    expect(result.stdout + result.stderr).toContain('middle runs on the host');
    expect(await subject.ask()).toBe('host asked inner: first');
    expect(await subject.places()).toMatchObject({
      middle: 'host ready',
      inner: 'container ready',
      outer: 'container ready',
    });
    expect(Object.keys(await idsOf(subject))).toEqual(['bystander', 'inner', 'outer']);
    // It stays there without being said again, and nothing is to be done.
    const again = ok(await subject.run(['dev', 'up']));
    expect(again.stdout).toContain('nothing changed');
    // The committed file is for everybody, and this run is somebody's own.
    expect(existsSync(path.join(subject.folder, 'compose', 'docker-compose.yml'))).toBe(false);
  });

  it('moves a service that is up to the host and back: it keeps its port, and the others their data', async () => {
    await using subject = await hybridMesh();
    ok(await subject.run(['dev', 'up']));
    const before = await idsOf(subject);
    await docker('exec', before.inner ?? '', 'sh', '-c', 'echo second > /rows/row');
    expect(await subject.ask()).toBe('container asked inner: second');

    const plan = ok(await subject.run(['dev', 'swap', 'middle', '--to', 'host', '--dry-run']));
    expect(plan.stdout).toContain('recreate middle — it moves to the host');
    expect(plan.stdout).toContain('recreate outer — middle is on the host now');
    expect(await idsOf(subject)).toEqual(before);

    // What somebody stopped stays stopped.
    ok(await subject.run(['dev', 'stop', 'bystander']));
    ok(await subject.run(['dev', 'swap', 'middle', '--to', 'host']));
    expect(await subject.ask()).toBe('host asked inner: second');
    expect(await subject.places()).toMatchObject({ middle: 'host ready', bystander: 'container exited' });
    expect(await (await fetch(`http://127.0.0.1:${subject.ports.middle}/`)).text()).toBe('host asked inner: second');
    const during = await idsOf(subject);
    expect(during.middle).toBeUndefined();
    expect(during.bystander).toBe(before.bystander);

    ok(await subject.run(['dev', 'swap', 'middle', '--to', 'container']));
    expect(await subject.ask()).toBe('container asked inner: second');
    expect(Object.keys(await idsOf(subject))).toEqual(['bystander', 'inner', 'middle', 'outer']);
    expect((await idsOf(subject)).bystander).toBe(before.bystander);
    ok(await subject.run(['dev', 'up']));
    expect(ok(await subject.run(['dev', 'up'])).stdout).toContain('nothing changed');
    // Nothing of the host is left: no supervisor, and no note of the move.
    expect(supervisorsOf(subject.folder)).toEqual([]);
    expect(readdirSync(path.join(subject.folder, '.mesh')).filter((file) => file.startsWith('placement-'))).toEqual([]);
  });

  it('lets somebody else run the service with the printed environment, as a debugger does', async () => {
    await using subject = await hybridMesh();
    ok(await subject.run(['dev', 'up', '--local', 'middle']));
    ok(await subject.run(['dev', 'stop', 'middle']));
    const { env, cwd } = JSON.parse(ok(await subject.run(['dev', 'env', 'middle', '--json'])).stdout);
    expect(cwd).toBe(subject.folder);
    const child = spawn(process.execPath, ['proxy.mjs'], {
      cwd: subject.folder,
      env: { ...process.env, ...env, WHERE: 'debugger' },
      stdio: 'ignore',
    });
    try {
      await expect.poll(() => subject.ask().catch(String), { timeout: 10_000 }).toBe('debugger asked inner: first');
    } finally {
      child.kill();
    }
  });

  it('admits nobody to the way in but the mesh and this machine', async () => {
    await using subject = await hybridMesh();
    ok(await subject.run(['dev', 'up', '--local', 'middle']));
    const [file = ''] = readdirSync(path.join(subject.folder, '.mesh')).filter((name) => name.startsWith('placement-'));
    const { address, reachPorts } = JSON.parse(readFileSync(path.join(subject.folder, '.mesh', file), 'utf8'));
    const port = Object.values<number>(reachPorts)[0] ?? 0;
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((one) => one.family === 'IPv4' && one.address !== address);
    for (const other of others) expect(await opens(other.address, port)).toBe(false);
    // This machine itself gets in, since a service may tell others that address as its own.
    expect(await (await fetch(`http://${address}:${port}/`)).text()).toBe('host asked inner: first');
    // A container of another network reaches the address, and is turned away.
    const stranger = docker(
      'run',
      '--rm',
      'busybox:latest',
      'wget',
      '-T',
      '5',
      '-q',
      '-O',
      '-',
      `http://${address}:${port}/`,
    );
    await expect(stranger).rejects.toThrow();
  });

  it('comes back after its supervisor was killed, and leaves nothing when it goes down', async () => {
    await using subject = await hybridMesh();
    ok(await subject.run(['dev', 'up', '--local', 'middle']));
    for (const pid of supervisorsOf(subject.folder)) process.kill(pid, 'SIGKILL');
    ok(await subject.run(['dev', 'up']));
    await expect.poll(() => subject.ask().catch(String), { timeout: 10_000 }).toBe('host asked inner: first');
    ok(await subject.run(['dev', 'down', '--volumes']));
    expect(await remains(subject.project)).toEqual([]);
    expect(supervisorsOf(subject.folder)).toEqual([]);
    expect(await opens('127.0.0.1', subject.ports.middle)).toBe(false);
  });

  it('refuses what cannot move, before anything starts', async () => {
    await using subject = temporaryMesh(`name: hybrid
infrastructure:
  db: { image: "busybox:latest", command: [sleep, "1000"], health: { ready: { exec: ["true"] } } }
services:
  api: { image: "busybox:latest", command: [sleep, "1000"], health: { ready: { exec: ["true"] } } }
`);
    const server = await subject.run(['dev', 'up', '--local', 'db']);
    expect(server.exitCode).toBe(2);
    expect(server.stderr).toContain('db is infrastructure');
    const api = await subject.run(['dev', 'up', '--local', 'api']);
    expect(api.exitCode).toBe(2);
    expect(api.stderr).toMatch(/api cannot run on the host: it is known only as the image busybox:latest/);
    const swap = await subject.run(['dev', 'swap', 'api', '--to', 'host']);
    expect(swap.stderr).toContain('MESH2041');
    expect(await remains(subject.project)).toEqual([]);
  });
});

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
