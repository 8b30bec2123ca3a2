/** Longer ones are shown from shortly before the place where they begin to differ. */
const MAX_LENGTH = 100;
const LEAD = 20;

/** Two texts that differ, short enough for a sentence. */
export function excerpts(one: string, other: string): readonly [string, string] {
  if (one.length <= MAX_LENGTH && other.length <= MAX_LENGTH) return [one, other];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const from = Math.max(0, same - LEAD);
  return [cut(one, from), cut(other, from)];
}

function cut(text: string, from: number): string {
  const part = text.slice(from, from + MAX_LENGTH);
  return `${from > 0 ? '…' : ''}${part}${text.length > from + MAX_LENGTH ? '…' : ''}`;
}
