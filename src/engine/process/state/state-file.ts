import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError, messageOf } from '../../../diagnostics/mesh-error.ts';
import type { ProcessRecord } from '../process-spec.ts';

interface StateFile {
  readonly v: 1;
  readonly instances: readonly ProcessRecord[];
}

/** What the supervisor last wrote. What cannot be read counts as not there. */
export function readRecords(file: string): ProcessRecord[] {
  const value = readJson(file);
  return isStateFile(value) ? [...value.instances] : [];
}

/** Private: it holds environments with their secrets, so that a crashed program can be started again. */
export function writeRecords(file: string, instances: readonly ProcessRecord[]): void {
  const state: StateFile = { v: 1, instances };
  writeJson(file, state);
}

/** JSON, or `undefined` when the file is missing or damaged. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Written to a temporary name and renamed: a reader sees the old text or the new one, never half of it.
 *
 * @throws MeshError MESH2011 when it cannot be written, such as on a full disk
 */
export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value)}\n`);
}

/** The same for any text. */
export function writeWhole(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(file, error);
  }
}

/** @throws MeshError MESH2011 when nothing can be written to the folder now */
export function requireRoom(folder: string): void {
  const file = path.join(folder, `room.${process.pid}.tmp`);
  try {
    writeFileSync(file, ROOM, { mode: 0o600 });
  } catch (error) {
    throw unwritable(folder, error);
  } finally {
    rmSync(file, { force: true });
  }
}

/** A block of any usual file system. */
const ROOM = '.'.repeat(4096);

export function unwritable(file: string, error: unknown): MeshError {
  return new MeshError(`${file}: ${messageOf(error)}`, {
    code: 'MESH2011',
    hint: 'check that the folder exists, is yours to write, and that the disk has room',
    cause: error,
  });
}

function isStateFile(value: unknown): value is StateFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'instances' in value &&
    Array.isArray(value.instances)
  );
}
