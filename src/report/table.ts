import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';

export interface Column {
  readonly align?: 'right';
}

const GAP = '   ';

/** Cells in columns, aligned by what they take on the screen. Lines are cut to the width, and never wrap. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly columns?: number } = {},
): string {
  const widths = columns.map((_, index) => Math.max(0, ...rows.map((row) => displayWidth(row[index] ?? ''))));
  const lines = rows.map((row) =>
    columns
      .map((column, index) => padToWidth(row[index] ?? '', widths[index] ?? 0, column.align))
      .join(GAP)
      .trimEnd(),
  );
  const { columns: width } = options;
  return (width === undefined ? lines : lines.map((line) => cutToWidth(line, width))).join('\n');
}
