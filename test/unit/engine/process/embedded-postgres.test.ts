import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { findEmbeddedPostgres } from '../../../../src/engine/process/hosts/embedded-postgres.ts';
import { probeOnce } from '../../../../src/probe/probe-once.ts';
import { NEVER, openScratchProject, type ScratchProject } from './scratch-project.ts';

const manifest = (sql: string) =>
  `
name: scratch
infrastructure:
  db:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres, host: auto } }
    env: { POSTGRES_USER: toksa_mesh, POSTGRES_PASSWORD: "\${secrets.pw}", POSTGRES_DB: the "db" }
    files: { /docker-entrypoint-initdb.d/1.sql: "${sql}" }
secrets: { pw: {} }
`;

let project: ScratchProject | undefined;
afterEach(async () => {
  await project?.[Symbol.asyncDispose]();
  project = undefined;
});

// An optional dependency: npm leaves it out where it has no binaries for.
describe.skipIf(findEmbeddedPostgres() === undefined)('embedded PostgreSQL', () => {
  test('serves its database on this machine only, also when root starts it', { timeout: 60_000 }, async () => {
    project = await openScratchProject(manifest('CREATE TABLE t ();\\nCREATE TABLE u ();'), {});
    const { up, instance, lines, engine, eventually } = project;
    await up();
    const { ports, id } = await instance('db');
    const port = ports[0]?.hostPort ?? 0;
    const login = { kind: 'postgres' as const, host: '127.0.0.1', port, user: 'toksa_mesh', database: 'the "db"' };
    const limits = { timeoutMs: 1000, signal: NEVER };
    await eventually(async () => ((await probeOnce(login, limits)).ok ? true : undefined));
    expect((await lines('db')).join('\n')).toContain(`listening on IPv4 address "127.0.0.1", port ${port}`);

    await engine.stop(await instance('db'), 20_000);
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 0 });
    // Once set up, it only starts.
    await up();
    await eventually(async () => ((await probeOnce(login, limits)).ok ? true : undefined));
    expect(await engine.removeProject('scratch', { volumes: true })).toEqual(['data of db']);
    expect(existsSync(`${project.root}/.mesh/process/scratch`)).toBe(false);
  });

  test('whose first statements fail cannot be started, and tries again from nothing', { timeout: 60_000 }, async () => {
    project = await openScratchProject(manifest('CREATE TABLE t (nonsense);'), {});
    await expect(project.up()).rejects.toMatchObject({
      code: 'MESH3007',
      message: expect.stringMatching(/1\.sql: .*ERROR: {2}syntax error/),
    });
    await expect(project.up()).rejects.toMatchObject({
      code: 'MESH3007',
      message: expect.stringMatching(/1\.sql: .*ERROR: {2}syntax error/),
    });
    expect((await project.lines('db')).join('\n')).not.toContain('the pw');
  });
});
