import { describe, expect, it } from 'vitest';
import { entryAt, mapScalars, placeOf, placesOf, toPlain, treeAt } from '../../../src/manifest/tree.ts';
import { treeOf } from './tree-of.ts';

const tree = treeOf('a:\n  b: [x, 1.0]\n  c: null\n"d.e": yes\n');
const range = (line: number, column: number, endLine: number, endColumn: number) => ({
  file: 'mesh.yaml',
  line,
  column,
  endLine,
  endColumn,
});

describe('a tree', () => {
  it('finds what stands at a path', () => {
    expect(treeAt(tree, ['a', 'b', 0])).toMatchObject({ value: 'x' });
    expect(treeAt(tree, ['a', 'c'])).toMatchObject({ value: null });
    expect(treeAt(tree, [])).toBe(tree);
    for (const path of [['z'], ['a', 'b', 2], ['a', 'b', 0, 'x'], ['a', 'toString'], ['__proto__']]) {
      expect(treeAt(tree, path)).toBeUndefined();
    }
  });

  it('knows the places of keys and values', () => {
    expect(entryAt(tree, ['a', 'b'])?.keyAt).toEqual(range(2, 3, 2, 4));
    expect(entryAt(tree, ['a', 'b', 1])?.keyAt).toEqual(range(2, 10, 2, 13));
    expect(placeOf(tree, ['a', 'b', 1])).toEqual(range(2, 10, 2, 13));
  });

  it('blames the nearest key above what is missing', () => {
    expect(placeOf(tree, ['a', 'z', 'y'])).toEqual(range(1, 1, 1, 2));
    expect(placeOf(tree, ['z'])).toEqual(tree.at);
  });

  it('lists the place of every value', () => {
    expect(Object.keys(placesOf(tree))).toEqual(['', 'a', 'a.b', 'a.b.0', 'a.b.1', 'a.c', 'd.e']);
  });

  it('becomes plain data, with numbers as written where that matters', () => {
    expect(toPlain(tree)).toEqual({ a: { b: ['x', 1], c: null }, 'd.e': 'yes' });
    expect(toPlain(tree, (path) => path[0] === 'a')).toEqual({ a: { b: ['x', '1.0'], c: null }, 'd.e': 'yes' });
  });

  it('keeps a key that objects have by nature a plain key', () => {
    const plain = toPlain(treeOf('__proto__: { polluted: true }\nconstructor: 1\n'));
    expect(Object.keys(plain as object)).toEqual(['__proto__', 'constructor']);
    expect({}).not.toHaveProperty('polluted');
  });

  it('gives each scalar its path when they are replaced', () => {
    const paths: string[] = [];
    const shouted = mapScalars(tree, (scalar, path) => {
      paths.push(path.join('/'));
      return { ...scalar, value: 'X' };
    });
    expect(paths).toEqual(['a/b/0', 'a/b/1', 'a/c', 'd.e']);
    expect(toPlain(shouted)).toEqual({ a: { b: ['X', 'X'], c: 'X' }, 'd.e': 'X' });
    expect(toPlain(tree)).toMatchObject({ a: { b: ['x', 1] } });
  });
});
