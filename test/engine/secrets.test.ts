import { expect, it } from 'vitest';
import { containerIds, docker, inspect } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { temporaryMesh } from './support/temporary-mesh.ts';

/** Everything that a shell, YAML, an env file or Compose could take for something else. */
const ODD = `a$b $$c \${HOME} 'q' "d" #h =e \\n ;x {{y}} ü`;

const MANIFEST = `name: odd
services:
  app:
    image: busybox:latest
    command: sleep 300
    env:
      SECRET: "\${secrets.odd}"
      PLAIN: ${JSON.stringify(ODD.replaceAll('${', () => '$${'))}
      WITHIN: "before \${secrets.odd} after"
    files:
      /etc/app.conf: |
        secret=\${secrets.odd}
    stopGrace: 0s
secrets: { odd: { minLength: 4, variable: ODD_SECRET } }
`;

async function environmentOf(id: string): Promise<Record<string, string>> {
  const variables = await inspect<string[]>(id, '.Config.Env');
  return Object.fromEntries(
    variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describeEngine('values', () => {
  it('arrive in the container as they were written, whatever characters they have', async () => {
    await using subject = temporaryMesh(MANIFEST);
    const result = await subject.run(['dev', 'up'], { env: { ODD_SECRET: ODD } });
    expect(result.stderr).not.toContain('error');
    expect(result.exitCode).toBe(0);
    const id = (await containerIds(subject.project)).app ?? '';
    expect(await environmentOf(id)).toMatchObject({ SECRET: ODD, PLAIN: ODD, WITHIN: `before ${ODD} after` });
    expect(await docker('exec', id, 'cat', '/etc/app.conf')).toBe(`secret=${ODD}`);
  });

  it('from .mesh/secrets.env, too', async () => {
    await using subject = temporaryMesh(MANIFEST);
    subject.write('ODD_SECRET=\'a$b $$c "d" #h\'\n', '.mesh/secrets.env');
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    const id = (await containerIds(subject.project)).app ?? '';
    expect((await environmentOf(id)).SECRET).toBe('a$b $$c "d" #h');
  });

  it('of secrets are in no output, event, plan or state', async () => {
    await using subject = temporaryMesh(MANIFEST.replace('sleep 300', 'echo "mine is $SECRET"; sleep 300'));
    const secret = 'hunter2-but-much-longer';
    const env = { ODD_SECRET: secret };
    const plan = await subject.run(['dev', 'plan', '--json'], { env });
    const up = await subject.run(['dev', 'up', '--json'], { env });
    const logs = await subject.run(['dev', 'logs'], { env });
    const files = await subject.run(['generate', '--stdout'], { env });
    expect(logs.stdout).toContain('mine is ••••');
    for (const { stdout, stderr } of [plan, up, logs, files]) expect(stdout + stderr).not.toContain(secret);
    expect(
      await docker('exec', (await containerIds(subject.project)).app ?? '', 'printenv', 'SECRET').catch(() => secret),
    ).toBe(secret);
  });
});
