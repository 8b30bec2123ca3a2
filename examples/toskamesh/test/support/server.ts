import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The servers that ToskaMesh stands on, as the preset has them. */
const SERVERS = {
  postgres: {
    image: 'postgres:15-alpine',
    port: 5432,
    options: ['-e', 'POSTGRES_PASSWORD=secret', '-e', 'POSTGRES_USER=toksa_mesh', '-e', 'POSTGRES_DB=toksa_mesh'],
    command: [],
  },
  consul: {
    image: 'hashicorp/consul:1.16',
    port: 8500,
    options: [],
    command: ['agent', '-server', '-bootstrap-expect=1', '-client=0.0.0.0', '-data-dir=/consul/data'],
  },
  rabbitmq: { image: 'rabbitmq:3.12-management-alpine', port: 5672, options: [], command: [] },
} as const;

export interface Server extends AsyncDisposable {
  /** On this machine; it stays the same when the server restarts. */
  readonly port: number;
  readonly containerId: string;
  start(): Promise<void>;
  /** Without a farewell, as in a crash. */
  kill(): Promise<void>;
}

/** A real server in a container of its own, on a port that was free. It may not answer yet: the services wait. */
export async function startServer(kind: keyof typeof SERVERS): Promise<Server> {
  const { image, port: inside, options, command } = SERVERS[kind];
  const port = 20_000 + (randomBytes(2).readUInt16BE() % 12_000);
  const name = `mesh-test-${kind}-${randomBytes(4).toString('hex')}`;
  const args = ['run', '--detach', '--name', name, '--publish', `127.0.0.1:${port}:${inside}`, ...options];
  const containerId = (await docker(...args, image, ...command)).trim();
  return {
    port,
    containerId,
    start: async () => void (await docker('start', containerId)),
    kill: async () => void (await docker('kill', containerId)),
    [Symbol.asyncDispose]: async () => void (await docker('rm', '--force', '--volumes', containerId)),
  };
}

export function connectionString(postgres: Server): string {
  return `Host=127.0.0.1;Port=${postgres.port};Database=toksa_mesh;Username=toksa_mesh;Password=secret`;
}

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', [...args]);
  return stdout;
}
