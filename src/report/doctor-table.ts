import { oneLine } from './one-line.ts';
import type { Styles } from './styles.ts';
import { widthOf } from './text-width.ts';

/** One thing that was looked at. Also the shape of `mesh dev doctor --json`. */
export interface DoctorRow {
  /** `warn`: `up` works without it, and something else does not. */
  readonly ok: boolean | 'warn';
  readonly title: string;
  readonly detail: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
}

const USUAL_COLUMNS = 80;

/** One line a check. What to do stands behind it, or under it where the line would get too long. */
export function renderDoctorTable(rows: readonly DoctorRow[], styles: Styles, columns = USUAL_COLUMNS): string {
  return rows.map((row) => `${renderRow(row, styles, columns)}\n`).join('');
}

function renderRow(row: DoctorRow, styles: Styles, columns: number): string {
  const words = oneLine(row.detail);
  const detail = words === '' ? '' : ` ${row.ok === true ? styles.dim(words) : words}`;
  const found = `${markOf(row, styles)} ${row.title}${detail}`;
  if (row.fix === '') return found;
  const inOneLine = `${found}   → ${row.fix}`;
  return widthOf(inOneLine) <= columns ? inOneLine : `${found}\n    → ${row.fix}`;
}

function markOf({ ok }: DoctorRow, styles: Styles): string {
  if (ok === true) return styles.green('✔');
  return ok === 'warn' ? styles.yellow('!') : styles.red('✘');
}
