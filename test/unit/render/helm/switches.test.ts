import { afterAll, describe, expect, it } from 'vitest';
import { chartOnDisk, find, inBatches, production, type RenderedObject } from '../../../support/helm-chart.ts';
import { kubernetesProblems } from '../../../support/kubernetes-schema.ts';
import { merged, STRONG, SWITCHES, TOSKAMESH } from './meshes.ts';

const chart = chartOnDisk(TOSKAMESH());
afterAll(() => chart[Symbol.dispose]());

const on = (...names: string[]) => chart.objects(merged(...names.map((name) => SWITCHES[name] ?? {})));
const names = Object.keys(SWITCHES);
const pairs = names.flatMap((first, index) => names.slice(index + 1).map((second) => [first, second] as const));

/** Objects of operators, whose schemas no cluster has by itself. */
const OF_OPERATORS = new Set(['ExternalSecret', 'ServiceMonitor']);

describe('the switches of the chart', () => {
  it('give objects that Kubernetes takes: none, each, every pair, and each in production', async () => {
    const rendered = await inBatches([[], ...names.map((name) => [name]), ...pairs], async (some) => {
      const objects = await on(...some);
      expect(duplicates(objects), some.join(' and ')).toEqual([]);
      return objects;
    });
    const inProduction = await inBatches(names, (name) =>
      chart.objects(merged(STRONG, SWITCHES[name] ?? {}), ...production(chart)),
    );
    // Most objects are the same in most runs.
    const different = new Map([...rendered, ...inProduction].flat().map((object) => [JSON.stringify(object), object]));
    const objects = [...different.values()].filter(({ kind }) => !OF_OPERATORS.has(kind));
    expect(objects.length).toBeGreaterThan(150);
    expect(await kubernetesProblems(objects)).toEqual([]);
  });

  it('are off', async () => {
    const kinds = new Set((await chart.objects()).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['ConfigMap', 'Deployment', 'Pod', 'Secret', 'Service']);
  });

  it('ingress: leads to the endpoint that the manifest names, with TLS', async () => {
    const { spec } = find(await on('ingress'), 'Ingress', '-gateway');
    expect(spec.tls).toEqual([{ hosts: ['gateway.toskamesh.localhost'], secretName: 'mesh-toskamesh-gateway-tls' }]);
    expect(spec.ingressClassName).toBe('nginx');
    expect(spec.rules[0].http.paths[0].backend.service).toEqual({
      name: 'mesh-toskamesh-gateway',
      port: { number: 80 },
    });
    expect(find(await on('ingress without TLS'), 'Ingress', '-gateway').spec.tls).toBeUndefined();
  });

  it('autoscaling: decides how many pods there are', async () => {
    const objects = await on('autoscaling');
    expect(find(objects, 'HorizontalPodAutoscaler', '-gateway').spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'mesh-toskamesh-gateway' },
      minReplicas: 1,
      maxReplicas: 3,
    });
    expect(find(objects, 'Deployment', '-gateway').spec.replicas).toBeUndefined();
    expect(find(objects, 'Deployment', '-discovery').spec.replicas).toBe(1);
  });

  it('existingSecret: is used in place of a Secret of the chart', async () => {
    const objects = await on('existingSecret');
    const envFrom = find(objects, 'Deployment', '-auth-service').spec.template.spec.containers[0].envFrom;
    expect(envFrom[1]).toEqual({ secretRef: { name: 'mine' } });
    expect(objects.filter(({ kind, metadata }) => kind === 'Secret' && metadata.name.includes('auth'))).toEqual([]);
    const core = find(objects, 'Deployment', '-core').spec.template.spec.containers[0].envFrom;
    expect(core[1]).toEqual({ secretRef: { name: 'mine-too' } });
  });

  it('externalSecrets: makes the Secrets that pods refer to', async () => {
    const objects = await on('externalSecrets');
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const external = find(objects, 'ExternalSecret', '-auth-service-secret');
    expect(external.apiVersion).toBe('external-secrets.io/v1');
    expect(external.spec.target.name).toBe('mesh-toskamesh-auth-service-secret');
    expect(external.spec.data).toContainEqual({
      secretKey: 'postgresPassword',
      remoteRef: { key: 'toskamesh/postgres-password', property: 'value' },
    });
    const missing = await chart.template({ externalSecrets: { enabled: true } });
    expect(missing.stderr).toContain('externalSecrets.storeName');
  });

  it('infrastructure: brings the servers along, and leads services there', async () => {
    const objects = await on('infrastructure', 'waitFor');
    expect(find(objects, 'StatefulSet', '-postgres').spec.volumeClaimTemplates[0].metadata.name).toBe('postgres-data');
    expect(find(objects, 'Secret', '-auth-service-secret').stringData?.ConnectionStrings__DefaultConnection).toMatch(
      /^Host=mesh-toskamesh-postgres;Port=5432;/,
    );
    expect(find(objects, 'ConfigMap', '-core-config').data?.Orleans__ConsulAddress).toBe(
      'http://mesh-toskamesh-consul:8500',
    );
    expect(find(objects, 'Secret', '-postgres-secret').stringData).toEqual({
      POSTGRES_PASSWORD: 'insecure-development-postgres-password',
    });
    expect(find(objects, 'ConfigMap', '-prometheus-files').data?.['prometheus.yml']).toContain(
      "targets: ['mesh-toskamesh-gateway:80']",
    );
    const { initContainers } = find(objects, 'Deployment', '-core').spec.template.spec;
    expect(initContainers[0].args).toEqual(['mesh-toskamesh-postgres:5432', 'mesh-toskamesh-consul:8500']);
    // One of them can stay outside.
    const some = await chart.objects({ infrastructure: { enabled: true, postgres: { enabled: false } } });
    expect(find(some, 'Secret', '-auth-service-secret').stringData?.ConnectionStrings__DefaultConnection).toMatch(
      /^Host=postgres;/,
    );
  });

  it('networkPolicies: admit the edges of the manifest', async () => {
    const objects = await on('networkPolicies', 'infrastructure');
    expect(callers(objects, '-discovery')).toEqual([
      'auth-service:80,50051',
      'config-service:80,50051',
      'metrics-service:80,50051',
      'tracing-service:80,50051',
      'gateway:50051',
      'health-monitor:80',
      'readiness-test:80',
    ]);
    expect(callers(objects, '-core')).toEqual(['discovery:11111,30000', 'health-monitor:11111', 'core:11111,30000']);
    // Whom it finds by discovery.
    expect(callers(objects, '-config-service')).toEqual([
      'gateway:80',
      'health-monitor:80',
      'readiness-test:80',
      'prometheus:80',
    ]);
    expect(callers(objects, '-consul')).toEqual([
      ...['core', 'discovery', 'auth-service', 'config-service', 'metrics-service', 'tracing-service', 'gateway'].map(
        (name) => `${name}:8500`,
      ),
      'health-monitor:8500',
      'readiness-test:8500',
    ]);
    // Prometheus scrapes what its own file names.
    expect(callers(objects, '-health-monitor')).toEqual(['readiness-test:80', 'prometheus:80']);
  });

  it('networkPolicies: let services call the servers outside, where the values say that these are', async () => {
    const objects = await on('networkPolicies');
    const { egress } = find(objects, 'NetworkPolicy', 'toskamesh-auth-service').spec;
    expect(egress).toContainEqual({
      ports: [{ port: 5432, protocol: 'TCP' }],
      to: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
    });
    expect(egress[0].ports).toContainEqual({ port: 53, protocol: 'UDP' });
    const added = find(objects, 'NetworkPolicy', 'gateway-to-auth-service-ingress').spec;
    expect(added.podSelector.matchLabels['app.kubernetes.io/name']).toBe('auth-service');
    expect(added.ingress[0].from[0].podSelector.matchLabels['app.kubernetes.io/name']).toBe('gateway');
  });

  it('migrations: run with the settings of a service, after an install and before an upgrade', async () => {
    const job = find(await on('migrations'), 'Job', '-migrations');
    expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'post-install,pre-upgrade' });
    const [container] = job.spec.template.spec.containers;
    expect(container.command).toEqual(['dotnet', 'migrate.dll']);
    expect(container.envFrom[1]).toEqual({ secretRef: { name: 'mesh-toskamesh-auth-service-secret' } });
    const existing = find(await on('migrations', 'existingSecret'), 'Job', '-migrations');
    expect(existing.spec.template.spec.containers[0].envFrom[1]).toEqual({ secretRef: { name: 'mine' } });
  });

  it('serviceMonitor and podDisruptionBudget: are made for each service that they fit', async () => {
    const objects = await on('serviceMonitor', 'podDisruptionBudget');
    expect(objects.filter(({ kind }) => kind === 'ServiceMonitor')).toHaveLength(6);
    expect(find(objects, 'ServiceMonitor', '-gateway').spec.endpoints[0]).toMatchObject({
      port: 'http',
      path: '/metrics',
    });
    expect(objects.filter(({ kind }) => kind === 'PodDisruptionBudget')).toHaveLength(8);
  });

  it('enabled: leaves nothing of a service when it is off', async () => {
    const objects = await chart.objects(merged(...Object.values(SWITCHES)));
    expect(objects.filter(({ metadata }) => /-(gateway|core)(-(config|secret))?$/.test(metadata.name))).toEqual([]);
  });
});

function duplicates(objects: readonly RenderedObject[]): string[] {
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** `gateway:50051`: who may call a node, and at which ports. */
function callers(objects: readonly RenderedObject[], name: string): string[] {
  const { ingress } = find(objects, 'NetworkPolicy', `toskamesh${name}`).spec;
  return ingress.map((rule: { from?: { podSelector: { matchLabels: object } }[]; ports: { port: number }[] }) => {
    const labels = rule.from?.[0]?.podSelector.matchLabels as Record<string, string> | undefined;
    return `${labels?.['app.kubernetes.io/name']}:${rule.ports.map(({ port }) => port).join(',')}`;
  });
}
