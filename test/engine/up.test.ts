import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { events } from '../support/mesh-cli.ts';
import { busyboxMesh } from './support/busybox-mesh.ts';
import { containerIds, docker, inspect, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { temporaryMesh } from './support/temporary-mesh.ts';

const started = async (id: string | undefined) => Date.parse(await inspect<string>(id ?? '', '.State.StartedAt'));

async function threeLayers() {
  const [base = 0, middle = 0, top = 0] = await freePorts(3);
  return busyboxMesh([
    { name: 'top', hostPort: top, needs: ['middle'] },
    { name: 'middle', hostPort: middle, afterSeconds: 1, needs: ['base'] },
    { name: 'base', hostPort: base, afterSeconds: 1 },
  ]);
}

describeEngine('mesh dev up', () => {
  it('starts a service only when what it needs is ready', async () => {
    await using subject = temporaryMesh(await threeLayers());
    const result = await subject.run(['dev', 'up']);
    expect(result.stderr + result.stdout).toContain('ready in');
    expect(result.exitCode).toBe(0);
    const ids = await containerIds(subject.project);
    const [base, middle, top] = [await started(ids.base), await started(ids.middle), await started(ids.top)];
    // Each sleeps a second before it listens, and that second must have passed.
    expect(middle - base).toBeGreaterThanOrEqual(1000);
    expect(top - middle).toBeGreaterThanOrEqual(1000);
  });

  it('writes the files that it works with, and none for clusters', async () => {
    await using subject = temporaryMesh(await threeLayers());
    await subject.run(['dev', 'up']);
    expect(readdirSync(subject.folder).sort()).toEqual(['.mesh', 'compose', 'mesh.yaml']);
  });

  it('changes nothing the second time', async () => {
    await using subject = temporaryMesh(await threeLayers());
    await subject.run(['dev', 'up']);
    const before = await containerIds(subject.project);
    const result = await subject.run(['dev', 'up']);
    expect(result.stdout).toMatch(/^busybox-mesh is up: 3 of 3 ready, nothing changed \(\d+\.\d s\)\n$/);
    expect(await containerIds(subject.project)).toEqual(before);
  });

  it('recreates only the service whose setting changed, and says which', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    const manifest = (value: string) =>
      busyboxMesh([
        { name: 'one', hostPort: one, env: { COLOUR: value } },
        { name: 'two', hostPort: two },
      ]);
    await using subject = temporaryMesh(manifest('red'));
    await subject.run(['dev', 'up']);
    const before = await containerIds(subject.project);
    subject.write(manifest('green'));
    const plan = await subject.run(['dev', 'plan', '--check']);
    expect(plan.stdout).toMatch(/recreate one +env COLOUR changed red → green +mesh\.yaml:\d+:\d+/);
    expect(plan.exitCode).toBe(1);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    const after = await containerIds(subject.project);
    expect(after.two).toBe(before.two);
    expect(after.one).not.toBe(before.one);
    expect(await docker('exec', after.one ?? '', 'sh', '-c', 'echo $COLOUR')).toBe('green');
  });

  it('starts the named services and what they need, and nothing else', async () => {
    await using subject = temporaryMesh(await threeLayers());
    expect((await subject.run(['dev', 'up', 'middle'])).exitCode).toBe(0);
    expect(Object.keys(await containerIds(subject.project))).toEqual(['base', 'middle']);
  });

  it('runs replicas, probes each, and gives the host port to the first', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(busyboxMesh([{ name: 'web', hostPort: port, more: '    replicas: 3\n' }]));
    const result = await subject.run(['dev', 'up', '--json']);
    expect(result.exitCode).toBe(0);
    expect(events(result).filter((event) => event.type === 'node:started')).toHaveLength(3);
    const ids = await containerIds(subject.project);
    expect(Object.keys(ids)).toEqual(['web', 'web-2', 'web-3']);
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    const [{ replicas }] = JSON.parse((await subject.run(['dev', 'ps', '--json'])).stdout).nodes;
    expect(replicas.map(({ number, id }: { number: number; id: string }) => [number, id])).toEqual([
      [1, ids.web],
      [2, ids['web-2']],
      [3, ids['web-3']],
    ]);
    const fewer = busyboxMesh([{ name: 'web', hostPort: port, more: '    replicas: 1\n' }]);
    subject.write(fewer);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    expect(Object.keys(await containerIds(subject.project))).toEqual(['web']);
  });

  it('makes a node only when the images of its needs are there', async () => {
    const [port = 0] = await freePorts(1);
    const image = `mesh-test-${port}:latest`;
    const api = `  api: { build: { dockerfile: app/Dockerfile }, image: "${image}", endpoints: { http: { port: 8080, host: ${port} } }, stopGrace: 0s }\n`;
    const web = '  web: { image: "busybox:latest", command: "sleep 300", needs: [api], stopGrace: 0s }\n';
    await using subject = temporaryMesh(`name: built\nservices:\n${api}${web}`);
    const command = '["sh", "-c", "mkdir -p /www; exec httpd -f -p 8080 -h /www"]';
    subject.write(`FROM busybox:latest\nCMD ${command}\n`, 'app/Dockerfile');
    try {
      const result = await subject.run(['dev', 'up']);
      expect(result.stderr).not.toContain('✘');
      expect(result.exitCode).toBe(0);
      await subject.run(['dev', 'down']);
    } finally {
      await docker('rmi', '--force', image);
    }
  });

  it('adopts what an interrupted run left', async () => {
    await using subject = temporaryMesh(await threeLayers());
    const interrupted = await subject.run(['dev', 'up'], {
      onStderr: (text) => (/base +started/.test(text) ? 'SIGINT' : undefined),
    });
    expect(interrupted.exitCode).toBe(130);
    const before = await containerIds(subject.project);
    const result = await subject.run(['dev', 'up']);
    expect(result.exitCode).toBe(0);
    expect((await containerIds(subject.project)).base).toBe(before.base);
  });

  it('prints a plan and does nothing with --dry-run', async () => {
    await using subject = temporaryMesh(await threeLayers());
    const result = await subject.run(['dev', 'up', '--dry-run']);
    expect(result.stdout).toContain('start base — there is no container yet');
    expect(result.exitCode).toBe(0);
    expect(await remains(subject.project)).toEqual([]);
  });

  it('leaves containers that docker compose takes for its own', async () => {
    await using subject = temporaryMesh(await threeLayers());
    await subject.run(['dev', 'up']);
    const services = await docker('compose', '--project-name', subject.project, 'ps', '--services');
    expect(services.split('\n').sort()).toEqual(['base', 'middle', 'top']);
    await docker('compose', '--project-name', subject.project, 'logs');
    await docker('compose', '--project-name', subject.project, 'down', '--timeout', '1');
    expect(await remains(subject.project)).toEqual([]);
  });
});
