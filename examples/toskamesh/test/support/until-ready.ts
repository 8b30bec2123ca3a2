import { expect, vi } from 'vitest';
import type { RunningService } from './running-service.ts';

const READY_MS = 60_000;

export async function readiness({ url }: RunningService): Promise<number> {
  return (await fetch(`${url}/health/ready`)).status;
}

/** Within tests and what goes before them. */
export async function untilReady(...services: readonly RunningService[]): Promise<void> {
  for (const service of services) {
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: READY_MS });
  }
}
