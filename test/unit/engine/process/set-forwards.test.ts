import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Forward } from '../../../../src/engine/process/forward.ts';
import { readProcesses } from '../../../../src/engine/process/state/process-table.ts';
import { projectPaths } from '../../../../src/engine/process/state/project-paths.ts';
import { readLock } from '../../../../src/engine/process/supervisor/lock.ts';
import { NEVER, openScratchProject, type ScratchProject } from './scratch-project.ts';
import { askOnce, freeAddress, LOCAL, openEcho, type Target } from './tcp-peers.ts';

// Real processes, on machines that may be busy with something else.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const MANIFEST = `
name: scratch
services:
  idler: { build: { node: idler, entry: main.js } }
`;
const FILES = { 'idler/package.json': '{}', 'idler/main.js': 'setInterval(() => {}, 1000)' };

let project: ScratchProject;
let echo: Target;
let forward: Forward;
beforeEach(async () => {
  project = await openScratchProject(MANIFEST, FILES);
  echo = await openEcho();
  forward = { listen: await freeAddress(), to: echo.address, allow: LOCAL };
});
afterEach(async () => {
  await echo[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const stateFolder = () => path.join(project.root, '.mesh');
const forwardsFile = () => projectPaths(project.root, 'scratch').forwards;
const supervisorOf = (name: string): number => {
  const pid = readLock(projectPaths(project.root, name).lock)?.pid;
  if (pid === undefined) throw new Error(`there is no supervisor of ${name}`);
  return pid;
};
const isGone = (pid: number) =>
  project.eventually(async () => (readProcesses().some((info) => info.pid === pid && !info.zombie) ? undefined : true));
const crashSupervisor = async () => {
  const pid = supervisorOf('scratch');
  process.kill(pid, 'SIGKILL');
  await isGone(pid);
};
const answer = (to = forward.listen) => askOnce(to, 'x');

describe('forwards', () => {
  test('outlive the command that set them, for as long as there are any', async () => {
    const command = project.openEngine();
    await command.forward('scratch', [forward]);
    await command.forward('other', [{ ...forward, listen: await freeAddress() }]);
    await command.forward('other', []);
    const [supervisor, other] = [supervisorOf('scratch'), supervisorOf('other')];
    command.close();
    // That of the other project has nothing to do any more; this one began to have nobody connected when it did.
    await isGone(other);
    expect(supervisorOf('scratch')).toBe(supervisor);
    expect(await answer()).toBe('x');

    await project.engine.forward('scratch', []);
    expect(await answer()).toBe('');
    project.engine.close();
    await isGone(supervisor);
    await project.openEngine().removeProject('other', { volumes: true });
  });

  test('that are none start no supervisor', async () => {
    await project.engine.forward('scratch', []);
    expect(existsSync(stateFolder())).toBe(false);
  });

  test('that cannot be opened are refused with the words of the system', async () => {
    const { host, port } = echo.address;
    const taken: Forward = { ...forward, listen: echo.address, to: { host, port: 1 } };
    await project.engine.forward('scratch', [forward]);
    await expect(project.engine.forward('scratch', [taken])).rejects.toMatchObject({
      code: 'MESH2006',
      message: `a forward could not be opened: listen EADDRINUSE: address already in use ${host}:${port}`,
    });
    expect(await answer()).toBe('x');
  });

  test('go with the project', async () => {
    await project.up();
    await project.engine.forward('scratch', [forward]);
    await project.engine.removeProject('scratch', { volumes: false });
    expect(await answer()).toBe('');
    expect(existsSync(forwardsFile())).toBe(false);
  });
});

describe('a supervisor that is killed', () => {
  test('has its forwards opened again by the next look at what runs', async () => {
    await project.up();
    await project.engine.forward('scratch', [forward]);
    const killed = supervisorOf('scratch');
    await crashSupervisor();
    // The first look may still find the connection to the one that is gone.
    const answered = async () => {
      expect(await project.instance('idler')).toMatchObject({ state: 'running' });
      return (await answer()) === 'x' ? true : undefined;
    };
    await project.eventually(answered);
    expect(supervisorOf('scratch')).not.toBe(killed);
  });

  test('has its forwards set again', async () => {
    const more = { ...forward, listen: await freeAddress() };
    await project.engine.forward('scratch', [forward]);
    await crashSupervisor();
    await project.engine.forward('scratch', [forward, more]);
    expect(await answer()).toBe('x');
    expect(await answer(more.listen)).toBe('x');
  });

  test('has its forwards ended for good by an empty list', async () => {
    await project.engine.forward('scratch', [forward]);
    await crashSupervisor();
    await project.engine.forward('scratch', []);
    await project.engine.converge({ mesh: project.mesh, nodes: ['idler'], anew: [], remove: [] }, NEVER);
    expect(await answer()).toBe('');
    expect(existsSync(forwardsFile())).toBe(false);
  });

  test('leaves no forward to a project that is removed', async () => {
    await project.engine.forward('scratch', [forward]);
    await crashSupervisor();
    await project.engine.removeProject('scratch', { volumes: false });
    expect(existsSync(forwardsFile())).toBe(false);
    await project.up();
    expect(await answer()).toBe('');
  });
});
