import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MeshError, messageOf } from '../../../diagnostics/mesh-error.ts';
import type { Clock } from '../../../time/clock.ts';
import { DeadlinePassed, until } from '../../../time/until.ts';
import { makeProjectFolders, type ProjectPaths } from '../state/project-paths.ts';
import { requireRoom } from '../state/state-file.ts';
import { PROTOCOL_VERSION } from '../supervisor/protocol.ts';
import { type Connection, connect } from './connection.ts';

/** The way to the supervisor of one project. */
export interface SupervisorLink {
  /** The one that runs, if any. */
  find(): Promise<Connection | undefined>;
  /** The one that runs, or a new one. */
  reach(): Promise<Connection>;
  close(): void;
  readonly isClosed: () => boolean;
}

export interface SupervisorLinkOptions {
  readonly paths: ProjectPaths;
  readonly clock: Clock;
  /** The compiled entry of the supervisor; found beside this file when not given. */
  readonly entry?: string | undefined;
}

const START_WITHIN_MS = 15_000;

export function createSupervisorLink({ paths, clock, entry }: SupervisorLinkOptions): SupervisorLink {
  let connection: Connection | undefined;
  let closed = false;
  const keep = (made: Connection): Connection => {
    connection = made;
    void made.closed.then(() => {
      if (connection === made) connection = undefined;
    });
    return made;
  };
  const find = async (): Promise<Connection | undefined> => {
    if (connection?.isOpen() === true) return connection;
    if (!existsSync(paths.socket)) return undefined;
    const made = await connect(paths.socket);
    return made === undefined ? undefined : keep(made);
  };
  let reaching: Promise<Connection> | undefined;
  const reach = async (): Promise<Connection> => {
    const found = await find();
    if (found !== undefined && (await speaksOurs(found))) return found;
    makeProjectFolders(paths);
    // On a full disk it could not take its lock, and not even say so: its log lies there too.
    requireRoom(paths.folder);
    const began = clock.now();
    let exit: string | undefined;
    startSupervisor(paths, entry, (text) => {
      exit = text;
    });
    try {
      return await until(
        async () => {
          const made = await find();
          if (made !== undefined) return made;
          if (exit !== undefined && clock.now() - began > 1000) throw new Error(exit);
          return undefined;
        },
        { clock, backoff: { firstMs: 10, factor: 1.3, maxMs: 100 }, withinMs: START_WITHIN_MS },
      );
    } catch (error) {
      const reason = error instanceof DeadlinePassed ? 'it does not answer' : messageOf(error);
      throw new MeshError(`the supervisor could not be started: ${reason}`, {
        code: 'MESH2021',
        exitCode: 3,
        hint: lastWords(paths) ?? `see ${paths.supervisorLog}`,
        cause: error,
      });
    }
  };
  return {
    find,
    reach() {
      reaching ??= reach().finally(() => {
        reaching = undefined;
      });
      return reaching;
    },
    close() {
      closed = true;
      connection?.close();
    },
    isClosed: () => closed,
  };
}

/** One of another version is asked to leave its programs to a new one. */
async function speaksOurs(connection: Connection): Promise<boolean> {
  const { version } = await connection.ask('hello', {});
  if (version === PROTOCOL_VERSION) return true;
  await connection.ask('retire', {});
  await connection.closed;
  return false;
}

function startSupervisor(paths: ProjectPaths, entry: string | undefined, onExit: (text: string) => void): void {
  const log = openSync(paths.supervisorLog, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...supervisorArguments(entry), paths.folder], {
      // Not where the command ran: that folder could not be removed on some systems while the supervisor lives.
      cwd: paths.folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: withoutNodeOptions(process.env),
    });
    child.once('error', (error) => onExit(error.message));
    child.once('exit', (code) => onExit(`it exited with code ${code ?? '?'}`));
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** A debugger that is attached to the command must not wait inside the supervisor. */
function withoutNodeOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = env;
  return rest;
}

/** The bundled entry when this file is bundled, and otherwise the source with its loader. */
function supervisorArguments(entry: string | undefined): string[] {
  const bundled =
    entry === undefined ? ['./supervisor.js', '../supervisor.js'].map(besideThis).find(existsSync) : entry;
  if (bundled !== undefined) return [bundled];
  const loader = createRequire(import.meta.url).resolve('tsx');
  return ['--import', loader, besideThis('../supervisor/main.ts')];
}

function besideThis(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function lastWords(paths: ProjectPaths): string | undefined {
  try {
    return readFileSync(paths.supervisorLog, 'utf8')
      .trim()
      .split('\n')
      .findLast((line) => line.trim() !== '');
  } catch {
    return undefined;
  }
}
