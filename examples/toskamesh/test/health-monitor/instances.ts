import type { Instance } from '@toskamesh/shared';
import { probed, type Watched, watch } from '../../src/health-monitor/watched.ts';

export const NOW = Date.parse('2026-01-31T12:00:00Z');
export const THRESHOLDS = { failure: 2, recovery: 1 };

export function instance(change: Partial<Instance> = {}): Instance {
  return {
    id: 'config-1',
    service: 'config-service',
    address: '10.0.0.5',
    port: 80,
    scheme: 'http',
    healthPath: '/health/ready',
    passing: true,
    metadata: {},
    ...change,
  };
}

/** One that was probed with these outcomes, a second apart: undefined is a success. */
export function after(reasons: readonly (string | undefined)[], change: Partial<Instance> = {}): Watched {
  return reasons.reduce(
    (watched, reason, at) => probed(watched, { reason, tookMs: 3 }, THRESHOLDS, NOW + at * 1000),
    watch(instance(change), NOW),
  );
}
