import type { Random } from './random.ts';

type Mutation = (text: string, random: Random) => string;

/** Values that have broken a parser, a schema or a renderer somewhere. */
const NASTY = [
  'null',
  '~',
  '',
  '""',
  'true',
  'no',
  '0',
  '-1',
  '1.0',
  '0x1F',
  '1e400',
  '.nan',
  '.inf',
  '99999',
  '[]',
  '{}',
  '[[]]',
  '{a: {b: c}}',
  '[null, 1]',
  '${',
  '${}',
  '${self.http.url}',
  '${a.b.c}',
  '${secrets.x}',
  '${env.X}',
  '$$',
  '|',
  '>-',
  '*a',
  '&a x',
  '!!binary aGk=',
  '!x y',
  '<<',
  '? a',
  '- - -',
  '@',
  '`',
  '%',
  '"\\u0000"',
  '"\\uD800"',
  '日本',
  '🎉',
  '__proto__',
  'constructor',
  'toString',
  '/',
  '../../..',
  '2024-01-01',
  '"a\\nb"',
  "'",
  '"',
  '{',
  '[',
  ':',
  '#',
  '---',
] as const;
const KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'services',
  'env',
  'health',
  'endpoints',
  'needs',
  'files',
  'extends',
  'environments',
  '<<',
  '1',
  'null',
  '"a b"',
  '"a.b"',
  '""',
  'x-a',
  '日本',
  'self',
  'port',
  'host',
  'job',
  'replicas',
] as const;
const BYTES = [
  '\u0000',
  '\u001b[31m',
  '\t',
  '\r',
  '\r\n',
  '\n',
  '\ufeff',
  '\u2028',
  '\ud800',
  ' ',
  '\u0085',
  '{',
  ']',
  '"',
  '&',
  '*',
] as const;

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  // bytes
  (text, random) => splice(text, random.below(text.length + 1), random.below(4), random.pick(BYTES)),
  (text, random) => splice(text, random.below(text.length + 1), random.below(30), ''),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  // lines
  (text, random) => onLines(text, (lines) => lines.splice(random.below(lines.length), 1)),
  (text, random) =>
    onLines(text, (lines) => lines.splice(random.below(lines.length), 0, lines[random.below(lines.length)] ?? '')),
  (text, random) => onLines(text, (lines) => lines.reverse().splice(random.below(lines.length), lines.length)),
  // nesting
  (text, random) => onLine(text, random, (line) => `${' '.repeat(random.below(5))}${line}`),
  (text, random) => onLine(text, random, (line) => line.slice(random.below(5))),
  (text, random) => onLine(text, random, (line) => `${line} ${'{ a: '.repeat(1 + random.below(80))}`),
  // keys and values
  (text, random) => onLine(text, random, (line) => line.replace(/[\w.-]+(?=:)/, random.pick(KEYS))),
  (text, random) => onLine(text, random, (line) => line.replace(/:.*/, `: ${random.pick(NASTY)}`)),
  (text, random) => onLine(text, random, (line) => line.replace(/:.*/, ':')),
  (text, random) => replaceWord(text, random, random.pick(NASTY)),
  (text, random) => replaceWord(text, random, random.pick(KEYS)),
  // swaps
  (text, random) => onLines(text, (lines) => swap(lines, random.below(lines.length), random.below(lines.length))),
  (text, random) => replaceWord(text, random, /[\w-]+/.exec(text.slice(random.below(text.length)))?.[0] ?? ''),
  (text) => text.replaceAll('\n', '\r\n'),
];

/** One to three changes, anywhere in the text. */
export function mutate(text: string, random: Random): string {
  let mutant = text;
  for (let left = 1 + random.below(3); left > 0; left--) mutant = random.pick(MUTATIONS)(mutant, random);
  return mutant;
}

function splice(text: string, at: number, count: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + count);
}

function onLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}

function onLine(text: string, random: Random, change: (line: string) => string): string {
  return onLines(text, (lines) => {
    const at = random.below(lines.length);
    lines[at] = change(lines[at] ?? '');
  });
}

function replaceWord(text: string, random: Random, put: string): string {
  const words = [...text.matchAll(/[\w-]+/g)];
  const word = words[random.below(words.length)];
  return word === undefined ? put : splice(text, word.index, word[0].length, put);
}

function swap(lines: string[], a: number, b: number): void {
  [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
}
