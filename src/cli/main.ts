import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CommanderError } from 'commander';
import { INTERRUPTED } from '../diagnostics/exit-codes.ts';
import { packageRoot } from '../manifest/presets.ts';
import type { Io } from './io.ts';
import type { Run } from './program/options.ts';
import { createProgram } from './program/program.ts';
import { reportProblem } from './report-problem.ts';

/** Ctrl-C, or a request to end. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const USAGE = 2;

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
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that went away (`mesh dev logs | head`) is no error, and no reason to leave a run half way.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') stop.abort(error);
    });
  }
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
  // Sockets that an engine client keeps alive must not hold a finished command; what a pipe has not taken yet must.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit();
}

/** Resolves when all that was written has left this process, or nobody is left to take it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) return resolve();
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

/** One command line → its exit code. Every problem has been told when it resolves. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  // Behind `--` stands somebody else's command line.
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const wantsJson = own.includes('--json');
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
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : reportUsage(error, io, wantsJson);
    if (io.signal.aborted) return INTERRUPTED;
    return reportProblem(error, io, wantsJson, readVersion());
  }
}

/** The parser has told people already; scripts get their line. */
function reportUsage(error: CommanderError, io: Io, json: boolean): number {
  const message = error.message.replace(/^error: /, '');
  if (json) io.stdout.write(`${JSON.stringify({ v: 1, type: 'problem', code: 'MESH1501', message })}\n`);
  return USAGE;
}

/** Of package.json: one place to change with a release. */
function readVersion(): string {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
