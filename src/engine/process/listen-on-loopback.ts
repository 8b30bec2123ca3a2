import { LOOPBACK } from './host-text.ts';

/** `http://+:5001`, `https://*:443`, `http://0.0.0.0:80`, `http://[::]:80`, as Kestrel and others take them. */
const WILDCARD_LISTENER = /\b(https?:\/\/)(?:\+|\*|0\.0\.0\.0|\[::\])(?::(\d+))?(?![\w.])/g;

/**
 * Inside a container a service listens on all addresses; on a laptop that would open it to the network.
 *
 * @param hostPorts container port → host port of the endpoints of the node: a port that is written as a number is
 *   the one inside the container
 */
export function listenOnLoopback(text: string, hostPorts: ReadonlyMap<number, number>): string {
  const taken = new Set(hostPorts.values());
  return text.replace(WILDCARD_LISTENER, (_, scheme: string, port: string | undefined) => {
    if (port === undefined) return `${scheme}${LOOPBACK}`;
    const written = Number(port);
    return `${scheme}${LOOPBACK}:${taken.has(written) ? written : (hostPorts.get(written) ?? written)}`;
  });
}
