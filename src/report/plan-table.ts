import type { Styles } from './styles.ts';
import { renderTable } from './table.ts';

export interface PlanRow {
  readonly what: string;
  readonly node: string;
  readonly cause: string;
  readonly place: string;
}

/** What would change and why, one line each, and how much stays. */
export function renderPlanTable(
  rows: readonly PlanRow[],
  keep: readonly string[],
  styles: Styles,
  columns?: number,
): string {
  const kept =
    keep.length === 0
      ? ''
      : rows.length === 0
        ? `nothing to do: all ${keep.length} run as they should\n`
        : `keep ${keep.length} ${keep.length === 1 ? 'other' : 'others'}\n`;
  if (rows.length === 0) return kept === '' ? 'nothing to do\n' : kept;
  const cells = rows.map((row) => [`${row.what} ${styles.bold(row.node)}`, row.cause, styles.dim(row.place)]);
  return `${renderTable([{}, {}, {}], cells, { columns })}\n${kept}`;
}
