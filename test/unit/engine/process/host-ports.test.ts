import { describe, expect, test } from 'vitest';
import { portNeeds } from '../../../../src/engine/process/host-ports.ts';
import { meshOf } from './mesh-of.ts';

describe('portNeeds', () => {
  test('only the first replica can have the port of the manifest; servers open more than their endpoints', () => {
    const mesh = meshOf(`
name: shop
infrastructure:
  consul: { image: "hashicorp/consul:1", endpoints: { http: { port: 8500, protocol: http } } }
services:
  api: { image: api, replicas: 2, endpoints: { http: { port: 80, host: 5000 }, grpc: { port: 81, host: none } } }
`);
    expect(portNeeds(mesh).map(({ key, fixed }) => `${key} ${fixed ?? 'any'}`)).toMatchInlineSnapshot(`
      [
        "consul.http 8500",
        "consul.#server any",
        "consul.#serf-lan any",
        "consul.#serf-wan any",
        "consul.#grpc any",
        "consul.#grpc-tls any",
        "consul.#dns any",
        "api.http 5000",
        "api.grpc any",
        "api-2.http any",
        "api-2.grpc any",
      ]
    `);
  });
});
