import type { Styles } from './styles.ts';
import { renderTable } from './table.ts';

export interface VerifiedRow {
  readonly node: string;
  readonly ok: boolean;
  readonly findings: readonly {
    readonly what: string;
    readonly verdict: 'ok' | 'wrong' | 'not checked';
    readonly text: string;
  }[];
}

/** One line an image, and one more for each thing that is wrong with it or was not looked at. */
export function renderVerifyTable(
  rows: readonly VerifiedRow[],
  options: { readonly styles: Styles; readonly columns: number },
): string {
  const { styles, columns } = options;
  const lines = rows.flatMap(({ node, ok, findings }) => {
    const good = findings.filter(({ verdict }) => verdict === 'ok').map(({ text }) => text);
    const rest = findings.filter(({ verdict }) => verdict !== 'ok');
    const mark = ok ? styles.green('✔') : styles.red('✘');
    return [
      [`${mark} ${styles.bold(node)}`, good.join(' · ')],
      ...rest.map(({ verdict, text }) => [
        '',
        verdict === 'wrong' ? styles.red(`wrong: ${text}`) : styles.dim(`not checked: ${text}`),
      ]),
    ];
  });
  const count = rows.filter(({ ok }) => ok).length;
  return `${renderTable([{}, {}], lines, { columns })}\n${count} of ${rows.length} verified\n`;
}
