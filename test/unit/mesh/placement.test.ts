import { describe, expect, it } from 'vitest';
import { containerAddress } from '../../../src/mesh/address.ts';
import { nodeOf } from '../../../src/mesh/mesh.ts';
import { calledOnHost, hostNodesOf, type Placement, placeOnHost } from '../../../src/mesh/placement.ts';
import { address, endpoint, meshWith, nodeWith, settings, text } from '../render/mesh-builder.ts';

const mesh = meshWith({
  nodes: [
    nodeWith({ name: 'db', endpoints: [endpoint('sql', 'postgres', 5432, { kind: 'none' })] }),
    nodeWith({ name: 'cache', endpoints: [endpoint('redis', 'redis', 6379, { kind: 'auto' })] }),
    nodeWith({
      name: 'api',
      endpoints: [endpoint('http', 'http', 80, 5000), endpoint('grpc', 'h2c', 81, { kind: 'auto' })],
      env: settings({ DB: address('db', 'sql', 'url'), SELF: address('api', 'http', 'url') }),
    }),
    nodeWith({ name: 'web', env: settings({ API: address('api', 'http', 'url') }) }),
    nodeWith({
      name: 'scraper',
      files: [
        { path: '/targets', content: [text('- '), address('api', 'grpc', 'address')], at: nodeWith({ name: 'x' }).at },
      ],
    }),
  ],
});
const placement: Placement = {
  local: ['api'],
  address: '172.17.0.1',
  hostPorts: { 'db.sql': 20_001, 'cache.redis': 20_002, 'api.grpc': 20_003 },
  reachPorts: { 'api.http': 20_004, 'api.grpc': 20_005 },
};
const hostOf = (name: string, endpointName: string, in_ = placeOnHost(mesh, placement)) =>
  nodeOf(in_, name).endpoints.find((candidate) => candidate.name === endpointName)?.host;
const addressOf = (node: string, endpointName: string, in_ = placeOnHost(mesh, placement)) =>
  containerAddress(in_, { kind: 'address', node, endpoint: endpointName, property: 'url' });

describe('a node on the host', () => {
  it('keeps the fixed port of the manifest, and gets one where the engine would have picked it', () => {
    expect(hostOf('api', 'http')).toMatchObject({ kind: 'fixed', port: 5000 });
    expect(hostOf('api', 'grpc')).toMatchObject({ kind: 'fixed', port: 20_003 });
  });

  it('is reached by containers at the host, at the port of the forward or its own', () => {
    expect(addressOf('api', 'http')).toBe('http://host.docker.internal:20004');
    const direct = placeOnHost(mesh, { ...placement, reachPorts: {} });
    expect(addressOf('api', 'http', direct)).toBe('http://host.docker.internal:5000');
    expect(addressOf('db', 'sql')).toBe('postgres://db:5432');
  });

  it('has what it calls published at a fixed port, with the reason; what it does not call stays as it was', () => {
    expect(hostOf('db', 'sql')).toEqual({ kind: 'fixed', port: 20_001, because: 'for api, which runs on the host' });
    expect(hostOf('cache', 'redis')).toEqual({ kind: 'auto' });
  });

  it('is known to those that call it, in settings or in files', () => {
    const placed = placeOnHost(mesh, placement);
    expect(placed.nodes.filter((node) => calledOnHost(placed, node).length > 0).map(({ name }) => name)).toEqual([
      'api',
      'web',
      'scraper',
    ]);
    expect(hostNodesOf(placed)).toEqual(['api']);
  });
});

describe('a placement', () => {
  it('without nodes, or with nodes that are no more, changes nothing', () => {
    expect(placeOnHost(mesh, { ...placement, local: [] })).toEqual(mesh);
    expect(placeOnHost(mesh, { ...placement, local: ['gone'] })).toEqual(mesh);
  });

  it('leaves a port that was never given to the engine', () => {
    expect(hostOf('db', 'sql', placeOnHost(mesh, { ...placement, hostPorts: {} }))).toEqual({ kind: 'none' });
  });
});
