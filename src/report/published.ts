/** An address of a node, as events and `mesh dev ps` know it. */
export interface Address {
  readonly name: string;
  readonly protocol: string;
  readonly hostPort?: number | undefined;
  readonly url?: string | undefined;
  readonly note?: string | undefined;
}

/** The addresses that can be reached from here; the one that one would click comes first. */
export function publishedOf<A extends Address>(addresses: readonly A[]): readonly A[] {
  const published = addresses.filter((address) => address.hostPort !== undefined && address.protocol !== 'udp');
  const isWeb = ({ protocol }: A) => Number(protocol === 'http' || protocol === 'https');
  return [...published].sort((a, b) => isWeb(b) - isWeb(a));
}
