import { describe, expect, it } from 'vitest';
import { mergeTrees } from '../../../src/manifest/merge-trees.ts';
import { entryAt, toPlain, treeAt } from '../../../src/manifest/tree.ts';
import { treeOf } from './tree-of.ts';

const merge = (base: string, over: string) => mergeTrees(treeOf(base, 'base.yaml'), treeOf(over, 'over.yaml'));

describe('mergeTrees', () => {
  it.each([
    ['maps key by key', '{ a: { x: 1, y: 1 } }', '{ a: { y: 2, z: 2 }, b: 3 }', { a: { x: 1, y: 2, z: 2 }, b: 3 }],
    ['lists as a whole', '{ needs: [a, b] }', '{ needs: [c] }', { needs: ['c'] }],
    [
      'a list over a map, and a map over a text',
      '{ a: { x: 1 }, b: t }',
      '{ a: [1], b: { y: 2 } }',
      { a: [1], b: { y: 2 } },
    ],
    ['an empty value, which removes', '{ a: 1, b: { c: 1, d: 1 } }', '{ a: null, b: { c: } }', { b: { d: 1 } }],
    [
      'an empty value that removes nothing, which stays to be refused',
      '{ a: 1 }',
      '{ redsi: null }',
      { a: 1, redsi: null },
    ],
    [
      'a build as one choice',
      '{ build: { dotnet: a, sdk: b } }',
      '{ build: { node: c, entry: d } }',
      { build: { node: 'c', entry: 'd' } },
    ],
    ['a check as one choice', '{ ready: { http: /a, status: 200 } }', '{ ready: { tcp: b } }', { ready: { tcp: 'b' } }],
    [
      'a file as one choice, the files by their path',
      '{ files: { /a: { source: x }, /b: y, /c: z } }',
      '{ files: { /a: { content: w }, /b: null, /d: v } }',
      { files: { '/a': { content: 'w' }, '/c': 'z', '/d': 'v' } },
    ],
  ])('merges %s', (_, base, over, merged) => {
    expect(toPlain(merge(base, over))).toEqual(merged);
  });

  it('keeps the place of whoever wrote a part', () => {
    const merged = merge('a: { x: 1, y: 1 }', '\na: { y: 2 }');
    expect(treeAt(merged, ['a', 'x'])?.at).toMatchObject({ file: 'base.yaml', line: 1, column: 9 });
    expect(treeAt(merged, ['a', 'y'])?.at).toMatchObject({ file: 'over.yaml', line: 2, column: 9 });
    expect(entryAt(merged, ['a'])?.keyAt.file).toBe('over.yaml');
  });

  it('keeps the order of the base and puts what is new behind it', () => {
    expect(Object.keys(toPlain(merge('{ b: 1, a: 1 }', '{ c: 2, a: 2 }')) as object)).toEqual(['b', 'a', 'c']);
  });

  it('changes neither of the two', () => {
    const [base, over] = [treeOf('{ a: { x: 1 } }'), treeOf('{ a: null }')];
    mergeTrees(base, over);
    expect([toPlain(base), toPlain(over)]).toEqual([{ a: { x: 1 } }, { a: null }]);
  });
});
