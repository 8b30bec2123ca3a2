import type { Styles } from './styles.ts';
import { renderTable } from './table.ts';

/** `mesh build --dry-run --json`, one service. Stable: additions only. */
export interface BuildRow {
  readonly node: string;
  /** Whether it would be built. */
  readonly build: boolean;
  readonly because: string;
  /** Why it is among those that a change affects; missing without `--affected`. */
  readonly affectedBecause?: string | undefined;
  readonly images: readonly string[];
  /** Stands for all that the image is made from. */
  readonly inputs?: string | undefined;
}

/** What would be built and why, one line each. */
export function renderBuildTable(
  rows: readonly BuildRow[],
  options: { readonly since: string | undefined; readonly styles: Styles; readonly columns: number },
): string {
  const { since, styles, columns } = options;
  if (rows.length === 0)
    return since === undefined ? 'nothing is built here\n' : `nothing that is built changed since ${since}\n`;
  const cells = rows.map(({ node, build, because, affectedBecause }) => [
    build ? `build ${styles.bold(node)}` : `keep ${node}`,
    affectedBecause ?? because,
    styles.dim(affectedBecause === undefined ? '' : because),
  ]);
  const count = rows.filter(({ build }) => build).length;
  const last =
    count === 0 ? `nothing to build: all ${rows.length} are up to date` : `${count} of ${rows.length} to build`;
  return `${renderTable([{}, {}, {}], cells, { columns })}\n${last}\n`;
}
