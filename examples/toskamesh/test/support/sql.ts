import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

const run = promisify(execFile);

/** Runs SQL in a PostgreSQL server, past the service that is tested; a row is its values parted by `|`. */
export async function runSql(postgres: Server, sql: string): Promise<readonly string[]> {
  const psql = ['psql', '--username', 'toksa_mesh', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];
  const options = ['--set', 'ON_ERROR_STOP=1', '--command', sql];
  const { stdout } = await run('docker', ['exec', postgres.containerId, ...psql, ...options]);
  return stdout.split('\n').filter((line) => line !== '');
}
