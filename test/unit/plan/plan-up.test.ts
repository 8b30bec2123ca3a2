import { describe, expect, it } from 'vitest';
import type { Location } from '../../../src/diagnostics/location.ts';
import type { Build } from '../../../src/mesh/build.ts';
import type { Mesh, MeshNode } from '../../../src/mesh/mesh.ts';
import { changesOf, printPlan } from '../../../src/plan/print-plan.ts';
import { endpoint, healthWith, meshWith, need, nodeWith, secret, settings } from '../render/mesh-builder.ts';
import { imagesOf, instanceOf, NOTHING, planWith, SPEC_INPUTS, specsOf, upWorld } from './plan-bench.ts';

const line = (number: number): Location => ({
  file: 'mesh.yaml',
  line: number,
  column: 3,
  endLine: number,
  endColumn: 9,
});

const BUILD: Build = { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {} };

const db = nodeWith({ name: 'db', kind: 'infrastructure', image: 'postgres:15', at: line(3) });
const api = nodeWith({ name: 'api', needs: [need('db')], env: settings({ MODE: 'slow' }), at: line(8) });
const web = nodeWith({ name: 'web', needs: [need('api')], at: line(14) });
const shop = meshWith({
  nodes: [db, api, web],
  places: { 'services.api.env.MODE': line(10), 'infrastructure.db.image': line(4) },
});

function shopWith(changed: Partial<MeshNode> & { readonly name: string }) {
  return meshWith({
    ...shop,
    nodes: shop.nodes.map((node) => (node.name === changed.name ? { ...node, ...changed } : node)),
  });
}

