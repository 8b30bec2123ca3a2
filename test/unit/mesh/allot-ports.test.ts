import { describe, expect, test } from 'vitest';
import { type AllotScope, allotPorts } from '../../../src/mesh/allot-ports.ts';

const scope = (fields: Partial<AllotScope>): AllotScope => ({
  kept: {},
  holds: () => false,
  isFree: async () => true,
  seed: 0,
  ...fields,
});

const NEEDS = [
  { key: 'a.http', node: 'a', fixed: 5000 },
  { key: 'b.http', node: 'b' },
  { key: 'c.http', node: 'c' },
];

describe('allotPorts', () => {
  test('fixed ports are as the manifest says, others are free ones', async () => {
    const isFree = async (port: number) => port !== 20_000;
    expect(await allotPorts(NEEDS, scope({ isFree }))).toEqual({ 'a.http': 5000, 'b.http': 20_001, 'c.http': 20_002 });
  });

  test('a port is kept', async () => {
    const kept = { 'b.http': 23_456, 'c.http': 20_000 };
    expect(await allotPorts(NEEDS, scope({ kept }))).toEqual({ 'a.http': 5000, 'b.http': 23_456, 'c.http': 20_000 });
  });

  test('a kept port that somebody else took is given up, unless the node itself holds it', async () => {
    const kept = { 'b.http': 23_456, 'c.http': 23_457 };
    const isFree = async (port: number) => port < 23_000;
    const ports = await allotPorts(NEEDS, scope({ kept, isFree, holds: ({ node }) => node === 'b' }));
    expect(ports).toEqual({ 'a.http': 5000, 'b.http': 23_456, 'c.http': 20_000 });
  });

  test('a kept port that the manifest now gives to another node is given up', async () => {
    const ports = await allotPorts(NEEDS, scope({ kept: { 'b.http': 5000 } }));
    expect(ports['b.http']).toBe(20_000);
  });
});
