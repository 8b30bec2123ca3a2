import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { docker, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { temporaryMesh } from './support/temporary-mesh.ts';

const database = (port: number) => `name: data
infrastructure:
  postgres:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres, host: ${port} } }
    env: { POSTGRES_PASSWORD: "\${secrets.password}" }
    volumes: { rows: /var/lib/postgresql/data }
secrets: { password: { minLength: 12 } }
`;

async function query(project: string, sql: string): Promise<string> {
  return docker('exec', `${project}-postgres-1`, 'psql', '-U', 'postgres', '-t', '-A', '-c', sql);
}

describeEngine('mesh dev down', () => {
  it('keeps the rows of a database unless volumes are asked for, and then leaves nothing', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(database(port));
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    const word = randomBytes(4).toString('hex');
    await query(subject.project, `create table kept as select '${word}' as word`);
    const down = await subject.run(['dev', 'down']);
    expect(down.exitCode).toBe(0);
    expect(down.stdout).toContain('rows');
    expect(await remains(subject.project)).toEqual([`volume ${subject.project}_rows`]);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    expect(await query(subject.project, 'select word from kept')).toBe(word);
    expect((await subject.run(['dev', 'down', '--volumes'])).exitCode).toBe(0);
    expect(await remains(subject.project)).toEqual([]);
  });

  it('stop keeps containers, up starts the same ones again, and restart ends ready', async () => {
    const [port = 0] = await freePorts(1);
    await using subject = temporaryMesh(database(port));
    await subject.run(['dev', 'up']);
    const id = await docker('ps', '--quiet', '--filter', `name=${subject.project}-postgres-1`);
    expect((await subject.run(['dev', 'stop'])).exitCode).toBe(0);
    const stopped = await subject.run(['dev', 'ps', '--json']);
    expect(JSON.parse(stopped.stdout).nodes[0].state).toBe('exited');
    expect(stopped.exitCode).toBe(1);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    expect((await subject.run(['dev', 'restart', 'postgres'])).exitCode).toBe(0);
    expect(await docker('ps', '--quiet', '--filter', `name=${subject.project}-postgres-1`)).toBe(id);
    const ready = await subject.run(['dev', 'ps', '--json']);
    expect(JSON.parse(ready.stdout).nodes[0]).toMatchObject({
      state: 'ready',
      placement: 'container',
      tier: 'infrastructure',
    });
    expect(ready.exitCode).toBe(0);
  });
});
