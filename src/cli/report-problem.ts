import type { Io } from './io.ts';

/** Tells a problem: for people on stderr, for scripts as JSON lines on stdout. @returns the exit code that goes with it */
export async function reportProblem(error: unknown, io: Io, json: boolean, version: string): Promise<number> {
  const { exitCodeOf, problemLines, renderProblem } = await import('../report/problem.ts');
  if (json) for (const line of problemLines(error)) io.stdout.write(`${line}\n`);
  else {
    const { createStyles, wantsColor } = await import('../report/styles.ts');
    io.stderr.write(
      `${renderProblem(error, { styles: createStyles({ color: wantsColor(io.stderr, io.env) }), version }).trimEnd()}\n`,
    );
  }
  return exitCodeOf(error);
}
