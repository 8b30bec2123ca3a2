import { cutTo, padEnd, padStart, widthOf } from './text-width.ts';

export interface Column {
  readonly align?: 'right';
}

const GAP = '   ';

/** Cells in columns, aligned by what they take on the screen. Lines are cut to the width, and never wrap. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly columns?: number | undefined } = {},
): string {
  const widths = columns.map((_, index) => columnWidth(rows, index));
  const lines = rows.map((row) =>
    columns
      .map((column, index) => (column.align === 'right' ? padStart : padEnd)(row[index] ?? '', widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  const { columns: width } = options;
  return (width === undefined ? lines : lines.map((line) => cutTo(line, width))).join('\n');
}

/** How wide one more column may be, behind these, on a line of so many columns. */
export function roomBeside(rows: readonly (readonly string[])[], columns: number): number {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) => columnWidth(rows, index) + GAP.length);
  return columns - widths.reduce((sum, width) => sum + width, 0);
}

function columnWidth(rows: readonly (readonly string[])[], index: number): number {
  return Math.max(0, ...rows.map((row) => widthOf(row[index] ?? '')));
}