describe('planUp', () => {
  it('creates and starts all where there is nothing, each after what it needs', () => {
    const plan = planWith(shop, { ...NOTHING, observed: { instances: [], images: imagesOf(shop) } });
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 create db — there is no container yet  mesh.yaml:3:3
      #2 [#1] start db — there is no container yet  mesh.yaml:3:3
      #3 [#2] wait db ready ≤ 60s — api needs it ready
      #4 create api — there is no container yet  mesh.yaml:8:3
      #5 [#4 #3] start api — there is no container yet  mesh.yaml:8:3
      #6 [#5] wait api ready ≤ 60s — web needs it ready
      #7 create web — there is no container yet  mesh.yaml:14:3
      #8 [#7 #6] start web — there is no container yet  mesh.yaml:14:3
      #9 [#8] wait web ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('only confirms what is up as it should be', () => {
    const plan = planWith(shop, upWorld(shop));
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 wait api ready ≤ 60s — web needs it ready
      #3 wait web ready ≤ 60s — up waits until it is ready
      keep db, api, web
      "
    `);
    expect(changesOf(plan)).toEqual([]);
  });

  it('recreates a node whose setting changed, and says from what to what and where', () => {
    const changed = shopWith({ name: 'api', env: settings({ MODE: 'fast' }) });
    expect(printPlan(planWith(changed, upWorld(shop)))).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 recreate api — env MODE changed slow → fast  mesh.yaml:10:3
      #3 [#2 #1] start api — it is recreated
      #4 [#3] wait api ready ≤ 60s — web needs it ready
      #5 wait web ready ≤ 60s — up waits until it is ready
      keep db, web
      "
    `);
  });

  it('names two changes and counts the others', () => {
    const env = settings({ MODE: 'fast', A: '1', B: '2' });
    const changed = shopWith({ name: 'api', env, image: 'api:next' });
    const world = upWorld(shop);
    const observed = { ...world.observed, images: { ...world.observed.images, 'api:next': 'new' } };
    expect(printPlan(planWith(changed, { ...world, observed }))).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 recreate api — env A added (1), env B added (2) and 2 more changed  mesh.yaml:8:3
      #3 [#2 #1] start api — it is recreated
      #4 [#3] wait api ready ≤ 60s — web needs it ready
      #5 wait web ready ≤ 60s — up waits until it is ready
      keep db, web
      "
    `);
  });

  it('says that a setting was removed, and cuts long values', () => {
    const before = shopWith({ name: 'api', env: settings({ MODE: 'slow', LONG: 'x'.repeat(100) }) });
    const changed = shopWith({ name: 'api', env: settings({ LONG: 'y'.repeat(100) }) });
    expect(printPlan(planWith(changed, upWorld(before)))).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 recreate api — env LONG changed xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… → yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…, env MODE removed  mesh.yaml:8:3
      #3 [#2 #1] start api — it is recreated
      #4 [#3] wait api ready ≤ 60s — web needs it ready
      #5 wait web ready ≤ 60s — up waits until it is ready
      keep db, web
      "
    `);
  });

  it('tells that a secret changed, and never a value', () => {
    const mesh = meshWith({
      nodes: [nodeWith({ name: 'api', env: settings({ KEY: secret('jwt') }), at: line(8) })],
      secrets: [{ name: 'jwt', variable: 'JWT', minLength: 1, at: line(30) }],
    });
    const specs = (value: string) => specsOf(mesh, { ...SPEC_INPUTS, secretDigest: () => value });
    const plan = planWith(mesh, upWorld(mesh, undefined, specs('digest one')), { specs: specs('digest two') });
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 recreate api — secret jwt changed  mesh.yaml:30:3
      #2 [#1] start api — it is recreated
      #3 [#2] wait api ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('tells that a variable and a file changed', () => {
    const mesh = (content: string) =>
      meshWith({
        nodes: [
          nodeWith({
            name: 'api',
            env: settings({ LEVEL: { kind: 'variable', name: 'LOG_LEVEL', fallback: 'info' } }),
            files: [{ path: '/etc/api.conf', content: [{ kind: 'text', text: content }], at: line(12) }],
            at: line(8),
          }),
        ],
        places: { 'services.api.files./etc/api.conf': line(12) },
      });
    const specs = specsOf(mesh('new'), { ...SPEC_INPUTS, variableDigest: () => 'debug' });
    expect(printPlan(planWith(mesh('new'), upWorld(mesh('old')), { specs }))).toMatchInlineSnapshot(`
      "#1 recreate api — file /etc/api.conf changed, variable LOG_LEVEL changed  mesh.yaml:12:3
      #2 [#1] start api — it is recreated
      #3 [#2] wait api ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('tells that the command of a host process changed, and where it stands', () => {
    const mesh = (...command: string[]) =>
      meshWith({
        nodes: [nodeWith({ name: 'api', run: { command, folder: '.', env: [] }, at: line(8) })],
        places: { 'services.api.run': line(12) },
      });
    const specs = (of: Mesh) => specsOf(of, { ...SPEC_INPUTS, placement: 'host' });
    const [before, after] = [mesh('./api'), mesh('./api', '-v')];
    const plan = planWith(after, upWorld(before, undefined, specs(before)), { specs: specs(after) });
    expect(printPlan(plan).split('\n')[0]).toBe(
      '#1 recreate api — run.command changed ["./api"] → ["./api","-v"]  mesh.yaml:12:3',
    );
  });

  it('pulls an image that is missing and builds one that can be built', () => {
    const mesh = shopWith({ name: 'api', build: BUILD });
    expect(printPlan(planWith(mesh, NOTHING, { wanted: ['db', 'api'] }))).toMatchInlineSnapshot(`
      "#1 pull postgres:15 for db — image postgres:15 is not on this machine  mesh.yaml:4:3
      #2 [#1] create db — there is no container yet  mesh.yaml:3:3
      #3 [#2] start db — there is no container yet  mesh.yaml:3:3
      #4 [#3] wait db ready ≤ 60s — api needs it ready
      #5 build api — image api:dev is missing  mesh.yaml:8:3
      #6 [#5 #1] create api — there is no container yet  mesh.yaml:8:3
      #7 [#6 #4] start api — there is no container yet  mesh.yaml:8:3
      #8 [#7] wait api ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('builds again with --build, and recreates what runs', () => {
    const mesh = shopWith({ name: 'api', build: BUILD });
    expect(printPlan(planWith(mesh, upWorld(mesh), { build: 'always' }))).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 build api — asked for with --build  mesh.yaml:8:3
      #3 [#2] recreate api — its image is provided anew  mesh.yaml:8:3
      #4 [#3 #1] start api — it is recreated
      #5 [#4] wait api ready ≤ 60s — web needs it ready
      #6 wait web ready ≤ 60s — up waits until it is ready
      keep db, web
      "
    `);
  });

  it('builds again what is built from something that changed, but for --no-build', () => {
    const mesh = shopWith({ name: 'api', build: BUILD });
    const outdated = new Set(['api']);
    expect(printPlan(planWith(mesh, upWorld(mesh), { outdated })).split('\n')[1]).toBe(
      '#2 build api — what its image is built from changed  mesh.yaml:8:3',
    );
    expect(printPlan(planWith(mesh, upWorld(mesh), { outdated, build: 'never' }))).not.toContain('build api');
  });

  it('builds nothing with --no-build', () => {
    const mesh = meshWith({ nodes: [nodeWith({ name: 'api', build: BUILD })] });
    expect(printPlan(planWith(mesh, NOTHING, { build: 'never' }))).toMatchInlineSnapshot(`
      "#1 create api — there is no container yet  mesh.yaml:1:1
      #2 [#1] start api — there is no container yet  mesh.yaml:1:1
      #3 [#2] wait api ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('recreates what runs an older image', () => {
    const world = upWorld(shop, (instance) =>
      instance.node === 'api' ? { ...instance, imageId: 'an older one' } : instance,
    );
    expect(printPlan(planWith(shop, world))).toMatchInlineSnapshot(`
      "#1 wait db ready ≤ 60s — api needs it ready
      #2 recreate api — its image is a newer one  mesh.yaml:8:3
      #3 [#2 #1] start api — it is recreated
      #4 [#3] wait api ready ≤ 60s — web needs it ready
      #5 wait web ready ≤ 60s — up waits until it is ready
      keep db, web
      "
    `);
  });

  it('removes what the manifest no longer has', () => {
    const world = upWorld(shop);
    const instances = [...world.observed.instances, instanceOf({ node: 'cache' })];
    const plan = planWith(shop, { ...world, observed: { ...world.observed, instances } });
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 remove shop-cache-1 — the manifest no longer has it
      #2 wait db ready ≤ 60s — api needs it ready
      #3 wait api ready ≤ 60s — web needs it ready
      #4 wait web ready ≤ 60s — up waits until it is ready
      keep db, api, web
      "
    `);
  });

  it('removes replicas above the wanted number, and adds those that lack', () => {
    const three = shopWith({ name: 'web', replicas: 3 });
    expect(printPlan(planWith(shop, upWorld(three), { wanted: ['web'] }))).toMatchInlineSnapshot(`
      "#1 remove shop-web-2 — replicas → 1
      #2 remove shop-web-3 — replicas → 1
      #3 wait web ready ≤ 60s — up waits until it is ready
      keep web
      "
    `);
    expect(printPlan(planWith(three, upWorld(shop), { wanted: ['web'] }))).toMatchInlineSnapshot(`
      "#1 create web — replicas 1 → 3  mesh.yaml:14:3
      #2 [#1] start web — replicas 1 → 3  mesh.yaml:14:3
      #3 [#2] wait web ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('does not start a node for the sake of a replica that it removes', () => {
    const world = upWorld(shop);
    const extra = instanceOf({ node: 'web', replica: 2, state: 'exited', exitCode: 1 });
    const observed = { ...world.observed, instances: [...world.observed.instances, extra] };
    expect(printPlan(planWith(shop, { ...world, observed }, { wanted: ['web'] }))).toMatchInlineSnapshot(`
      "#1 remove shop-web-2 — replicas → 1
      #2 wait web ready ≤ 60s — up waits until it is ready
      keep web
      "
    `);
  });

  it.each([
    [{ state: 'exited', exitCode: 137 }, '#1 start db — it exited with code 137'],
    [{ state: 'created' }, '#1 start db — it was created and never started'],
    [{ state: 'paused' }, '#1 start db — it is paused'],
    [{ state: 'dead' }, '#1 start db — it is dead'],
    [{ state: 'restarting' }, '#1 wait db ready ≤ 60s — up waits until it is ready'],
  ] as const)('says why it starts one that is %o', (fields, first) => {
    const world = upWorld(shop, (instance) => (instance.node === 'db' ? { ...instance, ...fields } : instance));
    expect(printPlan(planWith(shop, world, { wanted: ['db'] })).split('\n')[0]).toBe(first);
  });

  it('takes up instances that the last run did not make', () => {
    const { observed } = upWorld(shop);
    expect(printPlan(planWith(shop, { ...NOTHING, observed }, { wanted: ['db'] }))).toMatchInlineSnapshot(`
      "#1 create db — its containers were not made by the last run here  mesh.yaml:3:3
      #2 [#1] start db — its containers were not made by the last run here  mesh.yaml:3:3
      #3 [#2] wait db ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('counts a job that exited with 0 as done, and runs one again that failed', () => {
    const job = nodeWith({ name: 'migrate', job: true, health: healthWith({ kind: 'completed' }), at: line(5) });
    const mesh = meshWith({
      nodes: [job, nodeWith({ name: 'api', needs: [need('migrate', 'completed')], at: line(8) })],
    });
    expect(printPlan(planWith(mesh, upWorld(mesh)))).toMatchInlineSnapshot(`
      "#1 wait migrate completed ≤ 60s — api needs it completed
      #2 wait api ready ≤ 60s — up waits until it is ready
      keep migrate, api
      "
    `);
    const failed = upWorld(mesh, (instance) => (instance.node === 'migrate' ? { ...instance, exitCode: 2 } : instance));
    expect(printPlan(planWith(mesh, failed))).toMatchInlineSnapshot(`
      "#1 start migrate — it exited with code 2
      #2 [#1] wait migrate completed ≤ 60s — api needs it completed
      #3 wait api ready ≤ 60s — up waits until it is ready
      keep api
      "
    `);
  });

  it('waits for each condition that somebody asks for, and takes "ready" of a job as completed', () => {
    const job = nodeWith({ name: 'migrate', job: true, needs: [need('db', 'started')], at: line(5) });
    const mesh = meshWith({
      nodes: [
        db,
        job,
        nodeWith({ name: 'api', needs: [need('migrate'), need('db')], at: line(8) }),
        nodeWith({ name: 'web', needs: [need('api', 'started'), need('migrate', 'completed')], at: line(14) }),
      ],
    });
    const plan = planWith(mesh, { ...NOTHING, observed: { instances: [], images: imagesOf(mesh) } });
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 create db — there is no container yet  mesh.yaml:3:3
      #2 [#1] start db — there is no container yet  mesh.yaml:3:3
      #3 [#2] wait db started ≤ 60s — migrate needs it started
      #4 [#2] wait db ready ≤ 60s — api needs it ready
      #5 create migrate — there is no container yet  mesh.yaml:5:3
      #6 [#5 #3] start migrate — there is no container yet  mesh.yaml:5:3
      #7 [#6] wait migrate completed ≤ 60s — api, web need it completed
      #8 create api — there is no container yet  mesh.yaml:8:3
      #9 [#8 #7 #4] start api — there is no container yet  mesh.yaml:8:3
      #10 [#9] wait api started ≤ 60s — web needs it started
      #11 [#9] wait api ready ≤ 60s — up waits until it is ready
      #12 create web — there is no container yet  mesh.yaml:14:3
      #13 [#12 #10 #7] start web — there is no container yet  mesh.yaml:14:3
      #14 [#13] wait web ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('leaves alone what was not asked for, and counts only those as waiting that were', () => {
    const plan = planWith(shop, NOTHING, { wanted: ['db'] });
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "#1 pull postgres:15 for db — image postgres:15 is not on this machine  mesh.yaml:4:3
      #2 [#1] create db — there is no container yet  mesh.yaml:3:3
      #3 [#2] start db — there is no container yet  mesh.yaml:3:3
      #4 [#3] wait db ready ≤ 60s — up waits until it is ready
      "
    `);
  });

  it('waits as long as the manifest says, or as the command line says for all', () => {
    const slow = healthWith({ kind: 'running' }, { withinMs: 90_000 });
    const mesh = shopWith({ name: 'db', health: slow });
    const waits = (withinMs?: number) =>
      planWith(mesh, upWorld(mesh), { withinMs }).actions.flatMap((action) =>
        action.kind === 'wait' ? action.withinMs : [],
      );
    expect(waits()).toEqual([90_000, 60_000, 60_000]);
    expect(waits(5000)).toEqual([5000, 5000, 5000]);
  });

  it('gives the same plan whatever the order in which the engine lists things', () => {
    const mesh = shopWith({ name: 'web', replicas: 3, endpoints: [endpoint('http', 'http', 80)] });
    const world = upWorld(mesh, (instance) => (instance.replica === 2 ? { ...instance, state: 'exited' } : instance));
    const reversed = { ...world.observed, instances: [...world.observed.instances].reverse() };
    expect(printPlan(planWith(mesh, { ...world, observed: reversed }))).toBe(printPlan(planWith(mesh, world)));
  });
});
