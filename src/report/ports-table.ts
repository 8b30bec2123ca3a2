import type { Styles } from './styles.ts';
import { type Column, renderTable } from './table.ts';
import { widthOf } from './text-width.ts';

/** One endpoint on this machine, and why its port is that one. Also the shape of `mesh dev ports --json`. */
export interface PortRow {
  readonly hostPort?: number;
  readonly node: string;
  readonly endpoint: string;
  readonly containerPort: number;
  readonly protocol: string;
  readonly note: string;
  /** `mesh.yaml:40:9` */
  readonly location: string;
}

const LAYOUT: readonly Column[] = [{ align: 'right' }, {}, {}, {}];
const LAST = LAYOUT.length - 1;

/** Where the lines are too long for the terminal, they do without the place: why a port is that one says more. */
export function renderPortsTable(rows: readonly PortRow[], styles: Styles, columns?: number): string {
  const cells = rows.map((row) => [
    row.hostPort === undefined ? styles.dim('–') : styles.bold(String(row.hostPort)),
    `${row.node} ${row.endpoint} → ${row.containerPort}${row.protocol === 'udp' ? '/udp' : ''}`,
    row.note.startsWith('remapped') ? styles.yellow(row.note) : styles.dim(row.note),
    styles.dim(row.location),
  ]);
  const whole = renderTable(LAYOUT, cells);
  if (columns === undefined || whole.split('\n').every((line) => widthOf(line) <= columns)) return `${whole}\n`;
  const rest = cells.map((row) => row.slice(0, LAST));
  return `${renderTable(LAYOUT.slice(0, LAST), rest, { columns })}\n`;
}
