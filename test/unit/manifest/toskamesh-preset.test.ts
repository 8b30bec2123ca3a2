import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readClosures } from '../../../src/cli/read-closures.ts';
import type { ProjectClosures } from '../../../src/dotnet/project-closure.ts';
import { readManifest } from '../../../src/manifest/read-manifest.ts';
import type { Amounts, Mesh, MeshNode } from '../../../src/mesh/mesh.ts';
import { nodeOf } from '../../../src/mesh/mesh.ts';
import { resolveMesh } from '../../../src/mesh/resolve.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

/* What ToskaMesh's sources say, by service. Changing the preset means changing what is known about ToskaMesh. */
const HTTP_URLS = ['URLS'];
const BUSINESS = ['ASPNETCORE_URLS', 'ConnectionStrings__DefaultConnection', 'Jwt__Secret'];
const EARLY = { ready: 5_000, live: 10_000 };
const LATE = { ready: 10_000, live: 15_000 };
const DEV = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } };
const PROD = { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2', memory: '2Gi' } };
const DATABASE = ['postgres', 'consul', 'discovery'];

interface Facts {
  readonly folder: string;
  readonly tier: string;
  readonly needs: readonly string[];
  /** Endpoint → port in the container, and on this machine. */
  readonly ports: Readonly<Record<string, readonly [container: number, host: number | 'free']>>;
  /** Beside ASPNETCORE_ENVIRONMENT, which all read. */
  readonly variables: readonly string[];
  readonly delays: { readonly ready: number; readonly live: number };
  readonly dev: Resources;
  readonly prod: Resources;
  readonly prodReplicas: number;
  readonly metrics: boolean;
}

interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const usual = { dev: DEV, prod: PROD, prodReplicas: 3 };
const business = (name: string, host: number): Facts => ({
  folder: `src/Services/ToskaMesh.${name}`,
  tier: 'business',
  needs: DATABASE,
  ports: { http: [80, host] },
  variables: BUSINESS,
  delays: LATE,
  metrics: true,
  ...usual,
});

const SERVICES: Readonly<Record<string, Facts>> = {
  core: {
    folder: 'src/Core/ToskaMesh.Core',
    tier: 'core',
    needs: ['postgres', 'consul'],
    ports: { silo: [11111, 11111], orleans: [30000, 30000] },
    variables: ['ClusterId', 'ServiceId', 'ClusteringMode', 'ConsulAddress', 'SiloPort', 'GatewayPort'].map(
      (name) => `Orleans__${name}`,
    ),
    delays: { ready: 20_000, live: 30_000 },
    dev: { requests: { cpu: '200m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    prod: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '4', memory: '4Gi' } },
    prodReplicas: 3,
    metrics: false,
  },
  discovery: {
    folder: 'src/Core/ToskaMesh.Discovery',
    tier: 'discovery',
    needs: ['consul', 'rabbitmq', 'core'],
    ports: { http: [80, 5010], grpc: [50051, 50051] },
    variables: [
      'Kestrel__Endpoints__Http__Url',
      'Kestrel__Endpoints__Grpc__Url',
      'Kestrel__Endpoints__Grpc__Protocols',
      'Consul__Address',
      'Messaging__RabbitMqHost',
      'Messaging__RabbitMqUsername',
      'Messaging__RabbitMqPassword',
      'Mesh__ServiceAuth__Secret',
    ],
    delays: EARLY,
    metrics: false,
    ...usual,
  },
  'auth-service': business('AuthService', 5001),
  'config-service': business('ConfigService', 5002),
  'metrics-service': { ...business('MetricsService', 5003), needs: [...DATABASE, 'prometheus'] },
  'tracing-service': business('TracingService', 5004),
  gateway: {
    folder: 'src/Core/ToskaMesh.Gateway',
    tier: 'gateway',
    needs: ['consul', 'discovery', 'prometheus'],
    ports: { http: [80, 5000] },
    variables: [
      ...HTTP_URLS,
      'Jwt__SecretKey',
      'Jwt__Issuer',
      'Jwt__Audience',
      'Mesh__ServiceAuth__Secret',
      'Mesh__ServiceDiscovery__Grpc__Address',
    ],
    delays: EARLY,
    metrics: true,
    ...usual,
  },
  'health-monitor': {
    folder: 'src/Core/ToskaMesh.HealthMonitor',
    tier: 'monitoring',
    needs: ['consul', 'discovery'],
    ports: { http: [80, 5005] },
    variables: [
      ...HTTP_URLS,
      'Consul__Address',
      'HealthMonitor__ProbeIntervalSeconds',
      'HealthMonitor__HttpTimeoutSeconds',
      'HealthMonitor__TcpTimeoutSeconds',
      'HealthMonitor__FailureThreshold',
      'HealthMonitor__RecoveryThreshold',
    ],
    delays: EARLY,
    dev: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '200m', memory: '256Mi' } },
    prod: { requests: { cpu: '200m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } },
    prodReplicas: 2,
    metrics: true,
  },
};

const SERVERS: Readonly<
  Record<string, { readonly image: string; readonly ports: readonly string[]; readonly profiles: readonly string[] }>
> = {
  postgres: { image: 'postgres:15-alpine', ports: ['5432/tcp'], profiles: [] },
  consul: { image: 'hashicorp/consul:1.16', ports: ['8500/tcp', '8600/tcp', '8600/udp'], profiles: [] },
  rabbitmq: { image: 'rabbitmq:3.12-management-alpine', ports: ['5672/tcp', '15672/tcp'], profiles: [] },
  prometheus: { image: 'prom/prometheus', ports: ['9090/tcp'], profiles: [] },
  redis: { image: 'redis:7-alpine', ports: ['6379/tcp'], profiles: ['cache'] },
  grafana: { image: 'grafana/grafana', ports: ['3000/tcp'], profiles: ['dashboards'] },
};

let dev: Mesh;
let prod: Mesh;
let closures: ProjectClosures;

beforeAll(() => {
  dev = resolvePreset(undefined);
  prod = resolvePreset('prod');
  // A workspace laid out as ToskaMesh's own.
  const root = path.resolve(import.meta.dirname, '../../fixtures/dotnet-mesh');
  closures = readClosures({ mesh: { ...dev, root }, file: 'mesh.yaml' }).closures;
});

describe('the preset', () => {
  it('has these servers and services and no others', () => {
    const names = (kind: MeshNode['kind']) =>
      dev.nodes
        .filter((node) => node.kind === kind)
        .map((node) => node.name)
        .sort();
    expect(names('infrastructure')).toEqual(Object.keys(SERVERS).sort());
    expect(names('service')).toEqual(Object.keys(SERVICES).sort());
  });

  it('keeps these secrets', () => {
    expect(dev.secrets.map(({ name, minLength, fallback }) => [name, minLength, fallback])).toEqual([
      ['postgres-password', 16, undefined],
      ['rabbitmq-password', 0, 'guest'],
      ['jwt', 32, undefined],
      ['mesh-service-auth', 32, undefined],
    ]);
  });

  it('gives gateway and auth-service one signing key, and gateway and discovery one service secret', () => {
    const settingOf = (node: string, variable: string) =>
      nodeOf(dev, node).env.find(({ name }) => name === variable)?.value;
    expect(settingOf('gateway', 'Jwt__SecretKey')).toEqual([{ kind: 'secret', name: 'jwt' }]);
    expect(settingOf('gateway', 'Jwt__SecretKey')).toEqual(settingOf('auth-service', 'Jwt__Secret'));
    expect(settingOf('gateway', 'Mesh__ServiceAuth__Secret')).toEqual([{ kind: 'secret', name: 'mesh-service-auth' }]);
    expect(settingOf('gateway', 'Mesh__ServiceAuth__Secret')).toEqual(
      settingOf('discovery', 'Mesh__ServiceAuth__Secret'),
    );
  });

  it('runs in Production in prod and in Development elsewhere', () => {
    const modes = (mesh: Mesh) => new Set(servicesOf(mesh).map((node) => textOf(node, 'ASPNETCORE_ENVIRONMENT')));
    expect(modes(dev)).toEqual(new Set(['Development']));
    expect(modes(prod)).toEqual(new Set(['Production']));
  });

  it('says why discovery is not on 5001', () => {
    expect(nodeOf(dev, 'discovery').endpoints[0]?.host).toEqual({
      kind: 'fixed',
      port: 5010,
      insteadOf: 5001,
      because: "5001 is auth-service's",
    });
  });

  it('lets Prometheus scrape every service that serves metrics', () => {
    const scraped = nodeOf(dev, 'prometheus').files[0]?.content.flatMap((part) =>
      part.kind === 'address' ? [part.node] : [],
    );
    const serving = servicesOf(dev).filter((node) => node.metrics !== undefined);
    expect(scraped?.sort()).toEqual(serving.map((node) => node.name).sort());
  });
});

describe.each(Object.entries(SERVICES))('%s', (name, facts) => {
  it('is built from its project', () => {
    const node = nodeOf(dev, name);
    expect(node.build).toMatchObject({
      kind: 'dotnet',
      project: facts.folder,
      assembly: facts.folder.split('/').at(-1),
      context: '.',
    });
    expect([node.image, node.tier]).toEqual([`toskamesh-${name}`, facts.tier]);
  });

  it('refers to what a workspace of its layout refers to', () => {
    const { build } = nodeOf(dev, name);
    const references = build?.kind === 'dotnet' ? (build.references ?? []) : [];
    const libraries = closures.get(name)?.libraries ?? [];
    expect([...references].sort()).toEqual(libraries.map(({ file }) => path.dirname(file)).sort());
    for (const library of libraries) {
      const before = references.slice(0, references.indexOf(path.dirname(library.file)));
      expect(before).toEqual(expect.arrayContaining(library.references.map((file) => path.dirname(file))));
    }
  });

  it('needs, listens and reads as its sources say', () => {
    const node = nodeOf(dev, name);
    expect(node.needs.map((need) => [need.node, need.condition])).toEqual(facts.needs.map((need) => [need, 'ready']));
    expect(
      Object.fromEntries(
        node.endpoints.map(({ name: endpoint, port, host }) => [
          endpoint,
          [port, host.kind === 'fixed' ? host.port : 'free'],
        ]),
      ),
    ).toEqual(facts.ports);
    expect(node.env.map((setting) => setting.name).sort()).toEqual(
      ['ASPNETCORE_ENVIRONMENT', ...facts.variables].sort(),
    );
    expect(node.metrics).toEqual(facts.metrics ? { endpoint: 'http', path: '/metrics' } : undefined);
  });

  it('is probed where it answers', () => {
    const { health } = nodeOf(dev, name);
    const [ready, live] =
      name === 'core'
        ? [
            { kind: 'tcp', endpoint: 'silo' },
            { kind: 'tcp', endpoint: 'silo' },
          ]
        : [
            { kind: 'http', endpoint: 'http', path: '/health/ready' },
            { kind: 'http', endpoint: 'http', path: '/health/live' },
          ];
    expect(health).toMatchObject({ ready, live, readyEveryMs: 5_000, liveEveryMs: 10_000, client: 'bash' });
    expect({ ready: health.readyDelayMs, live: health.liveDelayMs }).toEqual(facts.delays);
  });

  it('gets its share of the machine', () => {
    expect(nodeOf(dev, name).resources).toEqual(facts.dev);
    expect(nodeOf(prod, name).resources).toEqual(facts.prod);
    expect([nodeOf(dev, name).replicas, nodeOf(prod, name).replicas]).toEqual([1, facts.prodReplicas]);
  });
});

describe.each(Object.entries(SERVERS))('%s', (name, facts) => {
  it('is the published image, on its usual ports', () => {
    const node = nodeOf(dev, name);
    const ports = node.endpoints.map(({ port, protocol }) => `${port}/${protocol === 'udp' ? 'udp' : 'tcp'}`);
    expect({ image: node.image, ports: ports.sort(), profiles: node.profiles }).toEqual({
      ...facts,
      ports: [...facts.ports].sort(),
    });
  });

  it('is published where its container listens', () => {
    for (const { port, host } of nodeOf(dev, name).endpoints) expect(host).toEqual({ kind: 'fixed', port });
  });

  it('stays one in prod', () => {
    expect(nodeOf(prod, name).replicas).toBe(1);
  });
});

function resolvePreset(environment: string | undefined): Mesh {
  using folder = createTemporaryFolder();
  folder.write('mesh.yaml', 'extends: toskamesh\n');
  const resolved = resolveMesh(readManifest({ cwd: folder.path, environment }));
  expect(resolved.diagnostics).toEqual([]);
  if (resolved.value === undefined) throw new Error('the preset has no mesh');
  return resolved.value;
}

function servicesOf(mesh: Mesh): MeshNode[] {
  return mesh.nodes.filter((node) => node.kind === 'service');
}

function textOf(node: MeshNode, variable: string): string | undefined {
  const [part] = node.env.find(({ name }) => name === variable)?.value ?? [];
  return part?.kind === 'text' ? part.text : undefined;
}
