import { describe, expect, it } from 'vitest';
import {
  GONE_KEPT_MS,
  listed,
  MISSING_UNTIL_GONE_MS,
  probed,
  unlisted,
  type Watched,
} from '../../src/health-monitor/watched.ts';
import { after, instance, NOW, THRESHOLDS } from './instances.ts';

const told = ({ history }: Watched) => history.map(({ from, to, reason }) => `${from} → ${to}: ${reason ?? ''}`);

function gone(watched: Watched): Watched {
  const missing = unlisted(watched, NOW - MISSING_UNTIL_GONE_MS) ?? watched;
  return unlisted(missing, NOW) ?? missing;
}

describe('an instance that is watched', () => {
  it('keeps each change with its reason, the newest first', () => {
    expect(told(after([undefined, 'HTTP 503', 'ECONNREFUSED']))).toEqual([
      'degraded → unhealthy: ECONNREFUSED',
      'healthy → degraded: HTTP 503',
      'unknown → healthy: ',
    ]);
  });

  it('has been what it is since the change, however often it is probed', () => {
    expect(after([undefined, undefined, undefined])).toMatchObject({ since: NOW, probedAt: NOW + 2000 });
  });

  it('holds a limited history', () => {
    const flapping = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? undefined : 'down'));
    expect(after(flapping).history).toHaveLength(50);
  });

  it('is gone when the registry misses it for a while, not for a moment', () => {
    const missing = unlisted(after([undefined]), NOW);
    expect(missing?.status).toBe('healthy');
    const back = missing && unlisted(listed(missing, instance(), NOW + 4000), NOW + 6000);
    expect(back?.status).toBe('healthy');
    expect(told(gone(after([undefined])))[0]).toBe('healthy → gone: no longer registered');
  });

  it('is shown as gone for a while and then forgotten', () => {
    const left = gone(after([undefined]));
    expect(unlisted(left, NOW + GONE_KEPT_MS - 1)).toBe(left);
    expect(unlisted(left, NOW + GONE_KEPT_MS)).toBeUndefined();
  });

  it('stays gone whatever a late probe says, and begins anew when it is back', () => {
    const left = gone(after([undefined]));
    expect(probed(left, { reason: undefined, tookMs: 1 }, THRESHOLDS, NOW).status).toBe('gone');
    const back = listed(left, instance({ port: 81 }), NOW);
    expect(back).toMatchObject({ status: 'unknown', instance: { port: 81 } });
    expect(told(back)[0]).toBe('gone → unknown: registered again');
  });
});
