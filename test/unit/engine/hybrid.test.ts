import { afterEach, describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../../src/engine/fake/create-fake-engine.ts';
import { createHybridEngine } from '../../../src/engine/hybrid/create-hybrid-engine.ts';
import type { Mesh } from '../../../src/mesh/mesh.ts';
import { placeOnHost } from '../../../src/mesh/placement.ts';
import { endpoint, meshWith, nodeWith } from '../render/mesh-builder.ts';
import { createVirtualClock } from '../time/virtual-clock.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('a hybrid engine with all in containers', async (nodes) => {
  const clock = createVirtualClock();
  const images = { 'mesh-contract.invalid/none:1': { here: false } };
  const containers = createFakeEngine({ clock, nodes, images });
  const engine = createHybridEngine({
    mesh: meshWith({}),
    containers,
    processes: createFakeEngine({ clock }),
    isProcess: () => false,
    connect: async () => {},
  });
  return {
    engine,
    clock,
    project: 'contract',
    publish: () => {},
    leftovers: { networks: ['network contract_default'], volumes: ['volume contract_rows'] },
    [Symbol.asyncDispose]: async () => engine.close(),
  };
});

const never = new AbortController().signal;
const inContainers = meshWith({
  nodes: ['api', 'web'].map((name, index) =>
    nodeWith({ name, stopGraceMs: 1000, endpoints: [endpoint('http', 'http', 80, 5000 + index)] }),
  ),
});
const withApiOnHost = placeOnHost(inContainers, {
  local: ['api'],
  address: '172.17.0.1',
  hostPorts: {},
  reachPorts: {},
});

describe('a hybrid engine', () => {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  function create(mesh: Mesh) {
    const clock = createVirtualClock();
    const containers = createFakeEngine({ clock });
    const processes = createFakeEngine({ clock });
    const connected: string[] = [];
    const engineFor = (known: Mesh) =>
      createHybridEngine({
        mesh: known,
        containers,
        processes,
        isProcess: (id) => processes.instances().some((instance) => instance.id === id),
        connect: async () => {
          connected.push(
            containers
              .instances()
              .map(({ node }) => node)
              .join(' '),
          );
        },
      });
    const engine = engineFor(mesh);
    open.push(() => engine.close());
    return { clock, containers, processes, connected, engine, engineFor };
  }

  const names = (engine: { instances: () => readonly { node: string }[] }) =>
    engine.instances().map(({ node }) => node);

  it('makes each node where it is placed, and opens the way only when containers are there', async () => {
    const { engine, containers, processes, connected } = create(withApiOnHost);
    await engine.converge({ mesh: withApiOnHost, nodes: ['api', 'web'], anew: [], remove: [] }, never);
    expect(names(containers)).toEqual(['web']);
    expect(names(processes)).toEqual(['api']);
    expect(connected).toEqual(['web']);
    const { instances } = await engine.observe(withApiOnHost.project, []);
    expect(instances.map(({ node }) => node).sort()).toEqual(['api', 'web']);
    expect(engine.info.label).toMatch(/, api on the host$/);
  });

  it('moves a node: what holds its port ends before its successor starts, and others stay', async () => {
    const { engine, engineFor, containers, processes } = create(inContainers);
    await engine.converge({ mesh: inContainers, nodes: ['api', 'web'], anew: [], remove: [] }, never);
    for (const instance of containers.instances()) await engine.start(instance, inContainers, never);
    const [, web] = containers.instances();

    const moved = engineFor(withApiOnHost);
    await moved.converge({ mesh: withApiOnHost, nodes: ['api'], anew: ['api'], remove: [] }, never);
    expect(containers.instances()).toEqual([web]);
    expect(names(processes)).toEqual(['api']);
    for (const instance of processes.instances()) await moved.start(instance, withApiOnHost, never);

    const back = engineFor(inContainers);
    await back.converge({ mesh: inContainers, nodes: ['api'], anew: ['api'], remove: [] }, never);
    expect(names(processes)).toEqual([]);
    expect(names(containers).sort()).toEqual(['api', 'web']);
    expect(containers.instances().find(({ node }) => node === 'web')).toEqual(web);
  });

  it('removes all of a project, wherever it is', async () => {
    const { engine, containers, processes } = create(withApiOnHost);
    await engine.converge({ mesh: withApiOnHost, nodes: ['api', 'web'], anew: [], remove: [] }, never);
    const { instances } = await engine.observe(withApiOnHost.project, []);
    await engine.converge({ mesh: withApiOnHost, nodes: [], anew: [], remove: instances }, never);
    expect([...names(containers), ...names(processes)]).toEqual([]);
  });
});
