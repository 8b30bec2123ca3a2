import { execFileSync } from 'node:child_process';
import { parseEnv } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { printDotenv } from '../../../../src/report/env/print-dotenv.ts';
import { createRandom } from '../../random.ts';
import { createTemporaryFolder } from '../../temporary-folder.ts';
import { NASTY, randomEnv } from './nasty-values.ts';

test('each value with the quotes that it does not contain', () => {
  const env = [
    { name: 'URL', value: 'http://127.0.0.1:5000/health' },
    { name: 'EMPTY', value: '' },
    { name: 'Jwt__Secret', value: '$no `variable`' },
    { name: 'SINGLE', value: "it's" },
    { name: 'BOTH', value: `it's "here"` },
    { name: 'ALL', value: `a'b"c\`d` },
    { name: 'LAST', value: 'C:\\Program Files\\' },
    { name: 'KEY', value: '-----BEGIN KEY-----\nMIIE+/=\n-----END KEY-----\n' },
    { name: 'JSON', value: '{\n  "a": "b"\n}' },
    { name: 'WRITTEN', value: 'first\nsecond\\nthird' },
  ];
  expect(printDotenv({ env }).text).toMatchInlineSnapshot(`
    "URL=http://127.0.0.1:5000/health
    EMPTY=''
    Jwt__Secret='$no \`variable\`'
    SINGLE="it's"
    BOTH=\`it's "here"\`
    ALL=a'b"c\`d
    LAST=C:\\Program Files\\
    KEY="-----BEGIN KEY-----\\nMIIE+/=\\n-----END KEY-----\\n"
    JSON='{
      "a": "b"
    }'
    WRITTEN='first
    second\\nthird'
    "
  `);
});

test('what the format cannot say is left out, with the reason and without the value', () => {
  const env = [
    { name: 'ALL', value: `a'b"c\`d # e` },
    { name: 'LAST', value: 'secret #1\\' },
    { name: 'LINES', value: `it's\n"\`` },
    { name: 'CR', value: 'a\r\nb' },
    { name: 'a name\nX=1', value: '1' },
    { name: 'REST', value: '1' },
  ];
  const { text, problems } = printDotenv({ env });
  expect(problems).toEqual([
    'ALL is left out: its quotes, line ends and backslashes do not go together in a dotenv file',
    'LAST is left out: its quotes, line ends and backslashes do not go together in a dotenv file',
    'LINES is left out: its quotes, line ends and backslashes do not go together in a dotenv file',
    'CR is left out: a dotenv file cannot hold its carriage return',
    'a name\\nX=1 is left out: a dotenv file cannot hold such a name',
  ]);
  expect(text).toBe(`${problems.map((problem) => `# ${problem}\n`).join('')}REST=1\n`);
  expect(read(text)).toEqual({ REST: '1' });
});

describe('what node --env-file makes of it', () => {
  it('is every value of the table', () => {
    const env = Object.values(NASTY).map((value, index) => ({ name: `${NAMES[index % NAMES.length]}${index}`, value }));
    const { text, problems } = printDotenv({ env });
    expect(problems).toEqual([]);
    using folder = createTemporaryFolder();
    const file = folder.write('.env', text);
    const program = 'process.stdout.write(JSON.stringify(process.env))';
    const printed = execFileSync(process.execPath, [`--env-file=${file}`, '-e', program], {
      encoding: 'utf8',
      env: {},
    });
    expect(JSON.parse(printed)).toMatchObject(Object.fromEntries(env.map(({ name, value }) => [name, value])));
  });

  it.each(Array.from({ length: 200 }, (_, seed) => [seed]))(
    'is every random value but the problems (seed %i)',
    (seed) => {
      const env = randomEnv(createRandom(seed));
      const { text, problems } = printDotenv({ env });
      const left = env.filter(({ name }) => !problems.some((problem) => problem.startsWith(`${name} `)));
      expect(read(text)).toEqual(Object.fromEntries(left.map(({ name, value }) => [name, value])));
    },
  );
});

const NAMES = ['PLAIN_', 'Jwt__Secret', 'Logging.Level', 'with-dash'];

/** By the reader that is behind `node --env-file`. */
function read(text: string): Record<string, string | undefined> {
  return { ...parseEnv(text) };
}
