import { afterAll, describe, expect, it } from 'vitest';
import { chartOnDisk, find, inBatches, parseObjects, writeChart } from '../../../support/helm-chart.ts';
import { createRandom, type Random } from '../../random.ts';
import { NASTY } from '../../report/env/nasty-values.ts';
import { parseConnectionString } from './connection-string.ts';
import { meshesOf } from './meshes.ts';

/** So many passwords are tried in one release: Helm takes a tenth of a second whatever it renders. */
const SERVERS = 8;
const indexes = Array.from({ length: SERVERS }, (_, index) => index);

const server = (n: number) => `
  db${n}:
    image: postgres:15
    endpoints: { sql: { port: 5432, protocol: postgres, host: none } }
    values: { database: shop, username: shop }
    env: { POSTGRES_PASSWORD: '\${secrets.password${n}}' }`;
const service = (n: number) => `
  api${n}:
    build: { node: ., entry: a.js }
    files:
      /etc/api/secret.conf: |
        password = \${secrets.password${n}}
        host = \${db${n}.sql.address}
    env:
      PLAIN: \${secrets.password${n}}
      MIXED: '100% {{ }} "x" \${secrets.password${n}}!'
      CONNECTION: Host=\${db${n}.sql.host};Port=\${db${n}.sql.port};Database=\${db${n}.values.database};Username=\${db${n}.values.username};Password=\${secrets.password${n}}
      QUOTED: Server=\${db${n}.sql.host};Password="\${secrets.password${n}}";Timeout=5
      URL: postgres://\${db${n}.values.username}:\${secrets.password${n}}@\${db${n}.sql.address}/shop?a=b`;

const chart = chartOnDisk(
  meshesOf(`name: shop
infrastructure:${indexes.map(server).join('')}
services:${indexes.map(service).join('')}
secrets: { ${indexes.map((n) => `password${n}: {}`).join(', ')} }
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
  ...Array.from({ length: 41 }, () => randomText(random)),
];
const batches = Array.from({ length: Math.ceil(passwords.length / SERVERS) }, (_, batch) =>
  indexes.map((n) => ({ n, password: passwords[batch * SERVERS + n] ?? 'x', user: randomText(random) })),
);
type Batch = (typeof batches)[number];

const valuesOf = (batch: Batch) => ({
  externalServices: Object.fromEntries(
    batch.map(({ n, password, user }) => [`db${n}`, { password, username: user, database: password }]),
  ),
});

describe('any password', () => {
  it('survives in a plain setting, a connection string, a URL and a file', async () => {
    await inBatches(batches, async (batch) => {
      const objects = await chart.objects(valuesOf(batch));
      for (const login of batch) {
        expectAll(find(objects, 'Secret', `api${login.n}-secret`).stringData ?? {}, login);
        expect(find(objects, 'Secret', `api${login.n}-secret-files`).stringData?.['secret.conf']).toBe(
          `password = ${login.password}\nhost = db${login.n}:5432\n`,
        );
      }
    });
  });

  it('survives the reader of YAML that Helm and Kubernetes have', async () => {
    await inBatches(batches, async (batch) => {
      const { stdout } = await chart.template(valuesOf(batch));
      const secrets = stdout
        .split(/^---$/m)
        .filter((text) => /^kind: Secret$/m.test(text) && /^ {2}PLAIN:/m.test(text));
      using reader = writeChart([
        { path: 'helm/reader/Chart.yaml', text: 'apiVersion: v2\nname: reader\nversion: 1.0.0\n' },
        {
          path: 'helm/reader/templates/read.yaml',
          text: '{{- range $path, $bytes := .Files.Glob "rendered/*.yaml" }}\n---\nread: {{ $bytes | toString | fromYaml | toJson | quote }}\n{{- end }}\n',
        },
        ...secrets.map((text, index) => ({ path: `helm/reader/rendered/${index}.yaml`, text })),
      ]);
      const read = parseObjects((await reader.template()).stdout) as unknown as { read: string }[];
      const plain = read.map((one) => JSON.parse(one.read).stringData.PLAIN);
      expect(plain.sort()).toEqual(batch.map(({ password }) => password).sort());
    });
  });

  it('survives the template that the External Secrets operator fills in', async () => {
    const [batch = []] = batches;
    const objects = await chart.objects({
      ...valuesOf(batch.map((login) => ({ ...login, password: 'shop', user: `{{ "${login.user}` }))),
      externalSecrets: { enabled: true, storeName: 'vault' },
    });
    // The operator reads templates of Go with the same functions, so Helm can stand in for it.
    const texts = indexes.flatMap((n) =>
      Object.entries<string>(find(objects, 'ExternalSecret', `api${n}-secret`).spec.target.template.data).map(
        ([name, text]) => [`${n}.${name}`, text] as const,
      ),
    );
    using operator = writeChart([
      { path: 'helm/operator/Chart.yaml', text: 'apiVersion: v2\nname: operator\nversion: 1.0.0\n' },
      { path: 'helm/operator/values.yaml', text: '{}\n' },
      {
        path: 'helm/operator/templates/_texts.tpl',
        text: texts.map(([name, text]) => `{{- define "${name}" }}${text}{{ end }}`).join(''),
      },
      {
        path: 'helm/operator/templates/filled.yaml',
        text: texts.map(([name]) => `"${name}": {{ include "${name}" .Values | quote }}\n`).join(''),
      },
    ]);
    await inBatches(batches, async (logins) => {
      const passwordsByKey = Object.fromEntries(logins.map(({ n, password }) => [`password${n}`, password]));
      const [filled] = (await operator.objects(passwordsByKey)) as unknown as Record<string, string>[];
      for (const { n, password } of logins) {
        const own = Object.entries(filled ?? {}).filter(([name]) => name.startsWith(`${n}.`));
        const settings = Object.fromEntries(own.map(([name, text]) => [name.slice(2), text]));
        expectAll(settings, { n, password, user: `{{ "${batch[n]?.user}` }, 'shop');
      }
    });
  });
});

function expectAll(
  settings: Readonly<Record<string, string>>,
  { n, password, user }: Batch[number],
  database = password,
): void {
  expect(settings.PLAIN).toBe(password);
  expect(settings.MIXED).toBe(`100% {{ }} "x" ${password}!`);
  expect(parseConnectionString(settings.CONNECTION ?? '')).toEqual({
    host: `db${n}`,
    port: '5432',
    database,
    username: user,
    password,
  });
  expect(parseConnectionString(settings.QUOTED ?? '')).toEqual({ server: `db${n}`, password, timeout: '5' });
  const url = new URL(settings.URL ?? '');
  expect(decodeURIComponent(url.password)).toBe(password);
  expect(decodeURIComponent(url.username)).toBe(user);
  expect(url.host + url.pathname + url.search).toBe(`db${n}:5432/shop?a=b`);
}
