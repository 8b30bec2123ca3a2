import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { events, ROOT } from '../support/mesh-cli.ts';
import { containerIds, docker, inspect, lines, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { logIn } from './support/reference-client.ts';
import { type ReferenceMesh, referenceMesh } from './support/reference-mesh.ts';
import { TOSKAMESH_ENDPOINTS } from './support/toskamesh-endpoints.ts';

const execute = promisify(execFile);
const NAMES = TOSKAMESH_ENDPOINTS.map(([, node]) => node as string).sort();

const startedAt = async (id: string | undefined) => Date.parse(await inspect<string>(id ?? '', '.State.StartedAt'));

describeEngine('the reference mesh', () => {
  let subject: ReferenceMesh;

  beforeAll(async () => {
    subject = await referenceMesh();
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

  it('answers a user through the gateway, from services that discovery found', async () => {
    const gateway = subject.urlOf('gateway');
    const url = `${gateway}/api/config/paint/test`;
    expect((await fetch(url)).status).toBe(401);
    const authorization = await logIn(gateway);
    const put = await fetch(url, {
      method: 'PUT',
      body: JSON.stringify({ values: { colour: 'blue' } }),
      headers: { 'content-type': 'application/json', authorization },
    });
    expect(put.status).toBe(201);
    const got = await fetch(url, { headers: { authorization } });
    expect(await got.json()).toMatchObject({ values: { colour: 'blue' } });
    expect(got.headers.get('x-served-by')).toContain('config-service');
  });

  it('plays the demo: a crash that users do not notice, and that traces, metrics and health tell of', async () => {
    const demo = path.join(ROOT, 'scripts/demo.mjs');
    const env = { ...process.env, MESH_PROJECT: subject.project, NO_COLOR: '1' };
    const { stdout } = await execute(process.execPath, [demo, '--folder', subject.folder], { env });
    expect(stdout).toContain('20 times read all the same');
    expect(stdout).toContain('back again');
    expect(stdout).toContain('the page of all instances');
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
    await fetch(`${subject.urlOf('tracing-service')}/api/traces`);
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
    expect(health).toHaveLength(13);
    for (const line of health) expect(line).toContain('(healthy)');
    const adopted = await subject.run(['dev', 'up']);
    expect(adopted.stdout).toContain('12 of 12 ready, nothing changed');
    await subject.run(['dev', 'down', '--volumes']);
    expect(await remains(subject.project)).toEqual([]);
  });
});
