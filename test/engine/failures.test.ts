import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { busyboxMesh } from './support/busybox-mesh.ts';
import { containerIds, docker, inspect, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { temporaryMesh } from './support/temporary-mesh.ts';

describeEngine('mesh dev up, when something fails', () => {
  it('names a service that keeps exiting, its last words, and who is blocked; what is fine stays up', async () => {
    const [bad = 0, fine = 0, blocked = 0] = await freePorts(3);
    await using subject = temporaryMesh(
      busyboxMesh([
        {
          name: 'bad',
          hostPort: bad,
          command: 'echo "Jwt__Secret has 12 bytes; HS256 needs at least 32"; exit 3',
          env: { Jwt__Secret: 'short' },
        },
        { name: 'fine', hostPort: fine },
        { name: 'blocked', hostPort: blocked, needs: ['bad'] },
      ]),
    );
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/✘ bad is not ready: exited with code 3, three times in \d+\.\d s/);
    expect(result.stderr).toContain('Jwt__Secret has 12 bytes; HS256 needs at least 32');
    expect(result.stderr).toMatch(/blocked by it +blocked/);
    expect(result.stderr).toMatch(/from +mesh\.yaml:\d+:\d+ +Jwt__Secret: "short"/);
    expect(result.stderr).toContain('1 of 3 ready');
    const ids = await containerIds(subject.project);
    expect(await inspect(ids.fine ?? '', '.State.Running')).toBe(true);
    expect(await inspect(ids.blocked ?? '', '.State.Status')).toBe('created');
  });

  it('says what the readiness check answered last, when it never succeeds', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(
      busyboxMesh([{ name: 'slow', hostPort: port, command: 'mkdir /www; exec httpd -f -p 8080 -h /www' }]),
    );
    const result = await subject.run(['dev', 'up', '--timeout', '2s']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/✘ slow is not ready: not ready within \d+\.\d s: 404/);
  });

  it('tells a service that was killed while it was awaited', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'victim', hostPort: port, command: 'sleep 300' }]));
    const running = subject.run(['dev', 'up']);
    await expect.poll(async () => (await containerIds(subject.project)).victim, { timeout: 20_000 }).toBeDefined();
    const id = (await containerIds(subject.project)).victim ?? '';
    await expect.poll(() => inspect(id, '.State.Running'), { timeout: 20_000 }).toBe(true);
    await docker('kill', id);
    const result = await running;
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/✘ victim is not ready: exited with code 137 \(SIGKILL\)/);
  });

  it('names the process that holds a port, and changes nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
      const result = await subject.run(['dev', 'up']);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toMatch(new RegExp(`port ${port} is held by \\S+, pid ${process.pid}`));
      expect(result.stderr).toContain('mesh dev up --remap-ports');
      expect(await remains(subject.project)).toEqual([]);

      expect((await subject.run(['dev', 'up', '--remap-ports'])).exitCode).toBe(0);
      const ports = await subject.run(['dev', 'ports']);
      expect(ports.stdout).toMatch(new RegExp(`web http → 8080 +remapped: the manifest asks for ${port} first`));
    } finally {
      server.close();
    }
  });

  it('names the container that holds a port', async () => {
    const [port = 0] = await freePorts(1);
    await using holder = temporaryMesh(busyboxMesh([{ name: 'first', hostPort: port }]));
    await holder.run(['dev', 'up']);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'second', hostPort: port }]));
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(
      `port ${port} is held by container ${holder.project}-first-1 of project ${holder.project}`,
    );
  });

  it('says that an image cannot be had, and goes on with the others', async () => {
    const [port = 0, other = 0] = await freePorts(2);
    const manifest = busyboxMesh([
      { name: 'web', hostPort: port },
      { name: 'fine', hostPort: other },
    ]).replace('image: busybox:latest', 'image: localhost:1/no/such:image');
    await using subject = temporaryMesh(manifest);
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('image localhost:1/no/such:image cannot be had');
    expect(Object.keys(await containerIds(subject.project))).toEqual(['fine']);
  });

  it('shows the step of a build that failed', async () => {
    const [port = 0] = await freePorts(1);
    const manifest = busyboxMesh([
      { name: 'web', hostPort: port, more: '    build: { dockerfile: web/Dockerfile }\n' },
    ]).replace('image: busybox:latest', 'image: mesh-test-broken:latest');
    await using subject = temporaryMesh(manifest);
    subject.write('FROM busybox:latest\nRUN echo "the compiler says no"; exit 7\n', 'web/Dockerfile');
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('the compiler says no');
    expect(result.stderr).toMatch(/Dockerfile:2/);
  });

  it('knows that a job which exits with 0 is done, and that one which does not has failed', async () => {
    const [port = 0] = await freePorts(1);
    const job = (code: number) => `  migrate:
    image: busybox:latest
    command: "echo migrating; exit ${code}"
    job: true
`;
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port, needs: ['migrate'] }]) + job(0));
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    expect((await subject.run(['dev', 'up'])).stdout).toContain('nothing changed');
    subject.write(busyboxMesh([{ name: 'web', hostPort: port, needs: ['migrate'] }]) + job(4));
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('✘ migrate is not ready: the job exited with code 4');
  });

  it('names a lack of memory', async () => {
    const [port = 0] = await freePorts(1);
    const greedy = 'x=a; while true; do x=$x$x; done';
    const limits = '    resources: { limits: { memory: 16Mi } }\n    restart: "no"\n';
    await using subject = temporaryMesh(
      busyboxMesh([{ name: 'greedy', hostPort: port, command: greedy, more: limits }]),
    );
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('✘ greedy is not ready: ran out of memory: its limit is 16Mi');
  });

  it('refuses a broken manifest with all its problems and touches nothing', async () => {
    await using subject = temporaryMesh(
      'name: broken\nservices:\n  web: { image: x, endpoints: { http: 99999 }, helth: {} }\n',
    );
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('mesh.yaml:3:');
    expect(result.stderr).toContain('MESH1101');
    expect(result.stderr).toContain('MESH1102');
    expect(await remains(subject.project)).toEqual([]);
  });

  it('says with exit code 3 that no engine answers', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port }]));
    const result = await subject.run(['dev', 'up'], { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain(`no Docker engine answers at tcp://127.0.0.1:${port} (DOCKER_HOST)`);
  });
});

