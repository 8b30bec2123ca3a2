import { stripVTControlCharacters } from 'node:util';

/** Characters of a server's text that an answer carries at most: enough for a health body's reason, one line on a screen or two. */
export const LONGEST_TEXT = 200;

// Cc: control characters; Cf: invisible ones, among them those that reverse the direction of text; Cs: halves of a pair.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** A server's text made fit for one line of a terminal: whitespace collapsed, nothing invisible, cut after {@link LONGEST_TEXT}. */
export function oneLine(text: string): string {
  const clean = stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(UNPRINTABLE, '').trim();
  const characters = [...clean];
  return characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT).join('')}…` : clean;
}
