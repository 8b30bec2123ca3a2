import path from 'node:path';
import type { PortRemaps } from '../mesh/host-ports.ts';
import { openStateFolder, readState, STATE_FOLDER, writeState } from './state-folder.ts';

/** The ports that `--remap-ports` took on this machine, so that the next run takes the same ones. */
export function readPortRemaps(root: string, project: string): PortRemaps {
  const ports = readState(portRemapFile(root, project), isPorts) ?? {};
  return Object.fromEntries(Object.entries(ports).map(([key, port]) => [key, { port }]));
}

export function writePortRemaps(root: string, project: string, remaps: PortRemaps): void {
  openStateFolder(root);
  const ports = Object.fromEntries(Object.entries(remaps).map(([key, { port }]) => [key, port]));
  writeState(portRemapFile(root, project), ports);
}

export function portRemapFile(root: string, project: string): string {
  return path.join(root, STATE_FOLDER, `ports-${project}.json`);
}

function isPorts(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((port) => Number.isInteger(port));
}