describeEngine('mesh dev up, where readiness is easily claimed', () => {
  it('asks from inside the container when an endpoint is not published', async () => {
    const [port = 0] = await freePorts(1);
    const manifest = busyboxMesh([{ name: 'hidden', hostPort: port, afterSeconds: 1 }]).replace(
      `host: ${port}`,
      'host: none',
    );
    await using subject = temporaryMesh(manifest);
    const result = await subject.run(['dev', 'up']);
    expect(result.stderr).toMatch(/hidden +not ready yet: exit 1/);
    expect(result.exitCode).toBe(0);
  });

  it('does not take a service without endpoints for ready because it was started', async () => {
    await using subject = temporaryMesh(
      'name: quick\nservices:\n  quick: { image: "busybox:latest", command: "sleep 0.3; exit 4", stopGrace: 0s }\n  stays: { image: "busybox:latest", command: "sleep 300", stopGrace: 0s }\n',
    );
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/✘ quick is not ready: exited with code 4, three times/);
    expect(result.stderr).toContain('1 of 2 ready');
  });

  it('hides a secret that a failing service prints', async () => {
    await using subject = temporaryMesh(
      'name: leaky\nservices:\n  leaky:\n    image: busybox:latest\n    command: "echo \\"refused: $TOKEN\\"; exit 3"\n    env: { TOKEN: "${secrets.token}" }\n    stopGrace: 0s\nsecrets: { token: { minLength: 8 } }\n',
    );
    const secret = 'a-secret-that-nobody-may-see';
    for (const args of [
      ['dev', 'up'],
      ['dev', 'up', '--json'],
      ['dev', 'ps'],
    ]) {
      const result = await subject.run(args, { env: { MESH_SECRET_TOKEN: secret } });
      expect(result.exitCode).toBe(1);
      expect(result.stdout + result.stderr).not.toContain(secret);
      if (args[1] === 'up') expect(result.stdout + result.stderr).toContain('refused: ••••');
    }
  });
});

describeEngine('mesh dev up, when only a config file changed', () => {
  it('gives the container the new file', async () => {
    const manifest = (text: string) =>
      `name: files\nservices:\n  app:\n    image: busybox:latest\n    command: sleep 300\n    files: { /etc/app.conf: "${text}" }\n    stopGrace: 0s\n`;
    await using subject = temporaryMesh(manifest('one'));
    await subject.run(['dev', 'up']);
    subject.write(manifest('two'));
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    const id = (await containerIds(subject.project)).app ?? '';
    expect(await docker('exec', id, 'cat', '/etc/app.conf')).toBe('two');
    expect((await subject.run(['dev', 'plan', '--check'])).exitCode).toBe(0);
  });
});
