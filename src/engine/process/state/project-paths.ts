import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { MeshError } from '../../../diagnostics/mesh-error.ts';
import { unwritable, writeWhole } from './state-file.ts';

/** Where everything of one project lies. */
export interface ProjectPaths {
  readonly folder: string;
  /** Written by the supervisor alone. */
  readonly state: string;
  /** What the supervisor forwards; written like the state. */
  readonly forwards: string;
  /** Written by commands, which are one at a time. */
  readonly ports: string;
  readonly lock: string;
  readonly socket: string;
  readonly supervisorLog: string;
  readonly logs: string;
  readonly pipes: string;
  readonly data: string;
  /** Data of programs that refuse to run as root and so run as somebody who cannot reach the folder of the project. */
  readonly sharedData: string;
}

/** A socket's path must fit into `sockaddr_un`: 104 bytes on macOS, 108 on Linux; less what it is called at first. */
const LONGEST_SOCKET_PATH = 90;

export function projectPaths(root: string, project: string): ProjectPaths {
  return pathsIn(path.join(root, '.mesh', 'process', project));
}

/** The names of the projects that a folder has state of. */
export function projectsOf(root: string): string[] {
  try {
    const entries = readdirSync(path.join(root, '.mesh', 'process'), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

export function pathsIn(folder: string): ProjectPaths {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const near = path.join(folder, 'supervisor.sock');
  const fits = Buffer.byteLength(near) <= LONGEST_SOCKET_PATH;
  return {
    folder,
    state: path.join(folder, 'state.json'),
    forwards: path.join(folder, 'forwards.json'),
    ports: path.join(folder, 'ports.json'),
    lock: path.join(folder, 'supervisor.lock'),
    socket: fits ? near : path.join(tmpdir(), `mesh-${userInfo().uid}`, `${key}.sock`),
    supervisorLog: path.join(folder, 'supervisor.log'),
    logs: path.join(folder, 'logs'),
    pipes: path.join(folder, 'pipes'),
    data: path.join(folder, 'data'),
    sharedData: path.join('/var/lib/mesh', key),
  };
}

/** @throws MeshError MESH2011 when a folder cannot be made, MESH2022 when it is somebody else's */
export function makeProjectFolders(paths: ProjectPaths): void {
  try {
    makeStateFolder(path.dirname(path.dirname(paths.folder)));
    for (const folder of [paths.folder, paths.logs, paths.pipes, path.dirname(paths.socket)]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      requirePrivate(folder);
    }
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw unwritable(paths.folder, error);
  }
}

/** `.mesh`, which ignores itself. */
function makeStateFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) === undefined) return;
  writeWhole(
    path.join(folder, '.gitignore'),
    '# What mesh remembers on this machine, secrets included. Never commit it.\n*\n',
  );
}

/** In a folder like /tmp anybody may have made it first: whoever owns it could answer in the supervisor's place. */
function requirePrivate(folder: string): void {
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    throw new MeshError(`${folder} is not a folder of yours`, { code: 'MESH2022', hint: 'remove it' });
  }
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
