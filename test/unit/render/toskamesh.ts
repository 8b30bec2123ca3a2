import type { Mesh, MeshNode } from '../../../src/mesh/mesh.ts';
import {
  AT,
  address,
  asValue,
  endpoint,
  healthWith,
  meshWith,
  need,
  nodeWith,
  secret,
  settings,
  text,
} from './mesh-builder.ts';

const DATABASE = [text('Host='), address('postgres', 'sql', 'host'), text(';Password='), secret('postgres-password')];

/** Twelve nodes in four layers, as large and as mixed as ToskaMesh: five images that are pulled, seven that are built. */
export function toskameshLike(changes: Readonly<Record<string, Partial<MeshNode>>> = {}): Mesh {
  const nodes = [...infrastructure(), ...services()].map((node) => ({ ...node, ...changes[node.name] }));
  return meshWith({
    name: 'toskamesh',
    secrets: [
      { name: 'postgres-password', variable: 'POSTGRES_PASSWORD', minLength: 16, at: AT },
      { name: 'rabbitmq-password', variable: 'RABBITMQ_PASSWORD', minLength: 1, fallback: 'guest', at: AT },
    ],
    nodes,
  });
}

function infrastructure(): MeshNode[] {
  const common = { kind: 'infrastructure', tier: 'infrastructure', restart: 'unless-stopped' } as const;
  return [
    nodeWith({
      ...common,
      name: 'postgres',
      image: 'postgres:15-alpine',
      endpoints: [endpoint('sql', 'postgres', 5432)],
      env: settings({
        POSTGRES_USER: 'toksa_mesh',
        POSTGRES_DB: 'toksa_mesh',
        POSTGRES_PASSWORD: secret('postgres-password'),
      }),
      volumes: [{ name: 'postgres-data', path: '/var/lib/postgresql/data' }],
      health: healthWith({
        kind: 'postgres',
        endpoint: 'sql',
        user: asValue('toksa_mesh'),
        database: asValue('toksa_mesh'),
      }),
    }),
    nodeWith({
      ...common,
      name: 'consul',
      image: 'hashicorp/consul:1.16',
      command: ['agent', '-server', '-ui', '-bootstrap-expect=1', '-client=0.0.0.0'],
      endpoints: [endpoint('http', 'http', 8500), endpoint('dns', 'tcp', 8600), endpoint('dns-udp', 'udp', 8600)],
      health: healthWith({ kind: 'consul', endpoint: 'http' }, { client: 'wget' }),
    }),
    nodeWith({
      ...common,
      name: 'rabbitmq',
      image: 'rabbitmq:3.12-management-alpine',
      endpoints: [endpoint('amqp', 'amqp', 5672), endpoint('management', 'http', 15672)],
      env: settings({ RABBITMQ_DEFAULT_USER: 'guest', RABBITMQ_DEFAULT_PASS: secret('rabbitmq-password') }),
      volumes: [{ name: 'rabbitmq-data', path: '/var/lib/rabbitmq' }],
      health: healthWith({ kind: 'amqp', endpoint: 'amqp' }, { withinMs: 90_000 }),
    }),
    nodeWith({
      ...common,
      name: 'redis',
      image: 'redis:7-alpine',
      endpoints: [endpoint('redis', 'redis', 6379, { kind: 'auto' })],
      health: healthWith({ kind: 'redis', endpoint: 'redis' }),
    }),
    nodeWith({
      ...common,
      name: 'prometheus',
      image: 'prom/prometheus:latest',
      endpoints: [endpoint('http', 'http', 9090)],
      files: [
        {
          path: '/etc/prometheus/prometheus.yml',
          content: [
            text('scrape_configs:\n  - job_name: gateway\n    static_configs:\n      - targets: ["'),
            address('gateway', 'http', 'address'),
            text(
              '"]\n    relabel_configs:\n      - { source_labels: [__address__], replacement: "$1", target_label: node }\n',
            ),
          ],
          at: AT,
        },
      ],
      health: healthWith({ kind: 'http', endpoint: 'http', path: '/-/ready' }, { client: 'wget' }),
    }),
  ];
}

function services(): MeshNode[] {
  return [
    service('core', {
      tier: 'core',
      endpoints: [endpoint('silo', 'tcp', 11111), endpoint('orleans', 'tcp', 30000)],
      needs: [need('postgres'), need('consul')],
      env: settings({ Orleans__ConsulAddress: address('consul', 'http') }),
      health: healthWith({ kind: 'tcp', endpoint: 'silo' }),
    }),
    service('discovery', {
      tier: 'discovery',
      endpoints: [
        endpoint('http', 'http', 80, { kind: 'fixed', port: 5010, insteadOf: 5001, because: "5001 is auth-service's" }),
        endpoint('grpc', 'h2c', 50051),
      ],
      needs: [need('consul'), need('rabbitmq'), need('core')],
      env: settings({
        Consul__Address: address('consul', 'http'),
        Messaging__RabbitMqHost: address('rabbitmq', 'amqp', 'host'),
        Messaging__RabbitMqPassword: secret('rabbitmq-password'),
      }),
    }),
    ...[
      ['auth-service', 5001],
      ['config-service', 5002],
      ['tracing-service', 5004],
    ].map(([name, port]) =>
      service(String(name), {
        tier: 'business',
        endpoints: [endpoint('http', 'http', 80, Number(port))],
        needs: [need('postgres'), need('consul'), need('discovery')],
        env: settings({ URLS: 'http://+:80', ConnectionStrings__DefaultConnection: DATABASE }),
      }),
    ),
    service('gateway', {
      tier: 'gateway',
      endpoints: [endpoint('http', 'http', 80, 5000)],
      needs: [need('consul'), need('discovery')],
      env: settings({ Mesh__ServiceDiscovery__Grpc__Address: address('discovery', 'grpc') }),
    }),
    service('health-monitor', {
      tier: 'monitoring',
      endpoints: [endpoint('http', 'http', 80, 5005)],
      needs: [need('consul'), need('discovery')],
      env: settings({ HealthMonitor__ProbeIntervalSeconds: '30' }),
    }),
  ];
}

function service(name: string, fields: Partial<MeshNode>): MeshNode {
  const assembly = `ToskaMesh.${name}`;
  return nodeWith({
    name,
    image: `toskamesh-${name}:1.0.0`,
    build: {
      kind: 'dotnet',
      project: `src/${assembly}`,
      assembly,
      context: '.',
      sdkImage: 'mcr.microsoft.com/dotnet/sdk:8.0',
      runtimeImage: 'mcr.microsoft.com/dotnet/aspnet:8.0',
    },
    health: healthWith({ kind: 'http', endpoint: 'http', path: '/health/ready' }),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
    restart: 'unless-stopped',
    stopGraceMs: 30_000,
    ...fields,
  });
}
