/** One running copy of a service, as the registry knows it. */
export interface Instance {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** `http` or `tcp`: how it is probed. */
  readonly scheme: string;
  readonly healthPath: string;
  /** False for one that says that it cannot work, or that has been silent for too long: nothing is sent to it. */
  readonly passing: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

export function addressOf({ address, port }: Instance): URL {
  return new URL(`http://${address.includes(':') ? `[${address}]` : address}:${port}`);
}
