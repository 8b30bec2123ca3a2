import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../support/free-ports.ts';
import { events, ROOT } from '../support/mesh-cli.ts';
import { containerIds, docker, inspect, lines, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { type TemporaryMesh, temporaryMesh } from './support/temporary-mesh.ts';
import { TOSKAMESH_ENDPOINTS } from './support/toskamesh-endpoints.ts';

const EXAMPLE = path.join(ROOT, 'examples/toskamesh');

/** The reference mesh with ports of its own. */
async function referenceManifest(): Promise<{ readonly text: string; readonly gateway: number }> {
  const ports = await freePorts(TOSKAMESH_ENDPOINTS.flatMap(([, , endpoints]) => endpoints).length);
  let gateway = 0;
  const section = (wanted: string) =>
    TOSKAMESH_ENDPOINTS.filter(([name]) => name === wanted).map(([, node, endpoints]) => {
      const hosts = endpoints.map((endpoint) => {
        const port = ports.pop() ?? 0;
        if (node === 'gateway') gateway = port;
        return `${endpoint}: { host: ${port} }`;
      });
      return `  ${node}: { endpoints: { ${hosts.join(', ')} } }\n`;
    });
  const infrastructure = section('infrastructure').join('');
  const services = section('services').join('');
  return { text: `extends: ./example/mesh.yaml\ninfrastructure:\n${infrastructure}services:\n${services}`, gateway };
}

const NAMES = TOSKAMESH_ENDPOINTS.map(([, node]) => node as string).sort();

const startedAt = async (id: string | undefined) => Date.parse(await inspect<string>(id ?? '', '.State.StartedAt'));

describeEngine('the reference mesh', () => {
  let subject: TemporaryMesh;
  let gateway: number;

  beforeAll(async () => {
    const manifest = await referenceManifest();
    gateway = manifest.gateway;
    subject = temporaryMesh(manifest.text);
    symlinkSync(EXAMPLE, path.join(subject.folder, 'example'));
  });

  afterAll(async () => {
    await subject?.[Symbol.asyncDispose]();
  });

  it('comes up from nothing, every node proven ready', async () => {
    const result = await subject.run(['dev', 'up', '--build', '--json', '--timeout', '3m']);
    const ready = events(result).filter((event) => event.type === 'node:ready');
    expect(result.stderr).toBe('');
    expect(ready.map((event) => event.node).sort()).toEqual(NAMES);
    expect(events(result).at(-1)).toMatchObject({ type: 'run:finished', ok: true, ready: 12, wanted: 12 });
    expect(result.exitCode).toBe(0);
  });

  it('started everything in the order of the needs', async () => {
    const ids = await containerIds(subject.project);
    const file = parse(await subject.run(['generate', '--stdout', 'compose']).then((result) => result.stdout), {
      merge: true,
    });
    for (const [name, service] of Object.entries<{ depends_on?: Record<string, unknown> }>(file.services)) {
      for (const need of Object.keys(service.depends_on ?? {})) {
        if (ids[name] === undefined) continue;
        expect(await startedAt(ids[name]), `${name} after ${need}`).toBeGreaterThan(await startedAt(ids[need]));
      }
    }
  });

  it('answers a request through the gateway, from a service that discovery found', async () => {
    const url = `http://127.0.0.1:${gateway}/api/config/colour`;
    const put = await fetch(url, {
      method: 'PUT',
      body: JSON.stringify({ value: 'blue' }),
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBe(200);
    const got = await fetch(url);
    expect(await got.text()).toContain('blue');
    expect(got.headers.get('x-served-by')).toContain('config-service');
  });

  it('changes nothing the second time', async () => {
    const before = await containerIds(subject.project);
    const result = await subject.run(['dev', 'up']);
    expect(result.stdout).toMatch(/^toskamesh-reference is up: 12 of 12 ready, nothing changed/);
    expect(await containerIds(subject.project)).toEqual(before);
  });

  it('follows the log of a service through its restart', async () => {
    const following = subject.run(['dev', 'logs', '-f', '-n', '0', '--json', 'tracing-service'], {
      onStdout: (text) =>
        text.includes('"message":"starting') || text.includes('\\"message\\":\\"starting') ? 'SIGINT' : undefined,
    });
    // The stream is open when a request that it must show has been shown, or at the latest when the service is back.
    await fetch(`http://127.0.0.1:${gateway}/api/traces`);
    expect((await subject.run(['dev', 'restart', 'tracing-service'])).exitCode).toBe(0);
    const result = await following;
    expect(result.stdout).toContain('tracing-service');
  });

  it('goes down and leaves only its volumes', async () => {
    expect((await subject.run(['dev', 'down'])).exitCode).toBe(0);
    const left = await remains(subject.project);
    expect(left.every((thing) => thing.startsWith('volume '))).toBe(true);
    expect(left).toHaveLength(2);
  });

  it('comes up with docker compose alone, from the generated file and nothing else', async () => {
    const file = path.join(subject.folder, 'compose/docker-compose.yml');
    const config = await docker('compose', '--file', file, 'config', '--quiet');
    expect(config).toBe('');
    await docker('compose', '--project-name', subject.project, '--file', file, 'up', '--wait', '--quiet-pull');
    const health = await lines(
      'ps',
      '--filter',
      `label=com.docker.compose.project=${subject.project}`,
      '--format',
      '{{.Label "com.docker.compose.service"}} {{.Status}}',
    );
    expect(health).toHaveLength(12);
    for (const line of health) expect(line).toContain('(healthy)');
    const adopted = await subject.run(['dev', 'up']);
    expect(adopted.stdout).toContain('12 of 12 ready, nothing changed');
    await subject.run(['dev', 'down', '--volumes']);
    expect(await remains(subject.project)).toEqual([]);
  });
});
