import { readManifest } from '../../../../src/manifest/read-manifest.ts';
import type { Mesh } from '../../../../src/mesh/mesh.ts';
import { resolveMesh } from '../../../../src/mesh/resolve.ts';
import type { HelmMeshes } from '../../../../src/render/helm/chart.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** Both environments of a manifest that a test writes. */
export function meshesOf(manifest: string): HelmMeshes {
  using folder = temporaryFolder({ 'mesh.yaml': manifest });
  const read = readManifest({ cwd: folder.path });
  const prod = read.others.find(({ environment }) => environment === 'prod');
  return {
    dev: resolved(resolveMesh(read)),
    prod: prod && resolved(resolveMesh({ ...read, ...prod, others: [] })),
  };
}

function resolved({ value, diagnostics }: ReturnType<typeof resolveMesh>): Mesh {
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** The mesh of the preset. */
export const TOSKAMESH = () => meshesOf('extends: toskamesh\n');

/** Secrets that production takes. */
export const STRONG = {
  externalServices: {
    postgres: { password: 'Vq7-m2Kx9_pL4wRt8' },
    rabbitmq: { password: 'Zt5-n8Hy3_bG6sQd1' },
  },
  secrets: { jwt: 'kN4-vB8xQ2_mZ7pL1-sD5hF9wR3_tY6u', meshServiceAuth: 'pW3-jX7cV1_nM5bK9-gH2fD6sA4_qE8r' },
};

/** Each switch of the chart, as the values that turn it on. */
export const SWITCHES: Readonly<Record<string, object>> = {
  ingress: { ingress: { enabled: true, className: 'nginx', annotations: { 'cert-manager.io/issuer': 'le' } } },
  'ingress without TLS': { ingress: { enabled: true, tls: { enabled: false } } },
  autoscaling: { gateway: { autoscaling: { enabled: true } }, core: { autoscaling: { enabled: true } } },
  podDisruptionBudget: { podDisruptionBudget: { enabled: true } },
  networkPolicies: {
    networkPolicies: {
      enabled: true,
      infrastructureCidrs: ['10.0.0.0/8'],
      allow: [{ from: 'gateway', to: 'auth-service' }],
    },
  },
  serviceMonitor: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } },
  waitFor: { waitFor: { enabled: true } },
  migrations: { migrations: { enabled: true, command: ['dotnet', 'migrate.dll'] } },
  externalSecrets: { externalSecrets: { enabled: true, storeName: 'vault', property: 'value' } },
  existingSecret: { authService: { existingSecret: 'mine' }, core: { existingSecret: 'mine-too' } },
  infrastructure: {
    infrastructure: { enabled: true, redis: { enabled: true }, grafana: { enabled: true } },
  },
  disabled: { gateway: { enabled: false }, core: { enabled: false } },
  placement: {
    imageRegistry: 'registry.example.com/team',
    imagePullSecrets: ['pull'],
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
  },
};

/** Values on top of values, as Helm merges them. */
export function merged(...all: readonly object[]): object {
  return all.reduce((base, over) => mergeTwo(base as Tree, over as Tree), {});
}

type Tree = Record<string, unknown>;

function mergeTwo(base: Tree, over: Tree): Tree {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isTree(before) && isTree(value) ? mergeTwo(before, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
