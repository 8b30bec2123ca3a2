import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import type { EnvVariable } from '../../../../src/report/env/hosted-service.ts';
import { printShellEnv } from '../../../../src/report/env/print-shell-env.ts';
import { createRandom } from '../../random.ts';
import { NASTY, randomEnv } from './nasty-values.ts';

test('a line for each variable, comments last', () => {
  const env = [
    { name: 'Logging.Level', value: "it's on" },
    { name: 'URL', value: 'http://127.0.0.1:5000' },
    { name: 'Jwt__Secret', value: "it's" },
    { name: 'A-B', value: 'one\ntwo\t\\ \u001b7' },
    { name: 'UID', value: '7' },
  ];
  expect(printShellEnv({ env })).toBe(
    [
      "export URL='http://127.0.0.1:5000'",
      "export Jwt__Secret='it'\\''s'",
      "# Logging.Level cannot be set by a shell: use env 'Logging.Level=it'\\''s on' command",
      "# A-B cannot be set by a shell: use env $'A-B=one\\ntwo\\t\\\\ \\0337' command",
      "# UID cannot be set by a shell: use env 'UID=7' command",
      '',
    ].join('\n'),
  );
  expect(printShellEnv({ env: [] })).toBe('');
});

describe.skipIf(process.platform === 'win32')('what a shell makes of it', () => {
  it.each(Object.entries(NASTY))('keeps %s', (_, value) => {
    const env = [
      { name: 'BEFORE', value: 'before' },
      { name: 'VALUE', value },
      { name: 'AFTER', value: 'after' },
    ];
    expect(evaluated('sh', env)).toEqual(env);
  });

  it.each(Array.from({ length: 15 }, (_, seed) => [seed]))('keeps random values (seed %i)', (seed) => {
    const env = randomEnv(createRandom(seed));
    expect(evaluated('sh', env)).toEqual(env);
  });

  it('runs nothing of what it cannot set', () => {
    const env = Object.values(NASTY).map((value, index) => ({ name: `not.a-name${index}`, value }));
    const odd = { name: 'x\necho from the name', value: '\necho from the value' };
    const text = printShellEnv({ env: [...env, odd] });
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['']);
    expect(execFileSync('sh', ['-ec', 'eval "$1"', 'sh', text], { encoding: 'utf8' })).toBe('');
  });

  it('sets all that can be set even without the double quotes around it', () => {
    const env = [
      { name: 'not.a-name', value: '1' },
      { name: 'ONE', value: '1' },
      { name: 'TWO', value: '2' },
    ];
    const script = 'eval $1; echo "$ONE $TWO"';
    expect(execFileSync('sh', ['-c', script, 'sh', printShellEnv({ env })], { encoding: 'utf8' })).toBe('1 2\n');
  });

  it('offers for the others a command that sets them', ({ skip }) => {
    if (!hasBash()) skip('no bash here');
    for (const value of Object.values(NASTY)) {
      const text = printShellEnv({ env: [{ name: 'Logging.Level', value }] });
      const advice = text.slice(text.indexOf('env '), text.lastIndexOf(' command'));
      const printed = execFileSync('bash', [
        '-c',
        `${advice} "$0" -p 'process.env["Logging.Level"]'`,
        process.execPath,
      ]);
      expect(printed.toString()).toBe(`${value}\n`);
    }
  });
});

/** The variables as a program sees them that is started after the `eval`. */
function evaluated(shell: string, env: readonly EnvVariable[]): EnvVariable[] {
  const names = env.map(({ name }) => name);
  const script = 'text=$1; shift; eval "$text"; exec "$@"';
  const program = `process.stdout.write(JSON.stringify(process.argv.slice(1).map((name) => ({ name, value: process.env[name] }))))`;
  const node = [process.execPath, '-e', program, '--', ...names];
  return JSON.parse(execFileSync(shell, ['-ec', script, shell, printShellEnv({ env }), ...node], { encoding: 'utf8' }));
}

function hasBash(): boolean {
  try {
    execFileSync('bash', ['-c', ':']);
    return true;
  } catch {
    return false;
  }
}
