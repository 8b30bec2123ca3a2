import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { createStyles } from '../../../src/report/styles.ts';
import { renderTable, roomBeside } from '../../../src/report/table.ts';

const ROWS = [
  ['NAME', 'PORT', 'NOTE'],
  ['gateway', '80', ''],
  ['界界', '5432', 'wide'],
  ['', '', 'only a note'],
];

test('aligned by what is seen, without trailing spaces', () => {
  expect(renderTable([{}, { align: 'right' }, {}], ROWS)).toMatchInlineSnapshot(`
    "NAME      PORT   NOTE
    gateway     80
    界界      5432   wide
                     only a note"
  `);
});

test('cut to the width', () => {
  expect(renderTable([{}, { align: 'right' }, {}], ROWS, { columns: 20 })).toMatchInlineSnapshot(`
    "NAME      PORT   NO…
    gateway     80
    界界      5432   wi…
                     on…"
  `);
});

test('colour changes no column', () => {
  const { red } = createStyles({ color: true });
  const coloured = ROWS.map((row) => row.map((cell) => red(cell)));
  expect(stripAnsi(renderTable([{}, { align: 'right' }, {}], coloured))).toBe(
    renderTable([{}, { align: 'right' }, {}], ROWS),
  );
});

test('of nothing is nothing', () => {
  expect(renderTable([{}], [])).toBe('');
});

test('marks that combine and pictures of several characters', () => {
  const rows = [
    ['cafe\u0301', '1', '|'],
    ['café', '20', '|'],
    ['👩‍👩‍👧', '300', '|'],
    ['plain', '4000', '|'],
  ];
  expect(renderTable([{}, { align: 'right' }, {}], rows)).toBe(
    ['cafe\u0301       1   |', 'café      20   |', '👩‍👩‍👧       300   |', 'plain   4000   |'].join('\n'),
  );
});

test('the room beside a table, with the gap in front of it', () => {
  expect(roomBeside(ROWS, 40)).toBe(40 - ('gateway'.length + 3) - (4 + 3) - ('only a note'.length + 3));
  expect(roomBeside([], 40)).toBe(40);
});
