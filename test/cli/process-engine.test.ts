import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { type CliResult, events, mesh } from '../support/mesh-cli.ts';
import { supervisorsOf } from '../support/supervisors-of.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const SERVER = `
import { createServer } from 'node:http';
const port = new URL(process.env.URLS).port;
createServer((request, response) => response.end(process.env.COLOUR ?? 'ok')).listen(port, '127.0.0.1', () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
`;

const manifest = (ports: readonly number[], colour: string) => `name: hosted
infrastructure:
  consul: { image: "hashicorp/consul:1.16", endpoints: { http: { port: 8500, host: ${ports[2]} } } }
services:
  api:
    build: { node: app, entry: server.js }
    endpoints: { http: { port: 80, host: ${ports[0]} } }
    env: { URLS: "http://+:\${self.http.port}", COLOUR: ${colour} }
    health: { ready: /health/ready }
  web:
    build: { node: app, entry: server.js }
    endpoints: { http: { port: 80, host: ${ports[1]} } }
    needs: [api, consul]
    without: [consul]
    env: { URLS: "http://+:\${self.http.port}", CONSUL: "\${consul.http.url}" }
    health: { ready: /health/ready }
`;

interface Hosted extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly ports: readonly number[];
  readonly run: (...args: string[]) => Promise<CliResult>;
}

async function hosted(): Promise<Hosted> {
  const ports = await freePorts(3);
  const folder = temporaryFolder({
    'mesh.yaml': manifest(ports, 'red'),
    'app/package.json': '{ "name": "app", "private": true, "type": "module" }',
    'app/server.js': SERVER,
  });
  // Whatever servers the machine has on its PATH: this test is about a machine with Node alone.
  const env = { MESH_ENGINE: 'process', PATH: path.dirname(process.execPath) };
  const run = (...args: string[]) => mesh(args, { cwd: folder.path, env });
  return {
    folder,
    ports,
    run,
    [Symbol.asyncDispose]: async () => {
      await run('dev', 'down', '--volumes');
      folder[Symbol.dispose]();
    },
  };
}

const fetchText = async (port: number | undefined) => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe('mesh dev up --engine process', () => {
  it('runs services as host processes, without what cannot be had, and says so', async () => {
    await using subject = await hosted();
    const up = await subject.run('dev', 'up');
    expect(up.stderr).toContain('services run as host processes: as asked');
    expect(up.stderr).toContain('without consul: consul is not on PATH');
    expect(up.exitCode).toBe(0);
    expect(await fetchText(subject.ports[0])).toBe('red');

    const again = await subject.run('dev', 'up');
    expect(again.stdout).toContain('hosted is up: 2 of 2 ready, nothing changed');

    const ps = await subject.run('dev', 'ps', '--json');
    expect(JSON.parse(ps.stdout)).toMatchObject({
      engine: 'process',
      nodes: [
        {
          name: 'api',
          state: 'ready',
          placement: 'host',
          replicas: [{ number: 1, state: 'ready', pid: expect.any(Number) }],
        },
        { name: 'web', state: 'ready', placement: 'host' },
      ],
    });
    expect((await subject.run('dev', 'logs', 'api')).stdout).toContain('listening');
  });

  it('starts only the changed service anew', async () => {
    await using subject = await hosted();
    await subject.run('dev', 'up');
    subject.folder.write('mesh.yaml', manifest(subject.ports, 'green'));
    const up = await subject.run('dev', 'up', '--json');
    expect(
      events(up)
        .filter((event) => event.type === 'node:created')
        .map((event) => event.node),
    ).toEqual(['api']);
    expect(await fetchText(subject.ports[0])).toBe('green');
  });

  it('refuses a service that cannot do without what is missing, before anything starts', async () => {
    await using subject = await hosted();
    subject.folder.write('mesh.yaml', manifest(subject.ports, 'red').replace('    without: [consul]\n', ''));
    const up = await subject.run('dev', 'up');
    expect(up.exitCode).toBe(2);
    expect(up.stderr).toMatch(/mesh\.yaml:\d+:\d+ error/);
    expect(up.stderr).toContain('consul');
    expect(existsSync(path.join(subject.folder.path, 'compose'))).toBe(false);
  });

  it('leaves nothing that listens after down', async () => {
    await using subject = await hosted();
    await subject.run('dev', 'up');
    expect((await subject.run('dev', 'down', '--volumes')).exitCode).toBe(0);
    await expect(fetchText(subject.ports[0])).rejects.toThrow();
    const ps = await subject.run('dev', 'ps', '--json');
    expect(JSON.parse(ps.stdout).nodes.map((node: { state: string }) => node.state)).not.toContain('ready');
  });

  it('has all services on the host already, whatever is asked to be there', async () => {
    await using subject = await hosted();
    const result = await subject.run('dev', 'up', '--local', 'api');
    expect(result.exitCode).toBe(0);
    expect(result.stdout + result.stderr).toContain('--local says nothing new without containers');
    expect(existsSync(path.join(subject.folder.path, '.mesh', 'placement-hosted.json'))).toBe(false);
    const swap = await subject.run('dev', 'swap', 'api', '--to', 'host');
    expect(swap).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('MESH2041') });
    const env = await subject.run('dev', 'env', 'consul');
    expect(env).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('MESH2020') });
  });

  it.skipIf(process.platform !== 'linux')('has doctor find and end what runs without its supervisor', async () => {
    await using subject = await hosted();
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    for (const pid of supervisorsOf(subject.folder.path)) process.kill(pid, 'SIGKILL');
    const found = await subject.run('dev', 'doctor', '--fix');
    expect(found.stdout).toMatch(/host processes of hosted run without their supervisor: \d+, \d+; ended/);
    await expect(fetchText(subject.ports[0])).rejects.toThrow();
    expect((await subject.run('dev', 'doctor')).stdout).not.toContain('without their supervisor');
    expect((await subject.run('dev', 'up')).exitCode).toBe(0);
    expect(await fetchText(subject.ports[0])).toBe('red');
  });
});
