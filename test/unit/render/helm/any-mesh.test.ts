import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../../../src/diagnostics/mesh-error.ts';
import { readManifest } from '../../../../src/manifest/read-manifest.ts';
import { resolveMesh } from '../../../../src/mesh/resolve.ts';
import type { HelmMeshes } from '../../../../src/render/helm/chart.ts';
import { renderHelm } from '../../../../src/render/helm/render-helm.ts';
import { chartOnDisk, find, inBatches, production, type RenderedObject } from '../../../support/helm-chart.ts';
import { kubernetesProblems } from '../../../support/kubernetes-schema.ts';
import { meshesOf } from './meshes.ts';

const GOLDEN = path.resolve(import.meta.dirname, '../../../golden');

const EVERYTHING = {
  networkPolicies: { enabled: true },
  podDisruptionBudget: { enabled: true },
  migrations: { enabled: true },
  infrastructure: { enabled: true },
};

/** Names that mean something elsewhere, all kinds of nodes, and environments that differ in more than values. */
const ODD = `
name: odd-mesh
version: 2.0-beta+7
infrastructure:
  postgres-1:
    image: postgres:15
    endpoints: { sql: { port: 5432, protocol: postgres } }
    values: { host: not-the-host, y: yes }
    env: { POSTGRES_PASSWORD: '\${secrets.a-1}', NAME: '\${self.values.host}' }
    volumes: { data: /var/lib/postgresql/data }
    kubernetes: { external: { host: db.example.com, port: 6543 } }
  multi:
    image: registry.example.com:5000/team/multi@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    endpoints: { admin: { port: 9000, protocol: http }, data: { port: 9001, protocol: tcp }, syslog: { port: 514, protocol: udp } }
    env: { SECRET_A: '\${secrets.a1}', SECRET_B: '\${secrets.b}' }
    command: ['--text', 'a {{ b }} "c" $(HOME) \\ d', "e'f"]
    user: 1000:2000
  lonely: { image: busybox }
services:
  'on':
    build: { node: ., entry: a.js }
    endpoints: { http: 80, a-very-long-endpoint-name: { port: 8081, protocol: tcp }, same: { port: 80, protocol: http } }
    needs: [postgres-1, multi, setup]
    env:
      Y: 'yes'
      DB: postgres://\${postgres-1.values.y}@\${postgres-1.sql.address}/\${postgres-1.values.host}
      DATA: \${multi.data.address}
      LOG: \${multi.syslog.host}:\${multi.syslog.port}
      ADMIN: \${multi.admin.url}
      SELF: \${self.same.url}
      FROM_ENV: \${env.REGION}-\${env.ZONE:-b}
      VERSION: \${mesh.version}
      BRACES: '{{ not .a template }} 100%'
      EMPTY: ''
    files:
      /etc/a/app.conf: "{{ x }}\\n url = \${multi.admin.url}\\n"
      /etc/b/app.conf: |
        url = \${multi.admin.url}
      /etc/c/secret.conf: key=\${secrets.b}
    health: { ready: { http: '/ready?a={{b}}', status: 404 }, live: { exec: [sh, -c, 'exit 0 # {{ }}'] } }
    metrics: { path: /metrics }
    kubernetes: { ingress: http }
    resources: { limits: { cpu: 2 } }
    replicas: 2
  infrastructure:
    image: nginx
    user: nginx
    endpoints: { grpc: { port: 9090, protocol: h2c } }
    health: { ready: { grpc: grpc, service: a.B } }
    volumes: { cache: /var/cache }
  ingress: { image: 'nginx:1.2', needs: { 'on': started }, health: { ready: { log: ready } } }
  a-1: { image: a, profiles: [extra], env: { TO: '\${infrastructure.grpc.url}' } }
  a1: { build: { dockerfile: Dockerfile }, endpoints: { tcp: { port: 1, protocol: tcp } }, entrypoint: [a, b], kubernetes: { service: NodePort } }
  setup: { image: setup, job: true, env: { PASSWORD: '\${secrets.a-1}' }, needs: [postgres-1] }
secrets: { a-1: { minLength: 3 }, a1: { default: guest }, b: {} }
environments:
  prod:
    services:
      'on':
        env: { Y: 'no', DATA: 'none', EMPTY: '\${secrets.b}', MORE: '\${postgres-1.sql.port}' }
        command: [serve, '--prod']
      only-prod: { image: only, endpoints: { http: 8080 }, env: { ON: '\${on.http.url}' } }
`;

