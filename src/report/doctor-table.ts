import type { Styles } from './styles.ts';

/** One thing that was looked at. Also the shape of `mesh dev doctor --json`. */
export interface DoctorRow {
  /** `warn`: `up` works without it, and something else does not. */
  readonly ok: boolean | 'warn';
  readonly title: string;
  readonly detail: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
}

export function renderDoctorTable(rows: readonly DoctorRow[], styles: Styles): string {
  return rows.map((row) => `${renderRow(row, styles)}\n`).join('');
}

function renderRow(row: DoctorRow, styles: Styles): string {
  const detail = row.detail === '' ? '' : ` ${row.ok === true ? styles.dim(row.detail) : row.detail}`;
  const fix = row.fix === '' ? '' : `\n    → ${row.fix}`;
  return `${markOf(row, styles)} ${row.title}${detail}${fix}`;
}

function markOf({ ok }: DoctorRow, styles: Styles): string {
  if (ok === true) return styles.green('✔');
  return ok === 'warn' ? styles.yellow('!') : styles.red('✘');
}
