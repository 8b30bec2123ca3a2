import type { Decoded } from '../manifest/decode.ts';
import { entryAt, placeOf, type Tree } from '../manifest/tree.ts';
import { type PortRemaps, type PortWish, planHostPorts } from './host-ports.ts';
import { type Entry, entriesOf } from './manifest-entries.ts';
import type { MeshInstance, Protocol } from './mesh.ts';
import { portBlockRemaps } from './port-block.ts';

/** The fixed host ports that the manifest gives the main instance. */
export function preferredHostPorts(input: Pick<Decoded, 'manifest' | 'tree'>): number[] {
  const { ports } = planHostPorts(wishesOfAll(input), {});
  return [...ports.values()].flatMap((host) => (host.kind === 'fixed' ? [host.port] : []));
}

interface PortInput extends Pick<Decoded, 'manifest' | 'tree'> {
  readonly instance?: MeshInstance | undefined;
  /** What `--remap-ports` decided on this machine. */
  readonly remaps?: PortRemaps | undefined;
}

/** The host port of every endpoint: as the manifest asks, moved for the instance, and moved again where one was taken. */
export function planPorts(input: PortInput): ReturnType<typeof planHostPorts> {
  const { instance, remaps = {} } = input;
  const wishes = wishesOfAll(input);
  if (instance === undefined) return planHostPorts(wishes, remaps);
  const block = portBlockRemaps(planHostPorts(wishes, {}).ports, instance);
  const onTop = Object.entries(remaps).map(([key, remap]) => {
    const before = block[key]?.because;
    return [key, before === undefined ? remap : { ...remap, because: `${before} was taken on this machine` }] as const;
  });
  return planHostPorts(wishes, { ...block, ...Object.fromEntries(onTop) });
}

function wishesOfAll(input: Pick<Decoded, 'manifest' | 'tree'>): PortWish[] {
  return [...entriesOf(input, 'infrastructure'), ...entriesOf(input, 'services')].flatMap((entry) =>
    wishesOf(entry, input.tree),
  );
}

const PROTOCOLS: readonly Protocol[] = ['http', 'h2c', 'tcp', 'udp', 'postgres', 'redis', 'amqp'];

/** An endpoint that is called as a protocol speaks it; `grpc` without TLS is h2c. */
export function protocolOf(endpointName: string): Protocol {
  if (endpointName === 'grpc') return 'h2c';
  return PROTOCOLS.find((protocol) => protocol === endpointName) ?? 'tcp';
}

/** A privileged port is not claimed on the host unasked: the engine picks a free one. */
const FIRST_UNPRIVILEGED_PORT = 1024;

function wishesOf(entry: Entry, tree: Tree): PortWish[] {
  return Object.entries(entry.node.endpoints ?? {}).map(([endpoint, { port, protocol, host }]) => {
    const path = [entry.section, entry.name, 'endpoints', endpoint];
    const hostEntry = entryAt(tree, [...path, 'host']);
    return {
      node: entry.name,
      endpoint,
      transport: (protocol ?? protocolOf(endpoint)) === 'udp' ? 'udp' : 'tcp',
      wish: wishOf(host, port),
      at: hostEntry?.tree.at ?? entryAt(tree, path)?.keyAt ?? placeOf(tree, path),
    };
  });
}

function wishOf(host: number | readonly number[] | 'auto' | 'none' | undefined, port: number): PortWish['wish'] {
  if (host === 'auto' || host === 'none') return { kind: host };
  if (host === undefined) return port < FIRST_UNPRIVILEGED_PORT ? { kind: 'auto' } : { kind: 'ports', ports: [port] };
  return { kind: 'ports', ports: typeof host === 'number' ? [host] : host };
}