describe('the chart of any mesh', () => {
  it('is taken by Helm and Kubernetes, in every golden case', async () => {
    const cases = readdirSync(GOLDEN).flatMap((name) => meshesIn(path.join(GOLDEN, name)));
    expect(cases.length).toBeGreaterThan(10);
    const objects = await inBatches(cases, async (meshes) => {
      using chart = chartOnDisk(meshes);
      const linted = await chart.lint();
      expect(linted.stdout + linted.stderr).toContain('0 chart(s) failed');
      return [...(await chart.objects()), ...(await chart.objects(switchable(chart.files, EVERYTHING)))];
    });
    expect(await kubernetesProblems(different(objects.flat()))).toEqual([]);
  });

  it('is taken when names, values and environments are odd', async () => {
    using chart = chartOnDisk(meshesOf(ODD));
    for (const options of [[], production(chart)]) {
      const linted = await chart.lint({}, ...options);
      expect(linted.stdout + linted.stderr).toContain('0 chart(s) failed');
    }
    const secrets = {
      externalServices: { postgres1: { password: 'Qm7xTz' }, multi: { a1: 'Wp4vKs', b: 'Hd9rLn' } },
      variables: { REGION: 'eu' },
    };
    const dev = await chart.objects({ ...EVERYTHING, ingress: { enabled: true }, waitFor: { enabled: true } });
    const prod = await chart.objects({ ...secrets, ...EVERYTHING }, ...production(chart));
    const outside = await chart.objects({ a1: { enabled: true } });
    expect(await kubernetesProblems(different([...dev, ...prod, ...outside]))).toEqual([]);

    const settings = find(outside, 'ConfigMap', 'odd-mesh-on-config').data;
    expect(settings).toEqual({
      Y: 'yes',
      DB: 'postgres://yes@db.example.com:6543/not-the-host',
      DATA: 'multi:9001',
      LOG: 'multi:514',
      ADMIN: 'http://multi:9000',
      SELF: 'http://mesh-odd-mesh-on:80',
      FROM_ENV: '-b',
      VERSION: '2.0-beta+7',
      BRACES: '{{ not .a template }} 100%',
      EMPTY: '',
    });
    expect(find(outside, 'ConfigMap', 'odd-mesh-on-files').data).toEqual({
      'app.conf': '{{ x }}\n url = http://multi:9000\n',
      '2-app.conf': 'url = http://multi:9000\n',
    });
    const live = find(outside, 'Deployment', 'odd-mesh-on').spec.template.spec.containers[0];
    expect(live.readinessProbe.tcpSocket).toEqual({ port: 'http' });
    expect(live.livenessProbe.exec.command).toEqual(['sh', '-c', 'exit 0 # {{ }}']);
    expect(live.args).toBeUndefined();
    const multi = find(dev, 'Deployment', 'odd-mesh-multi').spec.template.spec;
    expect(multi.containers[0].args).toEqual(['--text', 'a {{ b }} "c" $$(HOME) \\ d', "e'f"]);
    expect(multi.containers[0].image).toMatch(/^registry\.example\.com:5000\/team\/multi@sha256:0123/);
    expect(find(outside, 'ConfigMap', 'odd-mesh-a-1-config').data?.TO).toBe('http://mesh-odd-mesh-infrastructure:9090');
    expect(find(outside, 'StatefulSet', 'odd-mesh-infrastructure').spec.volumeClaimTemplates).toHaveLength(1);

    const changed = find(prod, 'ConfigMap', 'odd-mesh-on-config').data;
    expect(changed).toMatchObject({ Y: 'no', DATA: 'none', MORE: '5432', FROM_ENV: 'eu-b' });
    expect(find(prod, 'Secret', 'odd-mesh-on-secret').stringData).toEqual({ EMPTY: 'Hd9rLn' });
    expect(find(prod, 'Deployment', 'odd-mesh-on').spec.template.spec.containers[0].args).toEqual(['serve', '--prod']);
    expect(find(prod, 'Deployment', 'odd-mesh-only-prod').spec.replicas).toBe(1);
    expect(outside.some(({ metadata }) => metadata.name.includes('only-prod'))).toBe(false);
    const refused = await chart.template({}, ...production(chart));
    expect(refused.stderr).toContain('variables.REGION is empty');
  });

  it('takes time in proportion to its services', () => {
    const timeOf = (count: number) => {
      const services = Array.from(
        { length: count },
        (_, index) =>
          `  s${index}: { image: a, endpoints: { http: 80 }, env: { NEXT: '\${s${(index + 1) % count}.http.url}', KEY: '\${secrets.k${index}}' } }`,
      );
      const secrets = Array.from({ length: count }, (_, index) => `  k${index}: {}`);
      const meshes = meshesOf(`name: big\nservices:\n${services.join('\n')}\nsecrets:\n${secrets.join('\n')}\n`);
      // The best of three: other tests run at the same time.
      const times = [1, 2, 3].map(() => {
        const begin = performance.now();
        renderHelm(meshes);
        return performance.now() - begin;
      });
      return Math.min(...times);
    };
    const [small, large] = [timeOf(100), timeOf(600)];
    // Six times the services; if each looked at all others, it would be 36 times.
    expect(large / Math.max(small, 5)).toBeLessThan(18);
  });
});

function meshesIn(folder: string): HelmMeshes[] {
  if (!existsSync(path.join(folder, 'mesh.yaml'))) return [];
  try {
    const read = readManifest({ cwd: folder, file: 'mesh.yaml' });
    const { value: dev } = resolveMesh(read);
    const other = read.others.find(({ environment }) => environment === 'prod');
    const prod = other && resolveMesh({ ...read, ...other, others: [] }).value;
    return dev === undefined ? [] : [{ dev, prod }];
  } catch (error) {
    if (error instanceof InvalidInput) return [];
    throw error;
  }
}

/** Those of the switches that the chart has. */
function switchable(files: ReadonlyMap<string, string>, switches: object): object {
  const { properties } = JSON.parse(files.get('values.schema.json') ?? '');
  return Object.fromEntries(Object.entries(switches).filter(([key]) => Object.hasOwn(properties, key)));
}

function different(objects: readonly RenderedObject[]): RenderedObject[] {
  return [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
}
