import type { Location } from '../../../src/diagnostics/location.ts';
import type {
  Check,
  Endpoint,
  Health,
  HostPort,
  Mesh,
  MeshNode,
  Need,
  Protocol,
  Setting,
} from '../../../src/mesh/mesh.ts';
import type { AddressProperty, Part, Value } from '../../../src/mesh/value.ts';

/** A place in the manifest, for tests that do not look at places. */
export const AT: Location = { file: 'mesh.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };

/** A mesh with these nodes and whatever else the test is about. */
export function meshWith(fields: Partial<Mesh>): Mesh {
  return {
    name: 'shop',
    project: 'shop',
    version: '1.2.3',
    environment: 'dev',
    root: '/home/me/shop',
    nodes: [],
    secrets: [],
    places: {},
    ...fields,
  };
}

/** A service that needs nothing, publishes nothing and is ready when it runs. */
export function nodeWith(fields: Partial<MeshNode> & { readonly name: string }): MeshNode {
  return {
    kind: 'service',
    tier: 'core',
    image: `${fields.name}:dev`,
    endpoints: [],
    needs: [],
    canRunWithout: [],
    calls: [],
    env: [],
    volumes: [],
    files: [],
    health: healthWith({ kind: 'running' }),
    resources: { requests: {}, limits: {} },
    replicas: 1,
    restart: 'no',
    job: false,
    stopGraceMs: 10_000,
    profiles: [],
    values: {},
    kubernetes: { service: 'ClusterIP' },
    at: AT,
    ...fields,
  };
}

export function healthWith(ready: Check, fields: Partial<Health> = {}): Health {
  return {
    ready,
    withinMs: 60_000,
    readyDelayMs: 0,
    readyEveryMs: 5000,
    liveDelayMs: 0,
    liveEveryMs: 10_000,
    client: 'bash',
    ...fields,
  };
}

export function endpoint(name: string, protocol: Protocol, port: number, host: HostPort | number = port): Endpoint {
  return { name, protocol, port, host: typeof host === 'number' ? { kind: 'fixed', port: host } : host, at: AT };
}

export function need(node: string, condition: Need['condition'] = 'ready'): Need {
  return { node, condition, at: AT };
}

/** Settings from texts and parts: `settings({ URL: address('api', 'http') })`. */
export function settings(values: Readonly<Record<string, string | Part | Value>>): Setting[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: asValue(value), at: AT }));
}

export function asValue(value: string | Part | Value): Value {
  if (typeof value === 'string') return [text(value)];
  return 'kind' in value ? [value] : value;
}

export function text(value: string): Part {
  return { kind: 'text', text: value };
}

export function secret(name: string): Part {
  return { kind: 'secret', name };
}

export function address(node: string, endpointName: string, property: AddressProperty = 'url'): Part {
  return { kind: 'address', node, endpoint: endpointName, property };
}
