import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycle } from '../../src/graph/topology.ts';

const SRC = path.join(import.meta.dirname, '../../src');

/** A folder imports only from itself and from those before it. */
const FOLDERS = [
  'diagnostics',
  'time',
  'graph',
  'machine',
  'dotnet',
  'manifest',
  'mesh',
  'render',
  'plan',
  'engine',
  'logs',
  'probe',
  'workspace',
  'execute',
  'build',
  'audit',
  'report',
  'cli',
];

/** Imports against the order that are known and wait for a move. Each entry must still be needed. */
const KNOWN: readonly string[] = [];

/** Imports of a type that close a cycle, known and waiting for the type to move. */
const KNOWN_IN_CYCLES: readonly string[] = [];

/** Who may touch `process`, and why. Everybody else is told what it needs to know. */
const TOUCH_PROCESS: Readonly<Record<string, string>> = {
  'cli/commands/doctor.ts': 'reports which Node runs on which platform',
  'cli/commands/open.ts': 'the command that opens a browser differs by platform',
  'cli/main.ts': 'the one place where the program meets its environment',
  'engine/docker/compose-command.ts': 'ends a command with the children that it started',
  'engine/process/client/supervisor-link.ts': 'starts the supervisor with the Node and environment that run mesh',
  'engine/process/create-process-engine.ts': 'the adapter of this machine: its user and platform',
  'engine/process/exec-in.ts': 'ends a command with all that it started',
  'engine/process/find-available.ts': 'looks for programs on PATH',
  'engine/process/host-command.ts': 'runs node services with the Node that runs mesh',
  'engine/process/hosts/embedded-postgres.ts': 'its programs differ by platform',
  'engine/process/prepare/run-build-step.ts': 'ends a build with all that it started',
  'engine/process/state/process-group.ts': 'signals and looks at processes',
  'engine/process/state/process-table.ts': 'reads processes, which differs by platform',
  'engine/process/state/state-file.ts': 'temporary names carry the process id',
  'engine/process/supervisor/lock.ts': 'the lock names its holder',
  'engine/process/supervisor/main.ts': 'the entry of a program of its own',
  'engine/process/supervisor/operations.ts': 'tells its process id to clients',
  'engine/process/supervisor/serve.ts': 'temporary names carry the process id',
  'machine/port-holder.ts': 'finding the holder of a port differs by platform',
  'workspace/file-lock.ts': 'the lock names its holder',
  'workspace/state-folder.ts': 'temporary names carry the process id',
  'workspace/temporary-folder.ts': 'removes what may hold credentials when the program ends',
};

/** Files above the limit, and why they are one thing. */
const LONG_FILES: Readonly<Record<string, string>> = {};
const MAX_LINES = 300;

interface Import {
  readonly from: string;
  /** A file below src, or the name of a package. */
  readonly to: string;
}

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => path.relative(SRC, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  .sort();
const texts = new Map(files.map((file) => [file, readFileSync(path.join(SRC, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file, texts.get(file) ?? ''));

describe('folders', () => {
  it('are all in the order', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !FOLDERS.includes(folder))).toEqual(['index.ts']);
  });

  it('import only from themselves and from those before them', () => {
    const against = imports.filter(
      ({ from, to }) => files.includes(to) && isAgainstOrder(folderOf(from), folderOf(to)),
    );
    expect(against.map(({ from, to }) => `${from} → ${to}`).sort()).toEqual([...KNOWN].sort());
  });
});

describe('files', () => {
  it('import only what exists', () => {
    const missing = imports.filter(({ to }) => to.endsWith('.ts') && !files.includes(to));
    expect(missing).toEqual([]);
  });

  it('form no import cycle, types included', () => {
    const needs = new Map(files.map((file) => [file, targetsOf(file)]));
    expect(findCycle(needs)).toBeUndefined();
  });

  it('still hold every exception that is listed', () => {
    const written = imports.map(({ from, to }) => `${from} → ${to}`);
    expect([...KNOWN, ...KNOWN_IN_CYCLES].filter((known) => !written.includes(known))).toEqual([]);
  });

  it('have no default export', () => {
    expect(filesWith(/^export default\b|\bas default\b/m)).toEqual([]);
  });

  it('do not write to the console', () => {
    expect(filesWith(/\bconsole\./)).toEqual([]);
  });

  it('leave colour and the live view to report', () => {
    const coloured = imports.filter(({ from, to }) => ['chalk', 'listr2'].includes(to) && folderOf(from) !== 'report');
    expect(coloured).toEqual([]);
  });

  it('touch `process` only where they meet the machine', () => {
    expect(filesWith(/(?<![\w.'"/`-])process\.[a-z]/)).toEqual(Object.keys(TOUCH_PROCESS).sort());
  });

  it('are short', () => {
    const long = files.filter((file) => (texts.get(file)?.split('\n').length ?? 0) - 1 > MAX_LINES);
    expect(long).toEqual(Object.keys(LONG_FILES).sort());
  });
});

function importsOf(file: string, text: string): Import[] {
  const statements =
    /^\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...text.matchAll(statements)].map(([, from, bare, dynamic]) => {
    const written = from ?? bare ?? dynamic ?? '';
    return { from: file, to: written.startsWith('.') ? path.posix.join(path.posix.dirname(file), written) : written };
  });
}

function targetsOf(file: string): string[] {
  const own = imports.filter(({ from, to }) => from === file && files.includes(to));
  return [...new Set(own.map(({ to }) => to))].filter((to) => !KNOWN_IN_CYCLES.includes(`${file} → ${to}`));
}

/** The first folder below src; a file directly in src is its own. */
function folderOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function isAgainstOrder(from: string, to: string): boolean {
  return from !== 'index.ts' && FOLDERS.indexOf(to) > FOLDERS.indexOf(from);
}

/** Files whose code matches; comments, and texts that hold rendered programs, are left out. */
function filesWith(pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(codeOf(texts.get(file) ?? '')));
}

function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/`[^`]*process\.(?:exit|argv)[^`]*`/g, '');
}
