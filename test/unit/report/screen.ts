import { widthOf } from '../../../src/report/text-width.ts';

const ESC = String.fromCharCode(0x1b);
const TOKEN = new RegExp(`${ESC}\\[(\\??)(\\d*)(?:;\\d+)*([A-Za-z])|\\n|\\r|[^${ESC}\\n\\r]+`, 'gu');

export interface Screen extends NodeJS.WritableStream {
  isTTY: boolean;
  columns: number;
  rows: number;
  /** What stands on the screen now, without trailing empty lines. */
  readonly text: () => string;
  readonly cursor: () => 'shown' | 'hidden';
  /** How often something was written. */
  readonly writes: () => number;
  /** The widest line that was ever written, in columns. */
  readonly widest: () => number;
  /** Whether there was ever a colour. */
  readonly isPainted: () => boolean;
}

/** A terminal, as far as the live view uses one. It never wraps: what is too wide shows in `widest`. */
export function createScreen(columns: number, rows = 24): Screen {
  const lines: string[] = [''];
  let row = 0;
  let hidden = false;
  let count = 0;
  let widest = 0;
  let isPainted = false;

  const perform = (command: string, isPrivate: boolean, amount: number) => {
    if (isPrivate) hidden = command === 'l';
    else if (command === 'A') row = Math.max(0, row - amount);
    else if (command === 'K') lines[row] = '';
    else if (command === 'J') lines.splice(row);
    else if (command === 'm') isPainted = true;
    else if (command !== 'G') throw new Error(`the screen does not know ESC [ ${command}`);
  };
  const show = (text: string) => {
    lines[row] = (lines[row] ?? '') + text;
    widest = Math.max(widest, widthOf(lines[row] ?? ''));
  };
  const write = (chunk: string | Uint8Array): boolean => {
    count += 1;
    for (const [token, isPrivate, amount, command] of String(chunk).matchAll(TOKEN)) {
      if (command !== undefined) perform(command, isPrivate === '?', Number(amount || 1));
      else if (token === '\n') row += 1;
      else if (token !== '\r') show(token);
    }
    return true;
  };

  const screen = {
    isTTY: true,
    columns,
    rows,
    write,
    text: () =>
      lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    cursor: () => (hidden ? ('hidden' as const) : ('shown' as const)),
    writes: () => count,
    widest: () => widest,
    isPainted: () => isPainted,
  };
  return screen as unknown as Screen;
}
