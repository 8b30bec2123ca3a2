/** What the last run made of each node: kept in `.mesh/`, so that a plan can name the key that changed. */
export interface Applied {
  readonly v: 1;
  readonly nodes: Readonly<Record<string, AppliedNode>>;
}

export interface AppliedNode {
  /** The ids of its instances, in the order of their replica numbers. */
  readonly ids: readonly string[];
  readonly spec: NodeSpec;
}

/**
 * A node as the engine gets it, flat: `environment.URLS` → `http://+:80`. Two nodes with equal specs need no change.
 * Secrets appear as digests only.
 */
export type NodeSpec = Readonly<Record<string, string>>;

export const NOTHING_APPLIED: Applied = { v: 1, nodes: {} };
