import { firstEndpoint } from './first-endpoint.ts';
import { type Host, onPath, programPath } from './host.ts';

export const redis: Host = {
  images: ['redis', 'valkey/valkey'],
  programs: ['redis-server'],
  sparePorts: [],
  hosting: onPath('redis-server'),
  command: ({ node, available, port, home }) => ({
    argv: [
      programPath(available, 'redis-server'),
      ...['--port', String(port(firstEndpoint(node, 'redis')))],
      ...['--bind', '127.0.0.1', '--dir', home, '--daemonize', 'no'],
      ...serverOptions(node.command),
    ],
    cwd: home,
    folders: [home],
  }),
};

/** What the manifest gives to `redis-server` in the container, such as `--appendonly yes`. */
function serverOptions(command: readonly string[] | undefined): readonly string[] {
  const [first, ...rest] = command ?? [];
  if (first === undefined) return [];
  if (first === 'redis-server') return rest;
  return first.startsWith('--') ? [first, ...rest] : [];
}
