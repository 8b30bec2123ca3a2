import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';

const EXAMPLE = path.resolve(import.meta.dirname, '../examples/toskamesh');
const SERVICES = [
  'core',
  'discovery',
  'auth-service',
  'config-service',
  'metrics-service',
  'tracing-service',
  'gateway',
  'health-monitor',
] as const;
type Service = (typeof SERVICES)[number];

const NO_BUS = { Messaging__RabbitMqHost: null, Messaging__RabbitMqUsername: null, Messaging__RabbitMqPassword: null };
const BUSINESS = { needs: ['postgres', 'discovery'] };

/** What is left of each service's needs and settings without the servers that a machine may lack. */
const CHANGES: Readonly<Record<Service, object>> = {
  core: { needs: ['postgres'], env: { Orleans__ClusteringMode: 'localhost', Orleans__ConsulAddress: null } },
  discovery: {
    needs: ['core'],
    env: { Consul__Address: null, ...NO_BUS },
  },
  'auth-service': BUSINESS,
  'config-service': BUSINESS,
  'metrics-service': BUSINESS,
  'tracing-service': BUSINESS,
  gateway: { needs: ['discovery'] },
  'health-monitor': { needs: ['discovery'], env: { Consul__Address: null, ...NO_BUS } },
};

/** What a package of the example needs to be installed, compiled and run. */
const PACKAGE = [
  ...['package.json', 'package-lock.json', '.npmrc'],
  ...['tsconfig.json', 'tsconfig.base.json', 'shared', 'migrations', 'src'],
];
const MADE_HERE = new Set(['dist', 'node_modules']);

export interface ReferenceMesh {
  readonly folder: string;
  /** Where the service that is edited answers. */
  readonly url: string;
  /** The service that is edited. */
  readonly edited: Service;
  /** Changes a source file of that service, so that its answers hold the text from then on. */
  edit(text: string): void;
}

export interface ReferenceMeshOptions {
  readonly folder: string;
  /** Names the images, and is the version in their labels, by which they are found again. */
  readonly project: string;
  /** As many as `PORT_COUNT`, all free. */
  readonly ports: readonly number[];
}

/** Endpoints that are published on this machine. */
const ENDPOINTS: readonly (readonly [node: 'postgres' | Service, endpoint: string])[] = [
  ['postgres', 'sql'],
  ['core', 'silo'],
  ['core', 'orleans'],
  ['discovery', 'grpc'],
  ...SERVICES.slice(1).map((service) => [service, 'http'] as const),
];
export const PORT_COUNT = ENDPOINTS.length;

/**
 * The reference mesh with nothing that differs between engines but the engine: every service has a package of its own,
 * as services do that are edited one at a time; what host processes may lack is left out; and nothing has a CPU limit,
 * which only containers would keep to.
 */
export function writeReferenceMesh({ folder, project, ports }: ReferenceMeshOptions): ReferenceMesh {
  cpSync(path.join(EXAMPLE, 'mesh.yaml'), path.join(folder, 'reference.yaml'));
  for (const service of SERVICES) {
    for (const part of PACKAGE) {
      const filter = (file: string) => !MADE_HERE.has(path.basename(file));
      cpSync(path.join(EXAMPLE, part), path.join(folder, service, part), { recursive: true, filter });
    }
  }
  const portOf = (node: string, endpoint: string) =>
    ports[ENDPOINTS.findIndex(([owner, name]) => owner === node && name === endpoint)];
  const endpointsOf = (node: string) =>
    Object.fromEntries(
      ENDPOINTS.filter(([owner]) => owner === node).map(([, name]) => [name, { host: portOf(node, name) }]),
    );
  const servicePart = (service: Service) => ({
    image: `${project}-${service}`,
    build: { node: service, workspace: service, entry: `dist/${service}/main.js`, script: 'build' },
    endpoints: endpointsOf(service),
    without: null,
    resources: null,
    replicas: 1,
    ...CHANGES[service],
  });
  const manifest = {
    extends: './reference.yaml',
    version: project,
    infrastructure: {
      postgres: { endpoints: endpointsOf('postgres') },
      consul: null,
      rabbitmq: null,
      prometheus: null,
      redis: null,
      grafana: null,
    },
    services: Object.fromEntries(SERVICES.map((service) => [service, servicePart(service)])),
    secrets: { 'rabbitmq-password': null },
  };
  writeFileSync(path.join(folder, 'mesh.yaml'), stringify(manifest, { aliasDuplicateObjects: false }));
  const source = path.join(folder, 'tracing-service/shared/src/web-server.ts');
  const original = readFileSync(source, 'utf8');
  return {
    folder,
    url: `http://127.0.0.1:${portOf('tracing-service', 'http')}/health/live`,
    edited: 'tracing-service',
    edit(text) {
      const changed = original.replace("status: 'live'", `status: 'live', edition: '${text}'`);
      if (changed === original) throw new Error(`${source} no longer has the line that is edited here`);
      writeFileSync(source, changed);
    },
  };
}
