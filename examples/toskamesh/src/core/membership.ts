import type { Dependency } from '@toskamesh/shared';
import type { Member } from './cluster.ts';

/** What a silo knows of its cluster. */
export interface ClusterStatus {
  readonly members: readonly Member[];
  /** This silo's id; undefined until it has joined. */
  readonly self: string | undefined;
  /** The leader's id; undefined when there is none, or when this silo cannot be sure. */
  readonly leader: string | undefined;
  /** When this was true; undefined before the first answer. */
  readonly asOf: Date | undefined;
}

export interface Membership {
  readonly kind: 'consul' | 'memory';
  /** What it stands on. */
  readonly dependencies: readonly Dependency[];
  status(): ClusterStatus;
  /** Calls back when this silo has joined for the first time, and after each look at the cluster. */
  start(onJoined: () => void, onSeen: (status: ClusterStatus) => void): void;
  leave(): Promise<void>;
}
