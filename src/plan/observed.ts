export type InstanceState = 'created' | 'running' | 'restarting' | 'paused' | 'exited' | 'removing' | 'dead';

/** One replica of a node, as the engine holds it. */
export interface Instance {
  readonly node: string;
  /** From 1. */
  readonly replica: number;
  /** The engine's own id; changes when the instance is recreated. */
  readonly id: string;
  /** The container's name, for messages. */
  readonly name: string;
  readonly state: InstanceState;
  /** Known when it has exited. */
  readonly exitCode?: number | undefined;
  /** ISO time of the last start. */
  readonly startedAt?: string | undefined;
  /** The id of the image that it runs. */
  readonly imageId: string;
  readonly ports: readonly PublishedPort[];
  /** The folder from whose manifest it was made. */
  readonly workingDir?: string | undefined;
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hostPort: number;
}

/** One snapshot of what the engine really holds of a project. */
export interface Observed {
  readonly instances: readonly Instance[];
  /** Image name → id, of those asked for that are there. */
  readonly images: Readonly<Record<string, string>>;
}
