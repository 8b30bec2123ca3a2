import { cutTo, padEnd, padStart, widthOf } from './text-width.ts';

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
  const widths = columns.map((_, index) => Math.max(0, ...rows.map((row) => widthOf(row[index] ?? ''))));
  return rows
    .map((row) => {
      const cells = columns.map((column, index) => {
        const cell = row[index] ?? '';
        const width = widths[index] ?? 0;
        if (column.align === 'right') return padStart(cell, width);
        return index === columns.length - 1 ? cell : padEnd(cell, width);
      });
      const line = cells.join(GAP).trimEnd();
      return options.columns === undefined ? line : cutTo(line, options.columns);
    })
    .join('\n');
}
