import { expect, test } from 'vitest';
import { createStyles } from '../../../src/report/styles.ts';
import { cutTo, firstThatFits, padEnd, padStart, widthOf } from '../../../src/report/text-width.ts';

const { red } = createStyles({ color: true });

test.each([
  ['plain', 5],
  ['界界', 4],
  ['cafe\u0301', 4],
  ['👩‍👩‍👧', 2],
  [red('red'), 3],
  ['', 0],
])('%j takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('cut: never wider, … where something is missing, colours closed', () => {
  expect(cutTo('gateway', 7)).toBe('gateway');
  expect(cutTo('gateway', 6)).toBe('gatew…');
  expect(cutTo('gateway', 1)).toBe('…');
  expect(cutTo('gateway', 0)).toBe('');
  expect(cutTo('gateway', -3)).toBe('');
  expect(cutTo(red('gateway'), 6)).toBe(red('gatew…'));
});

test('a wide character is not cut in two, and does not stick out', () => {
  for (const lead of ['', 'a'])
    for (const width of [2, 3, 10, 11, 79, 80])
      expect(widthOf(cutTo(lead + '界'.repeat(90), width))).toBeLessThanOrEqual(width);
});

test('padded by what is seen', () => {
  expect([padEnd(red('ab'), 4), padStart('界', 4), padEnd('long', 2)]).toEqual([`${red('ab')}  `, '  界', 'long']);
});

test('the first form that fits, else the last', () => {
  expect(['aaaa', 'aa', 'a'].map((_, width) => firstThatFits(['aaaa', 'aa'], width * 2))).toEqual(['aa', 'aa', 'aaaa']);
  expect(firstThatFits([], 10)).toBe('');
});
