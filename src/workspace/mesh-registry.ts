import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { MeshError, messageOf } from '../diagnostics/mesh-error.ts';
import type { RegisteredMesh } from '../mesh/instance.ts';
import type { Clock } from '../time/clock.ts';
import { DeadlinePassed, until } from '../time/until.ts';
import { type Attempt, tryLock } from './file-lock.ts';
import { readState, writeState } from './state-folder.ts';

/** A mesh that was brought up on this machine and has not been pruned since. */
export interface RegistryEntry extends RegisteredMesh {
  readonly engine: 'docker' | 'process';
  /** Where the Docker engine answered, so that another one is not searched for what this one has. */
  readonly host?: string | undefined;
  /** Names of images that were built for this instance alone. */
  readonly images: readonly string[];
  /** ISO time of the last change of this entry. */
  readonly updatedAt: string;
}

/** Where the list lies: with the user's other state, as the XDG base directory specification has it. */
export function registryFile(env: NodeJS.ProcessEnv, home: string): string {
  return path.join(stateDirectory(env, home), 'instances.json');
}

function stateDirectory(env: NodeJS.ProcessEnv, home: string): string {
  const { MESH_STATE_DIR: own = '', XDG_STATE_HOME: base = '' } = env;
  if (own !== '') return path.resolve(own);
  // The specification says to ignore a relative one.
  return path.join(path.isAbsolute(base) ? base : path.join(home, '.local', 'state'), 'mesh');
}

/** Every mesh of this machine, by project. What cannot be read counts as not there: each `up` enters its own again. */
export function readRegistry(file: string): readonly RegistryEntry[] {
  try {
    return readState(file, isRegistry)?.meshes.filter(isEntry) ?? [];
  } catch {
    return [];
  }
}

/** Enters a mesh; an entry of the same project gives way. */
export function withEntry(entries: readonly RegistryEntry[], entry: RegistryEntry): RegistryEntry[] {
  return [...withoutProject(entries, entry.project), entry].sort((a, b) => (a.project < b.project ? -1 : 1));
}

export function withoutProject(entries: readonly RegistryEntry[], project: string): RegistryEntry[] {
  return entries.filter((entry) => entry.project !== project);
}

/** Only inside of {@link lockRegistry}. */
export function writeRegistry(file: string, meshes: readonly RegistryEntry[]): void {
  writeState(file, { v: 1, meshes });
}

/** Whoever holds it decides and writes, which takes some 100 ms. */
const LOCK_WITHIN_MS = 10_000;

/**
 * Takes the list for oneself: between choosing ports and writing them down, nobody else may choose.
 *
 * @throws MeshError MESH2008 when another process does not let go of it, MESH2011 when the folder cannot be written
 */
export async function lockRegistry(file: string, clock: Clock, signal: AbortSignal): Promise<Disposable> {
  const backoff = { firstMs: 5, factor: 1.5, maxMs: 100 };
  let last: Attempt | undefined;
  try {
    return await until(
      async () => {
        last = attemptLock(file);
        return last !== undefined && 'lock' in last ? last.lock : undefined;
      },
      { clock, backoff, withinMs: LOCK_WITHIN_MS, signal },
    );
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    const holder = last !== undefined && 'holder' in last ? ` (pid ${last.holder})` : '';
    throw new MeshError(`another mesh command${holder} holds the list of meshes, ${file}`, {
      code: 'MESH2008',
      hint: 'wait for it, or end it',
      cause: error,
    });
  }
}

function attemptLock(file: string): Attempt | undefined {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return tryLock(`${file}.lock`);
  } catch (error) {
    throw new MeshError(`${file}: ${messageOf(error)}`, {
      code: 'MESH2011',
      hint: 'check that the folder is yours to write, or name another one with MESH_STATE_DIR',
      cause: error,
    });
  }
}

function isRegistry(value: unknown): value is { readonly meshes: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'meshes' in value && Array.isArray(value.meshes);
}

function isEntry(value: unknown): value is RegistryEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { project, mesh, instance, origin, root, offset, ports, engine, host, images, updatedAt } = value as Partial<
    Record<keyof RegistryEntry, unknown>
  >;
  return (
    [project, mesh, root, updatedAt].every((field) => typeof field === 'string') &&
    [instance, host].every((field) => field === undefined || typeof field === 'string') &&
    (origin === 'derived' || origin === 'asked') &&
    (engine === 'docker' || engine === 'process') &&
    Number.isInteger(offset) &&
    isListOf('number', ports) &&
    isListOf('string', images)
  );
}

function isListOf(type: 'number' | 'string', value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}
