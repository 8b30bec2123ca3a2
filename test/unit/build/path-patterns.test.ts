import { expect, test } from 'vitest';
import { createPathMatcher, parseDockerignore } from '../../../src/build/path-patterns.ts';

test.each([
  ['package*.json', ['package.json', 'package-lock.json'], ['a/package.json']],
  ['src', ['src', 'src/a/b.ts'], ['srcs', 'a/src']],
  ['a?c', ['abc'], ['ac', 'a/c']],
  ['[ab].txt', ['a.txt', 'b.txt/deep'], ['c.txt']],
  ['**/x', ['x', 'a/b/x'], ['ax']],
  ['.', ['anything/at/all'], []],
])('COPY %s', (pattern, yes, no) => {
  const matches = createPathMatcher([pattern]);
  expect(yes.filter((path) => !matches(path))).toEqual([]);
  expect(no.filter(matches)).toEqual([]);
});

test('.dockerignore: the last rule that matches a path or its folder decides', () => {
  const { ignores, hasExceptions } = parseDockerignore(
    '# comment\n*.md\n!README.md\n**/node_modules\n/dist/\nlogs/**\n!logs/keep\n  spaced  \n',
  );
  const paths = ['a.md', 'README.md', 'docs/a.md', 'a/node_modules/b', 'node_modules', 'dist/x', 'a/dist', 'logs/a'];
  expect(hasExceptions).toBe(true);
  expect([...paths, 'logs/keep/a', 'spaced'].filter(ignores)).toEqual([
    'a.md',
    'a/node_modules/b',
    'node_modules',
    'dist/x',
    'logs/a',
    'spaced',
  ]);
});

test('an empty one ignores nothing', () => {
  expect(parseDockerignore('').ignores('a')).toBe(false);
});
