import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chartOnDisk, find, inBatches, parseObjects, writeChart } from '../../../support/helm-chart.ts';
import { createRandom, type Random } from '../../random.ts';
import { NASTY } from '../../report/env/nasty-values.ts';
import { parseConnectionString } from './connection-string.ts';
import { meshesOf } from './meshes.ts';

const chart = chartOnDisk(
  meshesOf(`
name: shop
infrastructure:
  db:
    image: postgres:15
    endpoints: { sql: { port: 5432, protocol: postgres } }
    values: { database: shop, username: shop }
    env: { POSTGRES_PASSWORD: '\${secrets.db-password}' }
services:
  api:
    build: { node: ., entry: a.js }
    needs: [db]
    files:
      /etc/api/secret.conf: |
        password = \${secrets.db-password}
        host = \${db.sql.address}
    env:
      PLAIN: \${secrets.db-password}
      MIXED: '100% {{ }} "x" \${secrets.db-password}!'
      CONNECTION: Host=\${db.sql.host};Port=\${db.sql.port};Database=\${db.values.database};Username=\${db.values.username};Password=\${secrets.db-password}
      QUOTED: Server=\${db.sql.host};Password="\${secrets.db-password}";Timeout=5
      URL: postgres://\${db.values.username}:\${secrets.db-password}@\${db.sql.address}/shop?a=b
secrets:
  db-password: {}
`),
);
afterAll(() => chart[Symbol.dispose]());

const PIECES = [
  'a',
  'Z',
  '0',
  ' ',
  ';',
  '=',
  "'",
  '"',
  '`',
  '\\',
  '$',
  '$(A)',
  '${A}',
  '{{',
  '}}',
  '{{ .Values }}',
  '%s',
  '%',
  '#',
  ':',
  '- ',
  '\n',
  '\t',
  '@',
  '/',
  '?',
  '&',
  '+',
  '€',
  '\u00a0',
  '\u2028',
  '\u0085',
  '\ufeff',
  '😀',
  '\u007f',
  '\u0001',
] as const;

const randomText = (random: Random) => Array.from({ length: random.upTo(14) }, () => random.pick(PIECES)).join('');

const random = createRandom(7);
const passwords = [
  ...Object.values(NASTY).filter((text) => text !== ''),
  ...Array.from({ length: 20 }, () => randomText(random)),
];

describe('any password', () => {
  it('survives in a plain setting, a connection string, a URL and a file', async () => {
    await inBatches(passwords, async (password) => {
      const user = randomText(random);
      const objects = await chart.objects({
        externalServices: { db: { password, username: user, database: password } },
      });
      expectAll(find(objects, 'Secret', 'api-secret').stringData ?? {}, { password, user });
      expect(find(objects, 'Secret', 'api-secret-files').stringData?.['secret.conf']).toBe(
        `password = ${password}\nhost = db:5432\n`,
      );
    });
  });

  it('survives the reader of YAML that Helm and Kubernetes have', async () => {
    await inBatches(passwords.slice(-12), async (password) => {
      const { stdout } = await chart.template(
        { externalServices: { db: { password } } },
        '--show-only',
        'templates/api/secret.yaml',
      );
      using reader = writeChart([
        { path: 'helm/reader/Chart.yaml', text: 'apiVersion: v2\nname: reader\nversion: 1.0.0\n' },
        {
          path: 'helm/reader/templates/read.yaml',
          text: 'read: {{ .Files.Get "rendered.yaml" | fromYaml | toJson | quote }}\n',
        },
        { path: 'helm/reader/rendered.yaml', text: stdout },
      ]);
      const [read] = parseObjects((await reader.template()).stdout) as unknown as { read: string }[];
      expect(JSON.parse(read?.read ?? '').stringData.PLAIN).toBe(password);
    });
  });

  it('survives the template that the External Secrets operator fills in', async () => {
    const [first = ''] = passwords;
    const user = `{{ "${first}`;
    const objects = await chart.objects({
      externalSecrets: { enabled: true, storeName: 'vault' },
      externalServices: { db: { username: user } },
    });
    const { data } = find(objects, 'ExternalSecret', 'api-secret').spec.target.template;
    // The operator reads templates of Go with the same functions, so Helm can stand in for it.
    const texts = Object.entries<string>(data);
    const defined = texts.map(([name, text]) => `{{- define "${name}" }}${text}{{ end }}`).join('');
    const filled = texts.map(([name]) => `${name}: {{ include "${name}" .Values | quote }}\n`).join('');
    using operator = writeChart([
      { path: 'helm/operator/Chart.yaml', text: 'apiVersion: v2\nname: operator\nversion: 1.0.0\n' },
      { path: 'helm/operator/templates/_texts.tpl', text: defined },
      { path: 'helm/operator/templates/filled.yaml', text: filled },
    ]);
    writeFileSync(path.join(operator.path, 'values.yaml'), '{}\n');
    await inBatches(passwords, async (password) => {
      const [settings] = await operator.objects({ dbPassword: password });
      expectAll({ ...(settings as object) }, { password, user }, 'shop');
    });
  });
});

function expectAll(
  settings: Readonly<Record<string, string>>,
  { password, user }: { readonly password: string; readonly user: string },
  database = password,
): void {
  expect(settings.PLAIN).toBe(password);
  expect(settings.MIXED).toBe(`100% {{ }} "x" ${password}!`);
  expect(parseConnectionString(settings.CONNECTION ?? '')).toEqual({
    host: 'db',
    port: '5432',
    database,
    username: user,
    password,
  });
  expect(parseConnectionString(settings.QUOTED ?? '')).toEqual({ server: 'db', password, timeout: '5' });
  const url = new URL(settings.URL ?? '');
  expect(decodeURIComponent(url.password)).toBe(password);
  expect(decodeURIComponent(url.username)).toBe(user);
  expect(url.host + url.pathname + url.search).toBe('db:5432/shop?a=b');
}
