import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';

/** Columns that a text takes in a terminal: colours take none, wide characters two. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** Cut to a width, with … where something is missing; colours stay closed. */
export function cutToWidth(text: string, width: number): string {
  return width <= 0 ? '' : cliTruncate(text, width);
}

/** Filled up with spaces; a text that is wider stays as it is. */
export function padToWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}

/**
 * Broken between words, with an indent for what follows, so that nothing is lost and the terminal does not break it in a
 * word. Runs of spaces stay together with the word before them.
 */
export function wrapToWidth(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let current = '';
  for (const part of text.split(/(?<=\S)(?= +\S)/)) {
    if (current !== '' && displayWidth(current + part) > width) {
      lines.push(current);
      current = ' '.repeat(indent) + part.trimStart();
    } else current += part;
  }
  return [...lines, current].map((line) => cutToWidth(line, width)).join('\n');
}
