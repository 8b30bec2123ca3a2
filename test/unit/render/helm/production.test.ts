import { afterAll, describe, expect, it } from 'vitest';
import { chartOnDisk, inBatches, production } from '../../../support/helm-chart.ts';
import { merged, meshesOf, STRONG, TOSKAMESH } from './meshes.ts';

const chart = chartOnDisk(TOSKAMESH());
afterAll(() => chart[Symbol.dispose]());

const refusal = async (values: object, ...options: string[]) => {
  const { exitCode, stderr } = await chart.template(values, ...(options.length > 0 ? options : production(chart)));
  return exitCode === 0 ? '' : stderr;
};
const withJwt = (jwt: string) => merged(STRONG, { secrets: { jwt } });

describe('production', () => {
  it('names every secret that is missing at once', async () => {
    const message = await refusal({});
    for (const path of [
      'externalServices.postgres.password is empty',
      'externalServices.rabbitmq.password is empty',
      'secrets.jwt is empty',
      'secrets.meshServiceAuth is empty',
    ])
      expect(message).toContain(path);
    expect(await refusal(STRONG)).toBe('');
  });

  it('refuses what values.yaml has, when only the environment is said to be production', async () => {
    for (const environment of ['Production', 'production', 'prod', 'PROD']) {
      const message = await refusal({ environment }, '--dependency-update');
      expect(message).toContain('externalServices.postgres.password is a placeholder or a default');
      expect(message).toContain('externalServices.rabbitmq.password is a placeholder or a default');
      expect(message).toContain('secrets.jwt is a placeholder or a default');
    }
    expect(await refusal({ environment: 'Staging' }, '--dependency-update')).toBe('');
  });

  it('refuses placeholders, and takes what only looks a little like one', async () => {
    const filler = '-0123456789-0123456789-0123456789';
    const refused = [
      'changeme',
      'CHANGE_ME',
      `change-me${filler}`,
      'guest',
      'password',
      `<your jwt secret${filler}>`,
      `\${JWT_SECRET${filler}}`,
      'x'.repeat(40),
      `replace-me${filler}`,
      `your-secret-here${filler}`,
      '   ',
    ];
    const messages = await inBatches(refused, (jwt) => refusal(withJwt(jwt)));
    for (const [index, message] of messages.entries()) expect(message, refused[index]).toContain('secrets.jwt');
    const taken = [`guest-of-honour${filler}`, `exchange-mead${filler}`, `ä${filler}`];
    expect(await inBatches(taken, (jwt) => refusal(withJwt(jwt)))).toEqual(['', '', '']);
  });

  it('counts bytes, as programs do', async () => {
    expect(await refusal(withJwt('k'.repeat(31)))).toContain('secrets.jwt has 31 bytes, and needs at least 32');
    expect(await refusal(withJwt('ö'.repeat(16)))).toBe('');
    expect(await refusal(merged(STRONG, { externalServices: { postgres: { password: 'short' } } }))).toContain(
      'externalServices.postgres.password has 5 bytes, and needs at least 16',
    );
  });

  it('does not ask for secrets that come from elsewhere, or that nothing reads', async () => {
    const existing = Object.fromEntries(
      ['discovery', 'authService', 'configService', 'metricsService', 'tracingService', 'gateway'].map((key) => [
        key,
        { existingSecret: 'mine' },
      ]),
    );
    expect(await refusal(existing)).toBe('');
    expect(await refusal({ externalSecrets: { enabled: true, storeName: 'vault' } })).toBe('');
    const some = await refusal({ ...existing, gateway: { enabled: true }, discovery: { enabled: false } });
    expect(some).toContain('secrets.jwt');
    expect(some).not.toContain('rabbitmq');
    const inside = await refusal({ ...existing, infrastructure: { enabled: true } });
    expect(inside).toContain('externalServices.postgres.password');
    expect(inside).not.toContain('secrets.jwt');
  });

  it('is development with other rules when the manifest has no such environment', async () => {
    using own = chartOnDisk(
      meshesOf(`
name: shop
version: 2.1.0
services:
  web:
    build: { node: ., entry: a.js }
    endpoints: { http: 8080 }
    replicas: 2
    env: { ASPNETCORE_ENVIRONMENT: Development, TOKEN: '\${secrets.token}' }
secrets: { token: { minLength: 8 } }
`),
    );
    const objects = await own.objects({ secrets: { token: 'Qx7-mP2z' } }, ...production(own));
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    expect(deployment?.spec.replicas).toBe(2);
    expect(deployment?.spec.template.spec.containers[0].image).toBe('shop-web:2.1.0');
    expect(objects.find(({ kind }) => kind === 'ConfigMap')?.data?.ASPNETCORE_ENVIRONMENT).toBe('Production');
    const refused = await own.template({}, ...production(own));
    expect(refused.stderr).toContain('secrets.token is empty');
  });
});
