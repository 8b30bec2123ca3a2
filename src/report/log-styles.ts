import { Chalk } from 'chalk';
import type { LogStyles } from '../logs/format-line.ts';

/** Told apart on dark and light backgrounds alike; red and yellow mean trouble and are left out. */
const PALETTE = [
  'cyan',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'greenBright',
  'magentaBright',
  'blueBright',
] as const;

/** Colours for logs: one a service, in the order of the mesh, so that a service keeps its colour. */
export function createLogStyles(color: boolean): LogStyles {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return {
    colours: color ? 'keep' : 'strip',
    service: (index, text) => chalk[PALETTE[index % PALETTE.length] ?? 'cyan'](text),
    dim: (text) => chalk.dim(text),
    red: (text) => chalk.red(text),
    yellow: (text) => chalk.yellow(text),
  };
}
