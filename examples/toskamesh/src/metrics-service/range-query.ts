import type { Point } from './sample-ring.ts';

export const QUERY_FUNCTIONS = ['rate', 'avg', 'max', 'last'] as const;
export type QueryFunction = (typeof QUERY_FUNCTIONS)[number];

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly fn: QueryFunction;
}

/**
 * A point for each step, told by the time at its end, of the samples within it. A step without samples has no point:
 * that nothing is known is not 0.
 */
export function queryRange(samples: readonly Point[], { fromMs, toMs, stepMs, fn }: Range): readonly Point[] {
  const points: Point[] = [];
  let next = 0;
  let before: Point | undefined;
  for (let end = fromMs + stepMs; end <= toMs; end += stepMs) {
    const within: Point[] = [];
    for (let point = samples[next]; point !== undefined && point.t <= end; point = samples[next]) {
      if (point.t > end - stepMs) {
        within.push(point);
      } else {
        before = point;
      }
      next += 1;
    }
    const v = evaluate[fn](within, before);
    if (v !== undefined) {
      points.push({ t: end, v });
    }
    before = within.at(-1) ?? before;
  }
  return points;
}

/** What a counter grew by from the first sample to the last. One that fell began anew at 0, with its process. */
export function increase(samples: readonly Point[]): number {
  let grown = 0;
  for (const [at, { v }] of samples.entries()) {
    const previous = samples[at - 1];
    if (previous !== undefined) {
      grown += v >= previous.v ? v - previous.v : v;
    }
  }
  return grown;
}

/** Per second; undefined when there are not two samples between which something could grow. */
export function rate(samples: readonly Point[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  return first === undefined || last === undefined || last.t === first.t
    ? undefined
    : increase(samples) / ((last.t - first.t) / 1000);
}

type Evaluate = (within: readonly Point[], before: Point | undefined) => number | undefined;

const evaluate: Readonly<Record<QueryFunction, Evaluate>> = {
  rate: (within, before) =>
    within.length === 0 ? undefined : rate(before === undefined ? within : [before, ...within]),
  avg: (within) => (within.length === 0 ? undefined : within.reduce((sum, { v }) => sum + v, 0) / within.length),
  max: (within) => (within.length === 0 ? undefined : within.reduce((most, { v }) => Math.max(most, v), -Infinity)),
  last: (within) => within.at(-1)?.v,
};
