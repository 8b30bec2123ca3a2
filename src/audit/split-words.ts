/** A command line as the words that a shell would make of it; only quotes and backslashes are special. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const pattern = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|['"\\]/gs;
  for (const [whole, single, double, escaped, plain] of line.matchAll(pattern)) {
    if (/^\s/.test(whole) && single === undefined && double === undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? whole);
  }
  if (word !== undefined) words.push(word);
  return words;
}
