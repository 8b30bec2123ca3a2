import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { ProcessSpec, ProcessUser } from '../process-spec.ts';
import { MARK } from '../state/process-group.ts';

/** Starts a program as the leader of its own group. Rejects with the system's words when it cannot be started. */
export async function spawnGroup(
  spec: ProcessSpec,
  argv: readonly string[],
  stdio: SpawnOptions['stdio'],
): Promise<ChildProcess> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: spec.cwd,
    env: { ...spec.env, [MARK]: spec.id },
    detached: true,
    stdio,
    ...(spec.user === undefined ? {} : { uid: spec.user.uid, gid: spec.user.gid }),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // Later errors are failed kills, and those of a stdin that nobody reads.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  return child;
}

/** The exit code as a shell gives it. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Makes the folders and writes the files that a program finds when it starts. */
export function placeFiles(spec: ProcessSpec): void {
  for (const folder of spec.folders) makeFolder(folder, spec.user);
  for (const file of spec.files) {
    mkdirSync(path.dirname(file.path), { recursive: true, mode: 0o700 });
    writeFileSync(file.path, file.text, { mode: 0o600 });
    own(file.path, spec.user);
  }
}

export function makeFolder(folder: string, user: ProcessUser | undefined): void {
  // Those above it stay readable, since another user has to pass through them.
  mkdirSync(path.dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  own(folder, user);
}

function own(file: string, user: ProcessUser | undefined): void {
  if (user !== undefined) chownSync(file, user.uid, user.gid);
}
