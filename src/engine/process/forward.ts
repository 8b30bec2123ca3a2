/** One end of a forward. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A TCP address of this machine that leads to another one. Containers reach the host at the address of their bridge,
 * while a service on the host listens on the loopback address only.
 */
export interface Forward {
  /** An IPv4 address of this machine, and a port. */
  readonly listen: SocketAddress;
  readonly to: SocketAddress;
  /** Blocks of IPv4 addresses, such as `172.17.0.0/16`, whose peers may connect. None at all admits nobody. */
  readonly allow: readonly string[];
}
