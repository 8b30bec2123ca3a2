import { Chalk } from 'chalk';

type Paint = (text: string) => string;

/** The colours that mesh uses. Colour only adds: without it, nothing is lost. */
export interface Styles {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Where colour is off, each style gives a text back as it is. */
export function createStyles(options: { readonly color: boolean }): Styles {
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  return {
    bold: chalk.bold,
    dim: chalk.dim,
    red: chalk.red,
    green: chalk.green,
    yellow: chalk.yellow,
    cyan: chalk.cyan,
  };
}

/**
 * Whether a stream gets colour: NO_COLOR wins, then FORCE_COLOR, then whether it is a terminal that can.
 * Source: https://no-color.org, https://force-color.org
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '')
    return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
