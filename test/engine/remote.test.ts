import { chmodSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { busyboxMesh } from './support/busybox-mesh.ts';
import { containerIds, docker } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { temporaryMesh } from './support/temporary-mesh.ts';

/** Where the engine under test listens; the tests reach the same one by other ways. */
async function socketPath(): Promise<string> {
  const host = await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}');
  return (process.env.DOCKER_HOST ?? host).replace('unix://', '');
}

/** A TCP address that leads to the engine's socket. */
async function tcpDoor(): Promise<{ readonly port: number } & Disposable> {
  const socket = await socketPath();
  const open = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const engine = connect(socket);
    for (const end of [client, engine]) {
      open.add(end);
      end.on('error', () => {}).on('close', () => open.delete(end));
    }
    client.pipe(engine).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      for (const end of open) end.destroy();
      server.close();
    },
  };
}

describeEngine('an engine elsewhere', () => {
  it('is used through DOCKER_HOST=tcp://…', async () => {
    using door = await tcpDoor();
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${door.port}` };
    const result = await subject.run(['dev', 'up'], { env });
    expect(result.stderr).not.toContain('✘');
    expect(result.exitCode).toBe(0);
    expect(Object.keys(await containerIds(subject.project))).toEqual(['web']);
    expect((await subject.run(['dev', 'down'], { env })).exitCode).toBe(0);
  });

  it('is used through a Docker context', async () => {
    using door = await tcpDoor();
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
    const env = { DOCKER_CONFIG: path.join(subject.folder, 'docker config'), DOCKER_CONTEXT: 'elsewhere' };
    // The plugins of the command line are found in its configuration folder, too; the system's own stay where they are.
    const create = ['context', 'create', 'elsewhere', '--docker', `host=tcp://127.0.0.1:${door.port}`];
    await docker('--config', env.DOCKER_CONFIG, ...create);
    const result = await subject.run(['dev', 'up'], { env });
    expect(result.stderr).not.toContain('✘');
    expect(result.exitCode).toBe(0);
    const doctor = await subject.run(['dev', 'doctor'], { env });
    expect(doctor.stdout).toContain('(context elsewhere)');
  });

  it('is used through DOCKER_HOST=ssh://…, with the ssh of the user', async () => {
    const socket = await socketPath();
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
    // In the place of a server that can be logged into: the last words of an ssh command are what runs there.
    subject.write(
      `#!/bin/sh\nunset DOCKER_CONTEXT\nDOCKER_HOST=unix://${socket} exec docker system dial-stdio\n`,
      'bin/ssh',
    );
    chmodSync(path.join(subject.folder, 'bin/ssh'), 0o755);
    const env = {
      DOCKER_HOST: 'ssh://somebody@127.0.0.1',
      PATH: `${path.join(subject.folder, 'bin')}:${process.env.PATH}`,
    };
    const result = await subject.run(['dev', 'up'], { env });
    expect(result.stderr).not.toContain('✘');
    expect(result.exitCode).toBe(0);
    expect((await subject.run(['dev', 'logs', 'web'], { env })).exitCode).toBe(0);
  });

  it('that goes away in the middle is told at once, and what runs is adopted later', async () => {
    const door = await tcpDoor();
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'slow', hostPort: port, afterSeconds: 3 }]));
    const result = await subject.run(['dev', 'up'], {
      env: { DOCKER_HOST: `tcp://127.0.0.1:${door.port}` },
      onStderr: (text) => {
        if (/slow +started/.test(text)) door[Symbol.dispose]();
        return undefined;
      },
    });
    expect(result.stderr).toContain('the engine went away while the mesh came up');
    expect(result.exitCode).toBe(3);
    const before = await containerIds(subject.project);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    expect(await containerIds(subject.project)).toEqual(before);
  });

  it('is refused when its ports could not be reached from here', async () => {
    using door = await tcpDoor();
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
    // A name of this machine that is not its loopback address stands for another machine.
    const result = await subject.run(['dev', 'up'], { env: { DOCKER_HOST: `tcp://127.0.0.2:${door.port}` } });
    expect([1, 3]).toContain(result.exitCode);
    expect(result.stderr).toMatch(/MESH_BIND_ADDRESS|no Docker engine answers/);
  });
});
