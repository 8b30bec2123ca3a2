import { describe, expect, it } from 'vitest';
import { NOTHING_PLACED, type Placement } from '../../../src/mesh/placement.ts';
import { type PlacementRequest, type PlacementScope, planPlacement } from '../../../src/mesh/plan-placement.ts';
import { address, endpoint, meshWith, nodeWith, settings } from '../render/mesh-builder.ts';

const mesh = meshWith({
  nodes: [
    nodeWith({ name: 'db', endpoints: [endpoint('sql', 'postgres', 5432, { kind: 'none' })] }),
    nodeWith({ name: 'cache', endpoints: [endpoint('redis', 'redis', 6379, { kind: 'auto' })] }),
    nodeWith({
      name: 'api',
      endpoints: [endpoint('http', 'http', 80, 20_001), endpoint('grpc', 'h2c', 81, { kind: 'auto' })],
      env: settings({ DB: address('db', 'sql', 'url') }),
    }),
  ],
});

const plan = (request: Partial<PlacementRequest> = {}, scope: Partial<PlacementScope> = {}) =>
  planPlacement(
    { mesh, local: ['api'], before: NOTHING_PLACED, bridge: '172.17.0.1', ...request },
    { publishes: () => false, forwards: () => false, isFree: async () => true, seed: 0, ...scope },
  );

const BEFORE: Placement = {
  local: ['api'],
  address: '172.17.0.1',
  hostPorts: { 'db.sql': 25_000, 'api.grpc': 25_001, 'cache.redis': 25_002 },
  reachPorts: { 'api.http': 25_003, 'api.grpc': 25_004 },
};

describe('planPlacement', () => {
  it('gives ports to what moves and to what that calls, and none that the manifest gives already', async () => {
    expect(await plan()).toEqual({
      local: ['api'],
      address: '172.17.0.1',
      hostPorts: { 'db.sql': 20_000, 'api.grpc': 20_002 },
      reachPorts: { 'api.http': 20_003, 'api.grpc': 20_004 },
    });
  });

  it('needs no second port where the engine leads containers to this machine itself', async () => {
    expect(await plan({ bridge: undefined })).toMatchObject({ address: 'host.docker.internal', reachPorts: {} });
  });

  it('keeps ports that are free or its own, and forgets those that nobody needs', async () => {
    const { hostPorts, reachPorts } = await plan({ before: BEFORE });
    expect(hostPorts).toEqual({ 'db.sql': 25_000, 'api.grpc': 25_001 });
    expect(reachPorts).toEqual(BEFORE.reachPorts);
    const inUse = { publishes: () => true, forwards: () => true, isFree: async (port: number) => port < 25_000 };
    expect(await plan({ before: BEFORE }, inUse)).toMatchObject({ hostPorts, reachPorts });
  });

  it('gives up a port that somebody else has taken, on both sides', async () => {
    const isFree = async (port: number) => port < 25_000;
    expect(await plan({ before: BEFORE }, { isFree, publishes: (key) => key === 'db.sql' })).toMatchObject({
      hostPorts: { 'db.sql': 25_000, 'api.grpc': 20_000 },
      reachPorts: { 'api.http': 20_002, 'api.grpc': 20_003 },
    });
  });
});
