import { describe, expect, it } from 'vitest';
import { type Mesh, type MeshNode, nodeOf } from '../../../src/mesh/mesh.ts';
import { type Placement, placeOnHost } from '../../../src/mesh/placement.ts';
import { specOf } from '../../../src/plan/node-spec.ts';
import { describeChanges } from '../../../src/plan/spec-changes.ts';
import { address, endpoint, meshWith, need, nodeWith, secret, settings, text } from '../render/mesh-builder.ts';
import { SPEC_INPUTS } from './plan-bench.ts';

const db = nodeWith({ name: 'db', endpoints: [endpoint('sql', 'postgres', 5432)] });
const api = nodeWith({
  name: 'api',
  needs: [need('db')],
  endpoints: [endpoint('http', 'http', 80, 5000)],
  env: settings({
    DB: [text('Host='), address('db', 'sql', 'host'), text(';Password='), secret('password')],
    LEVEL: { kind: 'variable', name: 'LOG_LEVEL', fallback: 'info' },
  }),
  files: [{ path: '/etc/api.conf', content: [text('key = '), secret('key')], at: db.at }],
  build: { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {} },
});
const mesh = meshWith({
  nodes: [db, api],
  secrets: ['password', 'key'].map((name) => ({ name, variable: name.toUpperCase(), minLength: 1, at: db.at })),
});

describe('specOf', () => {
  it('is what the engine gets, flat, with digests for secrets', () => {
    expect(specOf(mesh, api, SPEC_INPUTS)).toMatchInlineSnapshot(`
      {
        "configs": "[{"source":"api-1","target":"/etc/api.conf","mode":"0444"}]",
        "environment.DB": "Host=db;Password=\${PASSWORD:?run "mesh generate" to make .mesh/secrets.env}",
        "environment.LEVEL": "\${LOG_LEVEL:-info}",
        "files./etc/api.conf": "[{"kind":"text","text":"key = "},{"kind":"secret","name":"key"}]",
        "image": "api:dev",
        "labels.dev.mesh.node": "api",
        "labels.dev.mesh.replica": "1",
        "ports": "["\${MESH_BIND_ADDRESS:-127.0.0.1}:5000:80"]",
        "secrets.key": "digest of key",
        "secrets.password": "digest of password",
        "variables.LOG_LEVEL": "info",
      }
    `);
  });

  it('does not depend on how the node is built or what it needs', () => {
    const { build: _build, ...prebuilt } = api;
    expect(specOf(mesh, { ...prebuilt, needs: [] }, SPEC_INPUTS)).toEqual(specOf(mesh, api, SPEC_INPUTS));
  });

  it('changes with the value of a variable and with the digest of a secret', () => {
    const before = specOf(mesh, api, SPEC_INPUTS);
    const after = specOf(mesh, api, { ...SPEC_INPUTS, secretDigest: () => 'another', variableDigest: () => 'debug' });
    const changed = Object.keys(before).filter((key) => before[key] !== after[key]);
    expect(changed).toEqual(['secrets.password', 'variables.LOG_LEVEL', 'secrets.key']);
  });

  it('has the ports of this machine where a process of it calls or is called', () => {
    const web = nodeWith({ name: 'web', env: settings({ API: address('api', 'http', 'url') }) });
    const whole = meshWith({ ...mesh, nodes: [db, api, web] });
    const placed = placeOnHost(whole, {
      ...{ local: ['api'], address: '172.17.0.1' },
      ...{ hostPorts: {}, reachPorts: { 'api.http': 20_001 } },
    });
    const specIn = (one: Mesh, name: string) => specOf(one, nodeOf(one, name), SPEC_INPUTS);
    const changes = (name: string) =>
      describeChanges(whole, nodeOf(whole, name), specIn(whole, name), specIn(placed, name))?.text;
    expect(specIn(placed, 'api')).toMatchObject({ placement: 'host', 'addresses.db.sql': '5432' });
    expect(specIn(placed, 'web')).toMatchObject({ 'onHost.api.http': '20001' });
    expect(changes('api')).toBe('it moves to the host');
    expect(changes('web')).toMatch(/^api is on the host now, env API changed http:\/\/api:80 → /);
    expect(changes('db')).toBeUndefined();
    const back = describeChanges(whole, api, specIn(placed, 'api'), specIn(whole, 'api'))?.text;
    expect(back).toBe('it goes back into a container');
  });

  it('says of a process of this machine what changed: a setting that names another, or a port', () => {
    const placement = { local: ['api'], address: '172.17.0.1', hostPorts: {}, reachPorts: { 'api.http': 20_001 } };
    const inMesh = (env: MeshNode['env'], ports: Partial<Placement> = {}) => {
      const placed = placeOnHost(meshWith({ nodes: [db, nodeWith({ ...api, env, files: [] })] }), {
        ...placement,
        ...ports,
      });
      return { mesh: placed, spec: specOf(placed, nodeOf(placed, 'api'), SPEC_INPUTS) };
    };
    const changes = (before: MeshNode['env'], after: MeshNode['env'], ports?: Partial<Placement>) =>
      describeChanges(mesh, api, inMesh(before).spec, inMesh(after, ports).spec)?.text;
    const callsDb = settings({ DB: address('db', 'sql', 'url') });
    const self = settings({ SELF: address('api', 'http', 'url') });
    expect(changes([], callsDb)).toBe('env DB added (postgres://db:5432)');
    expect(changes(callsDb, [])).toBe('env DB removed');
    expect(changes(self, self, { reachPorts: { 'api.http': 20_002 } })).toContain(
      'the address where others reach it changed 172.17.0.1:20001 → 172.17.0.1:20002',
    );
  });

  it('holds how it runs as a host process, where it is one', () => {
    const told = { ...api, run: { command: ['sh', '-c', './api'], folder: 'api', env: [] } };
    expect(specOf(mesh, told, SPEC_INPUTS)).toEqual(specOf(mesh, api, SPEC_INPUTS));
    expect(specOf(mesh, told, { ...SPEC_INPUTS, placement: 'host' })).toMatchObject({
      'run.command': '["sh","-c","./api"]',
      'run.folder': 'api',
    });
  });
});
