import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Applied, NOTHING_APPLIED } from '../plan/applied.ts';
import { openStateFolder, readState, STATE_FOLDER, writeState } from './state-folder.ts';

/** What the last run of a project left: what it applied, and how long each node took to be ready. */
export interface RunState extends Applied {
  /** What the mesh was brought up on; missing when nothing is known of it. */
  readonly engine?: 'docker' | 'process' | undefined;
  /** Instance id → milliseconds from its start to ready. */
  readonly readyAfterMs: Readonly<Record<string, number>>;
}

export function readRunState(root: string, project: string): RunState {
  return (
    readState(stateFile(path.join(root, STATE_FOLDER), project), isRunState) ?? { ...NOTHING_APPLIED, readyAfterMs: {} }
  );
}

export function writeRunState(root: string, project: string, state: RunState): void {
  writeState(stateFile(openStateFolder(root), project), state);
}

function stateFile(folder: string, project: string): string {
  return path.join(folder, `run-${project}.json`);
}

function isRunState(value: unknown): value is RunState {
  if (typeof value !== 'object' || value === null) return false;
  const { v, nodes, readyAfterMs } = value as Partial<RunState>;
  return (
    v === 1 && typeof nodes === 'object' && nodes !== null && typeof readyAfterMs === 'object' && readyAfterMs !== null
  );
}

/** After a whole mesh is down, the next one may come up anywhere. */
export function forgetRunState(root: string, project: string): void {
  rmSync(stateFile(path.join(root, STATE_FOLDER), project), { force: true });
}
