import { shellQuote } from '../../render/shell-word.ts';
import type { EnvVariable, HostedService } from './hosted-service.ts';

/** Names that bash or zsh keep for themselves: to set one is an error, which ends a script that runs with `set -e`. */
const KEPT_BY_SHELLS: ReadonlySet<string> = new Set([
  '_',
  'BASHOPTS',
  'BASH_VERSINFO',
  'EGID',
  'EUID',
  'GID',
  'PPID',
  'SHELLOPTS',
  'UID',
]);

/**
 * For `eval "$(mesh dev env gateway)"` in a POSIX shell. What cannot be exported stands in comments behind all else:
 * who forgets the double quotes evaluates one long line, of which a comment hides the rest.
 */
export function printShellEnv(service: Pick<HostedService, 'env'>): string {
  const can = service.env.filter(({ name }) => canExport(name));
  const cannot = service.env.filter(({ name }) => !canExport(name));
  return [...can.map(exportLine), ...cannot.map(commentLine)].map((line) => `${line}\n`).join('');
}

function canExport(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEPT_BY_SHELLS.has(name);
}

function exportLine({ name, value }: EnvVariable): string {
  return `export ${name}=${shellQuote(value)}`;
}

function commentLine({ name, value }: EnvVariable): string {
  return `# ${oneLineWord(name)} cannot be set by a shell: use env ${oneLineWord(`${name}=${value}`)} command`;
}

/** A word that stays on its line, since the next line would be run: `$'…'` spells control characters out. */
function oneLineWord(text: string): string {
  if (/^[\w.-]+$/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in a comment as they are
  if (!/[\x00-\x1f\x7f]/.test(text)) return shellQuote(text);
  const escaped = text
    .replace(/[\\']/g, '\\$&')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
    .replace(/[\x00-\x1f\x7f]/g, (character) => ESCAPES[character] ?? octal(character));
  return `$'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Always three digits, so that a digit behind it does not join. */
function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
