export interface Bucket {
  /** The upper bound, the last one's infinite. */
  readonly le: number;
  /** Observations up to the bound, those of the lower buckets too. */
  readonly count: number;
}

/**
 * Estimates a quantile as Prometheus' histogram_quantile does: evenly spread within its bucket.
 * https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 *
 * @param q - from 0 to 1
 * @returns undefined when nothing was observed
 */
export function quantile(q: number, buckets: readonly Bucket[]): number | undefined {
  const sorted = [...buckets].sort((a, b) => a.le - b.le);
  const total = sorted.at(-1)?.count ?? 0;
  if (total === 0) {
    return undefined;
  }
  const rank = q * total;
  const at = sorted.findIndex(({ count }) => count >= rank);
  const bucket = sorted[at];
  const below = sorted[at - 1] ?? { le: 0, count: 0 };
  if (bucket === undefined || bucket.le === Infinity) {
    // Above the last bound no more can be told than that.
    return below.le;
  }
  const inside = bucket.count - below.count;
  return inside === 0 ? bucket.le : below.le + (bucket.le - below.le) * ((rank - below.count) / inside);
}
