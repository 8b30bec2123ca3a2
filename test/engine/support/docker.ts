import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The docker command's output; the tests look at the engine itself, and not at what mesh says of it. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export async function lines(...args: readonly string[]): Promise<string[]> {
  const text = await docker(...args);
  return text === '' ? [] : text.split('\n');
}

/** Service → container id of a project, stopped ones included. */
export async function containerIds(project: string): Promise<Record<string, string>> {
  const rows = await lines(
    'ps',
    '--all',
    '--no-trunc',
    '--filter',
    `label=com.docker.compose.project=${project}`,
    '--format',
    '{{.Label "com.docker.compose.service"}} {{.ID}}',
  );
  return Object.fromEntries(rows.map((row) => row.split(' ') as [string, string]).sort());
}

export async function inspect<T>(id: string, template: string): Promise<T> {
  return JSON.parse(await docker('inspect', '--format', `{{json ${template}}}`, id)) as T;
}

/** All that a project left on the engine. */
export async function remains(project: string): Promise<string[]> {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`];
  const [containers, networks, volumes] = await Promise.all([
    lines('ps', '--all', ...filter, '--format', 'container {{.Names}}'),
    lines('network', 'ls', ...filter, '--format', 'network {{.Name}}'),
    lines('volume', 'ls', ...filter, '--format', 'volume {{.Name}}'),
  ]);
  return [...containers, ...networks, ...volumes];
}
