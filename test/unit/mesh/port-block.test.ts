import { describe, expect, it } from 'vitest';
import type { HostPort } from '../../../src/mesh/mesh.ts';
import { choosePortOffset, portBlockRemaps } from '../../../src/mesh/port-block.ts';

describe('choosePortOffset', () => {
  it('is the smallest hundred with which all ports are free', () => {
    expect(choosePortOffset({ preferred: [5000, 5432], taken: [] })).toBe(100);
    expect(choosePortOffset({ preferred: [5000, 5432], taken: [5100] })).toBe(200);
    expect(choosePortOffset({ preferred: [5000, 5432], taken: [5100, 5632] })).toBe(300);
  });

  it('leaves the ports of the main one alone, though it is not up', () => {
    expect(choosePortOffset({ preferred: [5000, 5100], taken: [] })).toBe(200);
  });

  it('takes no privileged port, and none that does not exist', () => {
    expect(choosePortOffset({ preferred: [80], taken: [] })).toBe(1000);
    expect(choosePortOffset({ preferred: [65_500], taken: [] })).toBeUndefined();
    expect(choosePortOffset({ preferred: [65_400], taken: [65_500] })).toBeUndefined();
  });

  it('keeps what it had as long as that fits', () => {
    expect(choosePortOffset({ preferred: [5000], taken: [], before: 300 })).toBe(300);
    expect(choosePortOffset({ preferred: [5000], taken: [5300], before: 300 })).toBe(100);
    expect(choosePortOffset({ preferred: [5000], taken: [], before: 0 })).toBe(100);
  });

  it('needs nothing for a mesh without ports', () => {
    expect(choosePortOffset({ preferred: [], taken: [5000] })).toBe(100);
  });

  it('lets no two of fifty copies meet', () => {
    const preferred = [1024, 5000, 5001, 5432, 15_672];
    const taken: number[] = [];
    for (let copy = 0; copy < 50; copy++) {
      const offset = choosePortOffset({ preferred, taken }) ?? 0;
      taken.push(...preferred.map((port) => port + offset));
    }
    expect(new Set([...preferred, ...taken]).size).toBe(51 * preferred.length);
  });
});

describe('portBlockRemaps', () => {
  const ports = new Map<string, HostPort>([
    ['web.http', { kind: 'fixed', port: 5000 }],
    ['web.admin', { kind: 'auto' }],
    ['web.debug', { kind: 'none' }],
  ]);

  it('moves every fixed port, and says why', () => {
    expect(portBlockRemaps(ports, { name: 'feature-x', offset: 100 })).toEqual({
      'web.http': { port: 5100, because: 'instance feature-x: 5000 + 100' },
    });
  });

  it('moves nothing of the main one', () => {
    expect(portBlockRemaps(ports, undefined)).toEqual({});
  });
});
