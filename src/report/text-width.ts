import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';

/** Columns that a text takes in a terminal: colours take none, wide characters two. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cut to a width, with … where something is missing; colours stay closed. */
export function cutTo(text: string, width: number): string {
  if (width <= 0) return '';
  const cut = cliTruncate(text, width);
  // A wide character that begins in the last column is kept whole, and ends behind it.
  return widthOf(cut) > width ? cliTruncate(text, width - 1) : cut;
}

/** Of several ways to say something, longest first, the first that fits; the last one where none does. */
export function firstThatFits(forms: readonly string[], width: number): string {
  return forms.find((form) => widthOf(form) <= width) ?? forms.at(-1) ?? '';
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}
