import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const BINARY = path.join(ROOT, 'bin', 'mesh.js');

/** Where the meshes of this test file are listed, and never among those of whoever runs it. */
let stateFolder: string | undefined;
afterAll(() => {
  if (stateFolder !== undefined) rmSync(stateFolder, { recursive: true, force: true });
});

/** Made when it is needed: a file whose tests are all skipped has nobody who removes it. */
function openStateFolder(): string {
  stateFolder ??= mkdtempSync(path.join(tmpdir(), 'mesh-test-state-'));
  return stateFolder;
}

export interface CliResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with all of stderr so far; a returned signal is sent to the program, once. */
  readonly onStderr?: (text: string) => NodeJS.Signals | undefined;
  /** The same for stdout. */
  readonly onStdout?: (text: string) => NodeJS.Signals | undefined;
}

/** Runs the built program, as a user does: its own process, pipes in place of a terminal. */
export function mesh(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BINARY, ...args], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', MESH_STATE_DIR: openStateFolder(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let sent = false;
    const send = (signal: NodeJS.Signals | undefined) => {
      if (sent || signal === undefined) return;
      sent = true;
      child.kill(signal);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
      send(options.onStdout?.(stdout));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
      send(options.onStderr?.(stderr));
    });
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

/** The lines of an NDJSON output. */
export function events(result: CliResult): Record<string, unknown>[] {
  return result.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
