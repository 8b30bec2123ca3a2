import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Instance } from './instance.ts';

export interface InstanceList {
  readonly instances: readonly Instance[];
}

/** Each method's request and reply, as proto/discovery.proto has them. */
export interface DiscoveryMethods {
  readonly Register: [request: { readonly instance: Instance | null }, reply: { readonly ttlSeconds: number }];
  readonly Deregister: [request: { readonly id: string }, reply: { readonly known: boolean }];
  readonly Heartbeat: [
    request: { readonly id: string; readonly unready?: boolean },
    reply: { readonly known: boolean },
  ];
  readonly Resolve: [request: { readonly service: string }, reply: InstanceList];
  readonly List: [request: Record<string, never>, reply: InstanceList];
}

export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

export interface HealthCheckResponse {
  readonly status: ServingStatus;
}

export const DISCOVERY_SERVICE = 'toskamesh.discovery.v1.Discovery';

export const discoveryDefinition = load('discovery.proto', DISCOVERY_SERVICE);
export const healthDefinition = load('health.proto', 'grpc.health.v1.Health');

export function methodOf(definition: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = definition[name];
  if (method === undefined) {
    throw new Error(`the proto has no method ${name}`);
  }
  return method;
}

function load(file: string, service: string): ServiceDefinition {
  // The same place from src/ and from dist/.
  const path = fileURLToPath(new URL(`../proto/${file}`, import.meta.url));
  return loadSync(path, { longs: Number, enums: String, defaults: true })[service] as ServiceDefinition;
}
