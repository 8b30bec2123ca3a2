import { randomInt } from 'node:crypto';
import { chmodSync, lstatSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/location.ts';
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
  for (const secret of mesh.secrets) {
    const value = env[secret.variable] ?? written.get(secret.variable)?.value ?? secret.fallback;
    if (value === undefined || value === '') made.push(secret);
    values.set(secret.name, value === undefined || value === '' ? generate(secret) : value);
  }
  checkLengths(mesh.secrets, values, env, written, source);
  if (made.length > 0) append(root, file, text, made, values);
  if (text !== '' || made.length > 0) linkForCompose(root);
  return { values, made: made.map((secret) => secret.name) };
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
  const head = text === '' ? '# Secrets of this checkout, made by mesh. Private to you; never commit them.\n' : text;
  const lines = made.map((secret) => `${secret.variable}=${values.get(secret.name) ?? ''}\n`);
  writeFileWhole(file, `${head.endsWith('\n') ? head : `${head}\n`}${lines.join('')}`, 0o600);
  chmodSync(file, 0o600);
}

/** `docker compose` reads `.env` beside its file: with this link the generated file works without any option. */
function linkForCompose(root: string): void {
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

function checkLengths(
  secrets: readonly Secret[],
  values: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
  written: ReadonlyMap<string, EnvLine>,
  source: Source,
): void {
  const diagnostics = secrets.flatMap((secret): Diagnostic[] => {
    const bytes = Buffer.byteLength(values.get(secret.name) ?? '');
    if (bytes >= secret.minLength) return [];
    const line = env[secret.variable] === undefined ? written.get(secret.variable)?.line : undefined;
    const where = line === undefined ? `the environment variable ${secret.variable}` : SECRETS_FILE;
    return [
      {
        code: 'MESH1301',
        severity: 'error',
        message: `secret "${secret.name}" has ${bytes} bytes in ${where}; it needs at least ${secret.minLength}`,
        location:
          line === undefined
            ? secret.at
            : { file: source.file, line, column: 1, endLine: line, endColumn: secret.variable.length + 1 },
        hint:
          line === undefined
            ? 'set a longer value'
            : 'put a longer value there, or delete the line and a strong one is made',
      },
    ];
  });
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, new Map([[source.file, withoutValues(source)]]));
}

/** A code frame of this file must not print what it holds. */
function withoutValues(source: Source): Source {
  return { file: source.file, text: source.text.replace(/^([^#=\n]*=).*$/gm, '$1••••') };
}

interface EnvLine {
  readonly value: string;
  readonly line: number;
}

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
        location: { file: source.file, line, column: 1, endLine: line, endColumn: 2 },
        hint: 'mend or delete this line',
      });
    } else found.set(name, { value, line });
  });
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics, new Map([[source.file, withoutValues(source)]]));
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

function unquote(raw: string): string | undefined {
  const quote = raw[0];
  if (quote !== "'" && quote !== '"') return raw.replace(/\s+#.*$/, '');
  const end = raw.lastIndexOf(quote);
  if (end === 0) return undefined;
  const inner = raw.slice(1, end);
  return quote === "'" ? inner : inner.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}
