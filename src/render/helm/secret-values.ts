import type { ChartSecret } from './chart.ts';

const PLACEHOLDER = 'insecure-development-';

/**
 * What a secret is in values.yaml: the manifest's own default, or a text that everybody can see is none, long enough that
 * programs take it. Production refuses both.
 */
export function devSecret({ name, dev, prod }: ChartSecret): string {
  const { fallback, minLength } = dev ?? prod ?? { fallback: undefined, minLength: 0 };
  return fallback ?? `${PLACEHOLDER}${name}`.padEnd(minLength, '-');
}
