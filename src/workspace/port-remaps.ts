import path from 'node:path';
import type { PortRemaps } from '../mesh/host-ports.ts';
import { openStateFolder, readState, STATE_FOLDER, writeState } from './state-folder.ts';

/** The ports that `--remap-ports` took on this machine, so that the next run takes the same ones. */
export function readPortRemaps(root: string, project: string): PortRemaps {
  return readState(portRemapFile(root, project), isRemaps) ?? {};
}

export function writePortRemaps(root: string, project: string, remaps: PortRemaps): void {
  openStateFolder(root);
  writeState(portRemapFile(root, project), remaps);
}

export function portRemapFile(root: string, project: string): string {
  return path.join(root, STATE_FOLDER, `ports-${project}.json`);
}

function isRemaps(value: unknown): value is PortRemaps {
  return typeof value === 'object' && value !== null && Object.values(value).every((port) => Number.isInteger(port));
}
