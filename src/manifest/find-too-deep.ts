import { CST } from 'yaml';

type Kind = ReturnType<typeof CST.tokenType>;

/** A line that begins further to the right than this stands in a text or in brackets, or is nobody's honest work. */
const MAX_INDENT = 256;

/** How far the blocks and brackets of a file have been opened, at one of its words. */
interface Nesting {
  brackets: number;
  /** Of the line: `- - a: b` opens three blocks at once. */
  indicators: number;
  indent: number;
  /** Nothing but space has stood on the line so far. */
  blank: boolean;
}

/**
 * The offset at which the nesting passes what parser and composer can bear: both recurse, and Node may die where a stack
 * is nearly full. It is looked for in the words of the lexer, for which a loop is enough. Deep indents are counted
 * coarsely; the exact limit is enforced where the tree is made.
 */
export function findTooDeep(words: readonly string[], maxDepth: number): number | undefined {
  const nesting: Nesting = { brackets: 0, indicators: 0, indent: 0, blank: true };
  let offset = 0;
  for (const word of words) {
    const kind = CST.tokenType(word);
    follow(nesting, kind, word);
    const { brackets, indicators, indent, blank } = nesting;
    if (brackets + indicators > maxDepth || (!blank && brackets === 0 && indent > MAX_INDENT)) return offset;
    if (!isControl(kind)) offset += word.length;
  }
  return undefined;
}

function follow(nesting: Nesting, kind: Kind, word: string): void {
  switch (kind) {
    case 'newline':
      Object.assign(nesting, { indicators: 0, indent: 0, blank: true });
      return;
    case 'space':
      if (nesting.blank) nesting.indent = word.length;
      return;
    case 'comment':
      return;
    case 'flow-seq-start':
    case 'flow-map-start':
      nesting.brackets++;
      break;
    case 'flow-seq-end':
    case 'flow-map-end':
      nesting.brackets = Math.max(0, nesting.brackets - 1);
      break;
    case 'flow-error-end':
      nesting.brackets = 0;
      break;
    case 'seq-item-ind':
    case 'explicit-key-ind':
      nesting.indicators++;
      break;
    case 'map-value-ind':
      if (nesting.brackets === 0) nesting.indicators++;
      break;
  }
  nesting.blank = false;
}

/** Words of the lexer's own, which stand for no letter of the file. */
function isControl(kind: Kind): boolean {
  return kind === 'doc-mode' || kind === 'flow-error-end' || kind === 'scalar';
}
