import { randomInt } from 'node:crypto';
import { chmodSync, lstatSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import type { Mesh, Secret } from '../mesh/mesh.ts';
import { isMissing, openStateFolder, readFileIfThere, STATE_FOLDER, writeFileWhole } from './state-folder.ts';

/** `.mesh/secrets.env`, as messages name it. */
export const SECRETS_FILE = `${STATE_FOLDER}/secrets.env`;

/** 43 letters and digits carry 256 bits; they need no quoting in env files, URLs or connection strings. */
const GENERATED_LENGTH = 43;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface SecretValues {
  /** Secret name → value. */
  readonly values: ReadonlyMap<string, string>;
  /** The names that were made just now. */
  readonly made: readonly string[];
}

/**
 * The value of every secret of the mesh: from the environment, from the file, from the manifest's default, or made now
 * and added to the file.
 *
 * @throws InvalidInput when a value is shorter than the manifest allows, or a line of the file cannot be read
 */
export function loadSecrets(root: string, mesh: Mesh, env: NodeJS.ProcessEnv): SecretValues {
  const file = path.join(root, SECRETS_FILE);
  const text = readFileIfThere(file) ?? '';
  const source = { file: SECRETS_FILE, text };
  const written = parseEnvFile(source);
  const values = new Map<string, string>();
  const made: Secret[] = [];
  const found = mesh.secrets.map((secret) => findValue(secret, env, written));
  for (const { secret, value } of found) {
    if (value === undefined) made.push(secret);
    values.set(secret.name, value ?? generate(secret));
  }
  checkLengths(found, source);
  if (made.length > 0) append(root, file, text, made, values);
  return { values, made: made.map((secret) => secret.name) };
}

/**
 * The values that are there, for commands that only look or stop: nothing is made, and a file that is damaged or a
 * value that is too short must not keep anybody from taking the mesh down.
 */
export function readSecrets(root: string, mesh: Mesh, env: NodeJS.ProcessEnv): SecretValues {
  const written = readLines(path.join(root, SECRETS_FILE));
  const values = new Map<string, string>();
  for (const secret of mesh.secrets) {
    const { value } = findValue(secret, env, written);
    if (value !== undefined) values.set(secret.name, value);
  }
  return { values, made: [] };
}

function readLines(file: string): ReadonlyMap<string, EnvLine> {
  try {
    return parseEnvFile({ file: SECRETS_FILE, text: readFileIfThere(file) ?? '' });
  } catch {
    return new Map();
  }
}

interface FoundSecret {
  readonly secret: Secret;
  /** Nothing when one has to be made. */
  readonly value?: string | undefined;
  readonly origin?: 'environment' | 'file' | 'default';
  /** In the file. */
  readonly line?: number;
}

/** An empty value counts as none: it is what a shell leaves behind that could not fill it in. */
function findValue(secret: Secret, env: NodeJS.ProcessEnv, written: ReadonlyMap<string, EnvLine>): FoundSecret {
  const fromEnvironment = env[secret.variable];
  if (fromEnvironment) return { secret, value: fromEnvironment, origin: 'environment' };
  const fromFile = written.get(secret.variable);
  if (fromFile?.value) return { secret, value: fromFile.value, origin: 'file', line: fromFile.line };
  return secret.fallback === undefined ? { secret } : { secret, value: secret.fallback, origin: 'default' };
}

function generate(secret: Secret): string {
  const length = Math.max(GENERATED_LENGTH, secret.minLength);
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function append(
  root: string,
  file: string,
  text: string,
  made: readonly Secret[],
  values: ReadonlyMap<string, string>,
): void {
  openStateFolder(root);
  const head =
    text === ''
      ? '# Secrets of this checkout, made by mesh. Private to you; never commit them.\n# Put a value of your own that holds $, #, quotes or spaces into single quotes.\n'
      : text;
  const lines = made.map((secret) => `${secret.variable}=${values.get(secret.name) ?? ''}\n`);
  writeFileWhole(file, `${head.endsWith('\n') ? head : `${head}\n`}${lines.join('')}`, 0o600);
  chmodSync(file, 0o600);
}

/** `docker compose` reads `.env` beside its file: with this link the generated file works without any option. */
export function linkSecretsForCompose(root: string): void {
  const link = path.join(root, 'compose', '.env');
  try {
    lstatSync(link);
  } catch (error) {
    if (!isMissing(error)) return;
    try {
      symlinkSync(path.join('..', SECRETS_FILE), link);
    } catch {
      // No compose folder yet, or a file system without links: mesh itself passes --env-file and needs no link.
    }
  }
}

function checkLengths(found: readonly FoundSecret[], source: Source): void {
  const diagnostics = found.flatMap((entry): Diagnostic[] => {
    const { secret, value } = entry;
    if (value === undefined || Buffer.byteLength(value) >= secret.minLength) return [];
    const [where, hint] = placeWords(entry);
    return [
      {
        code: 'MESH1301',
        severity: 'error',
        message: `secret "${secret.name}" has ${Buffer.byteLength(value)} bytes in ${where}; it needs at least ${secret.minLength}`,
        location: entry.line === undefined ? secret.at : wholeLine(source, entry.line),
        hint,
      },
    ];
  });
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, new Map([[source.file, withoutValues(source)]]));
}

function placeWords({ secret, origin }: FoundSecret): readonly [where: string, hint: string] {
  switch (origin) {
    case 'file':
      return [SECRETS_FILE, 'put a longer value there, or delete the line and a strong one is made'];
    case 'default':
      return ['its `default`', 'give it a longer default, or none and a strong one is made'];
    default:
      return [`the environment variable ${secret.variable}`, 'set a longer value'];
  }
}

function wholeLine(source: Source, line: number): Location {
  const text = withoutValues(source).text.split(/\r?\n/)[line - 1] ?? '';
  return { file: source.file, line, column: 1, endLine: line, endColumn: text.length + 1 };
}

/** A code frame of this file must not print what it holds: only names are left, and comments. */
function withoutValues(source: Source): Source {
  const lines = source.text.split(/\r?\n/).map((line) => {
    if (line.trim() === '' || line.trim().startsWith('#')) return line;
    return `${NAME.exec(line)?.[0] ?? ''}••••`;
  });
  return { file: source.file, text: lines.join('\n') };
}

interface EnvLine {
  readonly value: string;
  readonly line: number;
}

const NAME = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=/;
const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;

/** NAME=value lines as Compose reads them: single quotes are literal, double quotes know escapes, ` #` begins a comment. */
export function parseEnvFile(source: Source): ReadonlyMap<string, EnvLine> {
  const found = new Map<string, EnvLine>();
  const diagnostics: Diagnostic[] = [];
  source.text.split(/\r?\n/).forEach((text, index) => {
    if (text.trim() === '' || text.trim().startsWith('#')) return;
    const line = index + 1;
    const match = LINE.exec(text);
    const [, name, raw] = match ?? [];
    const value = raw === undefined ? undefined : unquote(raw);
    if (name === undefined || value === undefined) {
      diagnostics.push({
        code: 'MESH1302',
        severity: 'error',
        message: name === undefined ? 'expected NAME=value' : `${name}: a quote is not closed`,
        location: wholeLine(source, line),
        hint: 'mend or delete this line',
      });
    } else found.set(name, { value, line });
  });
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, new Map([[source.file, withoutValues(source)]]));
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

const SINGLE = /^'([^']*)'\s*(?:#.*)?$/;
const DOUBLE = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/;

function unquote(raw: string): string | undefined {
  if (raw.startsWith("'")) return SINGLE.exec(raw)?.[1];
  if (raw.startsWith('"')) {
    return DOUBLE.exec(raw)?.[1]?.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
  }
  return raw.startsWith('#') ? '' : raw.replace(/\s+#.*$/, '');
}
