import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { inject } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { findDockerHost } from '../../src/engine/docker/docker-host.ts';
import { renderCompose } from '../../src/render/compose/render-compose.ts';
import { systemClock } from '../../src/time/clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeEngineContract } from '../unit/engine/engine-contract.ts';
import { describeEngine } from './support/engine-test.ts';
import { removeProject } from './support/temporary-mesh.ts';

// The setup of these tests has said why they are skipped, or failed where an engine is required.
describeEngine('docker', () => {
  if (inject('skipReason') !== '') return;
  describeEngineContract('docker', async () => {
    const project = `mesh-contract-${randomBytes(4).toString('hex')}`;
    const folder = temporaryFolder();
    const engine = await createDockerEngine({
      host: findDockerHost({ env: process.env, home: homedir(), uid: process.getuid?.() }),
      root: folder.path,
      env: process.env,
      secret: () => '',
      variable: () => undefined,
    });
    return {
      engine,
      clock: systemClock,
      project,
      leftovers: { networks: [`network ${project}_default`], volumes: [`volume ${project}_rows`] },
      publish: (mesh) => {
        const { path, text } = renderCompose(mesh);
        folder.write(path, text);
      },
      [Symbol.asyncDispose]: async () => {
        engine.close();
        await removeProject(project);
        folder[Symbol.dispose]();
      },
    };
  });
});
