import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import { type PlanRow, renderPlanTable } from '../../../src/report/plan-table.ts';
import { createStyles } from '../../../src/report/styles.ts';

const ROWS: readonly PlanRow[] = [
  {
    what: 'recreate',
    node: 'config-service',
    cause: 'env ConfigRefresh__Seconds changed 30 → 10',
    place: 'mesh.yaml:88:7',
  },
  { what: 'create', node: 'gateway', cause: 'it does not exist yet', place: '' },
];

function render(rows: readonly PlanRow[], keep: readonly string[], columns?: number, color = false): string {
  return renderPlanTable(rows, keep, createStyles({ color }), columns);
}

test('what changes and why, and how much stays', () => {
  expect(render(ROWS, ['postgres', 'consul'])).toMatchInlineSnapshot(`
    "recreate config-service   env ConfigRefresh__Seconds changed 30 → 10   mesh.yaml:88:7
    create gateway            it does not exist yet
    keep 2 others
    "
  `);
  expect(render(ROWS, ['postgres'], 60)).toMatchInlineSnapshot(`
    "recreate config-service   env ConfigRefresh__Seconds change…
    create gateway            it does not exist yet
    keep 1 other
    "
  `);
});

test('nothing to do', () => {
  expect(render([], ['postgres', 'consul'])).toMatchInlineSnapshot(`
    "nothing to do: all 2 run as they should
    "
  `);
  expect(render([], [])).toMatchInlineSnapshot(`
    "nothing to do
    "
  `);
});

test('colour only adds', () => {
  const coloured = render(ROWS, [], 80, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(ROWS, [], 80));
});
