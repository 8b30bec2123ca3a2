import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const PROGRAM = path.join(ROOT, 'bin', 'mesh.js');

/** Drives `mesh` in a folder, as a person would. */
export function createMesh(folder) {
  const run = (args, stdio) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { cwd: folder, stdio, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const nodes = () => JSON.parse(run(['dev', 'ps', '--json'], ['ignore', 'pipe', 'inherit']).stdout).nodes;
  const nodeNamed = (name) => nodes().find((node) => node.name === name);

  return {
    /** The exit status of `mesh dev up`, whose output goes to the terminal. */
    up: (args) => run(['dev', 'up', ...args], 'inherit').status ?? 1,
    /** The same without output. */
    heal: () => run(['dev', 'up', '--remap-ports'], ['ignore', 'pipe', 'pipe']),
    urlOf: (name) => nodeNamed(name)?.endpoints.find((endpoint) => endpoint.protocol === 'http')?.url,
    replicasOf: (name) => nodeNamed(name)?.replicas ?? [],
  };
}

/** Ends a replica without a farewell. A container stays down; a process is restarted by its supervisor. */
export function crash(replica) {
  if (replica.pid === undefined) {
    spawnSync('docker', ['kill', replica.id], { stdio: 'ignore' });
  } else {
    try {
      process.kill(replica.pid, 'SIGKILL');
    } catch (error) {
      // It has ended by itself since it was looked up.
      if (error.code !== 'ESRCH') throw error;
    }
  }
}
