import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Placement } from '../mesh/placement.ts';
import { openStateFolder, readState, STATE_FOLDER, writeState } from './state-folder.ts';

/** Which nodes of a project were moved to the host; nothing when none ever was, or all is settled again. */
export function readPlacement(root: string, project: string): Placement | undefined {
  return readState(fileOf(root, project), isPlacement);
}

export function writePlacement(root: string, project: string, placement: Placement): void {
  openStateFolder(root);
  writeState(fileOf(root, project), placement);
}

export function forgetPlacement(root: string, project: string): void {
  rmSync(fileOf(root, project), { force: true });
}

function fileOf(root: string, project: string): string {
  return path.join(root, STATE_FOLDER, `placement-${project}.json`);
}

function isPlacement(value: unknown): value is Placement {
  if (typeof value !== 'object' || value === null) return false;
  const { local, address, hostPorts, reachPorts } = value as Partial<Record<keyof Placement, unknown>>;
  return (
    Array.isArray(local) &&
    local.every((name) => typeof name === 'string') &&
    typeof address === 'string' &&
    isPorts(hostPorts) &&
    isPorts(reachPorts)
  );
}

function isPorts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((port) => Number.isInteger(port));
}
