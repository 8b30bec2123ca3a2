import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { findEmbeddedPostgres } from './hosts/embedded-postgres.ts';
import type { Available } from './hosts/host.ts';
import { PROGRAMS } from './hosts/host-of.ts';

/** Looks for what nodes can be run with, without running any of it. */
export function findAvailable(searchPath: string = process.env.PATH ?? ''): Available {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  const programs: Record<string, string> = {};
  for (const program of PROGRAMS) {
    const found = folders.map((folder) => path.join(folder, program)).find(isProgram);
    if (found !== undefined) programs[program] = found;
  }
  return { programs, embeddedPostgres: findEmbeddedPostgres() };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
