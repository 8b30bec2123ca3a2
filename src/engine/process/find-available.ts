import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { findEmbeddedPostgres } from './hosts/embedded-postgres.ts';
import type { Available } from './hosts/host.ts';
import { PROGRAMS } from './hosts/host-of.ts';

/** Debian's `rabbitmq-server` is a wrapper that changes the user and hides the output; the server itself is here. */
const BEFORE_PATH = ['/usr/lib/rabbitmq/bin'];
/** Where servers are installed without being on the PATH of users: Debian's PostgreSQL, and system programs. */
const AFTER_PATH = [
  ...[18, 17, 16, 15, 14, 13].map((major) => `/usr/lib/postgresql/${major}/bin`),
  '/usr/sbin',
  '/usr/local/sbin',
];

export interface SearchOptions {
  /** `PATH`. */
  readonly searchPath?: string | undefined;
  /** The folder of the project, whose packages count too. */
  readonly root?: string | undefined;
}

/** Looks for what nodes can be run with, without running any of it. */
export function findAvailable(options: SearchOptions = {}): Available {
  const searchPath = options.searchPath ?? process.env.PATH ?? '';
  const onPath = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const folders = [...BEFORE_PATH, ...onPath, ...AFTER_PATH];
  const programs: Record<string, string> = {};
  for (const program of PROGRAMS) {
    const found = folders.map((folder) => path.join(folder, program)).find(isProgram);
    if (found !== undefined) programs[program] = found;
  }
  return {
    programs,
    embeddedPostgres: findEmbeddedPostgres() ?? findEmbeddedPostgres(path.join(options.root ?? '/', 'package.json')),
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
