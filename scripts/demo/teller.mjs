/** Tells the story: a line for what is done, and below it, indented, what came of it. */
export function createTeller(stream) {
  const isPlain = process.env.NO_COLOR !== undefined || !stream.isTTY;
  const paint = (code) => (text) => (isPlain ? text : `\u001b[${code}m${text}\u001b[0m`);
  const [bold, dim, green, red] = [1, 2, 32, 31].map(paint);
  return {
    chapter: (text) => stream.write(`\n${bold(text)}\n`),
    done: (text, note) => stream.write(`  ${green('✔')} ${text}${note === undefined ? '' : dim(`   ${note}`)}\n`),
    show: (text) => stream.write(`${text.trimEnd().replace(/^/gm, '      ')}\n`),
    failed: (text) => stream.write(`  ${red('✘')} ${text}\n`),
  };
}
