import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';
import { createProcessEngine } from '../../../../src/engine/process/create-process-engine.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { meshWith, nodeWith } from '../../render/mesh-builder.ts';
import { createTemporaryFolder } from '../../temporary-folder.ts';
import { describeEngineContract, IMAGE } from '../engine-contract.ts';
import { machineWith } from './mesh-of.ts';
import { bundleSupervisor } from './scratch-project.ts';

// Real processes, on machines that may be busy with something else.
vi.setConfig({ testTimeout: 60_000 });

describeEngineContract('the process engine', async () => {
  const project = `mesh-contract-${randomBytes(4).toString('hex')}`;
  const folder = createTemporaryFolder();
  const engine = createProcessEngine({
    root: folder.path,
    // Images are names here: one is there when it is that of a node.
    mesh: meshWith({ name: project, project, nodes: [nodeWith({ name: 'server', image: IMAGE })] }),
    available: machineWith(),
    secrets: () => '',
    variables: () => undefined,
    clock: systemClock,
    supervisorEntry: bundleSupervisor(folder.path),
  });
  return {
    engine,
    clock: systemClock,
    project,
    leftovers: { networks: [], volumes: [] },
    publish: (mesh) => {
      for (const { run } of mesh.nodes) mkdirSync(path.join(folder.path, run?.folder ?? '.'), { recursive: true });
    },
    [Symbol.asyncDispose]: async () => {
      await engine.removeProject(project, { volumes: true });
      engine.close();
      folder[Symbol.dispose]();
    },
  };
});
