#!/usr/bin/env node
// The version is asked for in scripts and prompts: answered without loading the program.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else {
  const { enableCompileCache } = await import('node:module');
  // From Node 22 on: the second start does not compile the program again.
  enableCompileCache?.();
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}
