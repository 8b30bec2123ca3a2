import type Dockerode from 'dockerode';
import { connectDocker, engineError } from './connect.ts';
import type { DockerHost } from './docker-host.ts';
import { projectFilter } from './observe.ts';

/** How containers of an engine reach a process of this machine by the name `host.docker.internal`. */
export type HostAccess =
  /** The engine's virtual machine leads the name to this machine's loopback address. */
  | { readonly kind: 'direct' }
  /** The name leads to an address of this machine, where somebody has to listen. */
  | { readonly kind: 'bridge'; readonly address: string }
  | { readonly kind: 'none'; readonly reason: string };

/** @param platform of this machine, as Node names it */
export async function findHostAccess(host: DockerHost, platform: string): Promise<HostAccess> {
  if (host.kind !== 'unix') return { kind: 'none', reason: `the engine at ${host.label} runs on another machine` };
  const docker = connectDocker(host);
  try {
    const info: EngineDescription = await docker.info();
    // Engines for macOS and Windows, and Docker Desktop everywhere, run in a virtual machine that knows the way out.
    if (platform !== 'linux' || info.OperatingSystem?.includes('Docker Desktop') === true) return { kind: 'direct' };
    if (info.SecurityOptions?.includes('name=rootless') === true)
      return { kind: 'none', reason: 'the engine runs without root, in a network of its own' };
    const address = await bridgeAddress(docker);
    return address === undefined
      ? { kind: 'none', reason: 'the engine has no default bridge network, which host-gateway leads to' }
      : { kind: 'bridge', address };
  } catch (error) {
    throw engineError(error, host, 'describe itself');
  }
}

interface EngineDescription {
  readonly OperatingSystem?: string;
  readonly SecurityOptions?: readonly string[];
}

interface NetworkDescription {
  readonly Name: string;
  readonly IPAM?: { readonly Config?: readonly AddressBlock[] | null | undefined } | undefined;
}

interface AddressBlock {
  readonly Gateway?: string | undefined;
  readonly Subnet?: string | undefined;
}

/** Docker's own meaning of `host-gateway`: the gateway of its default bridge. */
async function bridgeAddress(docker: Dockerode): Promise<string | undefined> {
  const networks: readonly NetworkDescription[] = await docker.listNetworks({ filters: { name: ['bridge'] } });
  const bridge = networks.find((network) => network.Name === 'bridge');
  return configsOf(bridge).find(({ Gateway }) => Gateway !== undefined && isIpv4(Gateway))?.Gateway;
}

/** The IPv4 networks of a project as CIDR blocks: where its containers call from. None before the first container. */
export async function projectSubnets(host: DockerHost, project: string): Promise<string[]> {
  try {
    const networks: readonly NetworkDescription[] = await connectDocker(host).listNetworks({
      filters: projectFilter(project),
    });
    return networks
      .flatMap(configsOf)
      .flatMap(({ Subnet }) => (Subnet !== undefined && isIpv4(Subnet) ? [Subnet] : []));
  } catch (error) {
    throw engineError(error, host, 'list networks');
  }
}

function configsOf(network: NetworkDescription | undefined): readonly AddressBlock[] {
  return network?.IPAM?.Config ?? [];
}

function isIpv4(text: string): boolean {
  return !text.includes(':');
}
