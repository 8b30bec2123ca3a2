import type { Settings } from '@toskamesh/shared';

export interface Thresholds {
  /** Failures in a row that make an instance unhealthy. */
  readonly failure: number;
  /** Successes in a row that make an unhealthy instance healthy. */
  readonly recovery: number;
}

export interface Limits {
  readonly intervalMs: number;
  readonly httpTimeoutMs: number;
  readonly tcpTimeoutMs: number;
  readonly thresholds: Thresholds;
}

/** @throws FatalSetting that names a variable which is no number in its range */
export function readLimits(settings: Settings): Limits {
  const number = (name: string, fallback: number): number =>
    settings.integer(`HealthMonitor__${name}`, { fallback, min: 1, max: 3600 });
  return {
    intervalMs: number('ProbeIntervalSeconds', 30) * 1000,
    httpTimeoutMs: number('HttpTimeoutSeconds', 5) * 1000,
    tcpTimeoutMs: number('TcpTimeoutSeconds', 3) * 1000,
    thresholds: { failure: number('FailureThreshold', 3), recovery: number('RecoveryThreshold', 2) },
  };
}
