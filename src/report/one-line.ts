import { visibleText } from '../logs/visible-text.ts';

/** Words of an engine, a service or an error as one line that cannot move the cursor of the one who reads it. */
export function oneLine(text: string): string {
  return tabless(visibleText(text.trim().replace(/\s*[\r\n]+\s*/g, ' '), 'strip'));
}

/** A tab counts as nothing when a line is measured, and is up to eight columns wide on the screen. */
export function tabless(text: string): string {
  return text.replaceAll('\t', '  ');
}
