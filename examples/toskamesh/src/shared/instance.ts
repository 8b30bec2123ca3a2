/** One running copy of a service, as the registry knows it. */
export interface Instance {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** How the health monitor probes it: `http` at `healthPath`, or a bare `tcp` connection. */
  readonly scheme: string;
  readonly healthPath: string;
  /** Whether it has said lately that it lives. */
  readonly passing: boolean;
}

/** How long an instance counts as alive after its last heartbeat. */
export const TTL_SECONDS = 15;

const SCHEMES = new Set(['http', 'tcp']);
const NAME = /^[\w.:-]{1,200}$/;

/** What is wrong with an instance that someone wants to register. */
export function instanceProblem({ id, service, address, port, scheme }: Instance): string | undefined {
  if (!NAME.test(id) || !NAME.test(service)) {
    return 'id and service must be names of letters, digits and ._:-';
  }
  if (!NAME.test(address)) {
    return 'address must be a host name or an IP address';
  }
  if (port < 1 || port > 65_535) {
    return 'port must be a number from 1 to 65535';
  }
  return SCHEMES.has(scheme) ? undefined : 'scheme must be http or tcp';
}
