import type { EnvVariable } from '../../../../src/report/env/hosted-service.ts';
import type { Random } from '../../random.ts';

/** Values that quoting goes wrong with; all can be in an environment. */
export const NASTY: Readonly<Record<string, string>> = {
  empty: '',
  plain: 'http://127.0.0.1:5000/health',
  'a connection string': 'Host=127.0.0.1;Port=5432;Password=p@ss word',
  'spaces at both ends': '  padded\t',
  'a hash': 'before # after',
  'single quotes': "it's 'here'",
  'double quotes': 'say "no"',
  backticks: '`id`',
  'single and double quotes': `it's "here"`,
  'every kind of quotes': `a'b"c\`d`,
  'a variable': '$HOME ${HOME} $(id) $$',
  'an exclamation mark': 'wow!! !1',
  backslashes: 'C:\\new\\run',
  'a backslash at the end': 'C:\\Program Files\\',
  'a line end': 'first\nsecond',
  'line ends around it': '\n\nmiddle\n',
  'a line end and a written one': 'first\nsecond\\nthird',
  'a line end and double quotes': '{\n  "a": "b"\n}',
  'a key': '-----BEGIN KEY-----\nMIIE+/=\n-----END KEY-----\n',
  'a line that looks like another variable': 'x\nPATH=/nowhere\n# no',
  'letters of all kinds': 'ä €  😀 \u2028 \u00a0',
  'control characters': '\u001b[31mred\u0007\v',
  'options and operators': '-n & ; | < > * ? ~ { } ( ) [ ]',
};

const PIECES = [
  'a',
  '0',
  'n',
  ' ',
  '\t',
  '\n',
  "'",
  '"',
  '`',
  '\\',
  '$',
  '${A}',
  '=',
  '#',
  '!',
  ':',
  'export ',
  'é',
  '\u00a0',
  '\u2028',
] as const;

/** Up to eight variables under ordinary names, with values made of what quoting goes wrong with. */
export function randomEnv(random: Random): EnvVariable[] {
  return Array.from({ length: random.upTo(8) }, (_, index) => ({
    name: `V${index}`,
    value: Array.from({ length: random.upTo(12) - 1 }, () => random.pick(PIECES)).join(''),
  }));
}
