import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CommanderError } from 'commander';
import { packageRoot } from '../manifest/presets.ts';
import type { Io } from './io.ts';
import { createProgram, type Run } from './program.ts';
import { reportProblem } from './report-problem.ts';

/** Ctrl-C, or a request to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const USAGE = 2;
const INTERRUPTED = 130;

/** The program. Everything is wired here, and only here the exit code is set. */
export async function main(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  // Every probe and stream of a large mesh listens to it at once; Node's warning is about leaks, and this is none.
  setMaxListeners(0, stop.signal);
  let asked = 0;
  const onSignal = () => {
    asked += 1;
    stop.abort(new Interrupted('interrupted'));
    // Twice means now: whatever is left is handled by the next `up` or `down`.
    if (asked > 1) process.exit(INTERRUPTED);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // The terminal was closed: the same as Ctrl-C.
  process.on('SIGHUP', onSignal);
  // A reader that went away (`mesh dev logs | head`) is no error, and no reason to leave a run half way.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    uid: process.getuid?.(),
    signal: stop.signal,
  };
  process.exitCode = await run(argv, io);
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  process.off('SIGHUP', onSignal);
  // Sockets that an engine client keeps alive must not hold a finished command.
  if (process.exitCode !== undefined) setImmediate(() => process.exit());
}

/** One command line → its exit code. Every problem has been told when it resolves. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const wantsJson = argv.includes('--json');
  let selected: Run | undefined;
  const program = createProgram(readVersion(), (chosen) => {
    selected = chosen;
  });
  program.configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) {
    command.exitOverride().copyInheritedSettings(program);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return selected === undefined ? USAGE : await selected(io);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (io.signal.aborted) return INTERRUPTED;
    return reportProblem(error, io, wantsJson, readVersion());
  }
}

/** Of package.json: one place to change with a release. */
function readVersion(): string {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
