import type { Styles } from './styles.ts';
import { renderTable } from './table.ts';

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

export function renderPortsTable(rows: readonly PortRow[], styles: Styles): string {
  const cells = rows.map((row) => [
    row.hostPort === undefined ? styles.dim('–') : styles.bold(String(row.hostPort)),
    `${row.node} ${row.endpoint} → ${row.containerPort}${row.protocol === 'udp' ? '/udp' : ''}`,
    row.note.startsWith('remapped') ? styles.yellow(row.note) : styles.dim(row.note),
    styles.dim(row.location),
  ]);
  return `${renderTable([{ align: 'right' }, {}, {}, {}], cells)}\n`;
}
