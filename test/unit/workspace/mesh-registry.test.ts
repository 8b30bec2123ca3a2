import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/time/clock.ts';
import {
  lockRegistry,
  type RegistryEntry,
  readRegistry,
  registryFile,
  withEntry,
  withoutProject,
  writeRegistry,
} from '../../../src/workspace/mesh-registry.ts';
import { createManualClock } from '../report/manual-clock.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const NEVER = new AbortController().signal;

function entry(project: string, fields: Partial<RegistryEntry> = {}): RegistryEntry {
  return {
    ...{ project, mesh: 'shop', origin: 'derived', root: `/src/${project}`, offset: 0, ports: [5000] },
    ...{ engine: 'docker', host: 'unix:///var/run/docker.sock', images: [], updatedAt: '2026-01-31T12:00:00.000Z' },
    ...fields,
  };
}

describe('registryFile', () => {
  it('lies with the state of the user, or where it is said to lie', () => {
    expect(registryFile({}, '/home/me')).toBe('/home/me/.local/state/mesh/instances.json');
    expect(registryFile({ XDG_STATE_HOME: '/state' }, '/home/me')).toBe('/state/mesh/instances.json');
    expect(registryFile({ XDG_STATE_HOME: 'relative' }, '/home/me')).toBe('/home/me/.local/state/mesh/instances.json');
    expect(registryFile({ MESH_STATE_DIR: '/own', XDG_STATE_HOME: '/state' }, '/home/me')).toBe('/own/instances.json');
  });
});

describe('the list of meshes', () => {
  it('gives back what was written, in the order of projects, private to the user', async () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.path, 'state/instances.json');
    expect(readRegistry(file)).toEqual([]);
    const first = withEntry([], entry('shop-b', { instance: 'b', offset: 100, images: ['shop-b-web'] }));
    writeRegistry(file, withEntry(first, entry('shop', { engine: 'process' })));
    expect(readRegistry(file).map(({ project }) => project)).toEqual(['shop', 'shop-b']);
    expect(readRegistry(file)[1]).toEqual(first[0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('has one entry for a project', () => {
    const entries = withEntry([entry('shop')], entry('shop', { root: '/elsewhere' }));
    expect(entries.map(({ root }) => root)).toEqual(['/elsewhere']);
    expect(withoutProject(entries, 'shop')).toEqual([]);
  });

  it('leaves out what it cannot understand, and keeps the rest', () => {
    using folder = createTemporaryFolder();
    const damaged = [
      null,
      7,
      {},
      { ...entry('a'), ports: ['x'] },
      { ...entry('b'), origin: 'x' },
      { ...entry('c'), host: 1 },
    ];
    const file = folder.write('instances.json', JSON.stringify({ v: 1, meshes: [...damaged, entry('good')] }));
    expect(readRegistry(file)).toEqual([entry('good')]);
    for (const text of ['', '[', '[]', 'null', '{"meshes":{}}']) {
      folder.write('instances.json', text);
      expect(readRegistry(file)).toEqual([]);
    }
    // Not even a file.
    mkdirSync(path.join(folder.path, 'folder'));
    expect(readRegistry(path.join(folder.path, 'folder'))).toEqual([]);
  });
});

describe('lockRegistry', () => {
  it('makes the folder, and one waits for the other', async () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.path, 'state/instances.json');
    const holder = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    folder.write('state/instances.json.lock', String(holder.pid));
    let had = false;
    const waiting = lockRegistry(file, systemClock, NEVER).then((lock) => {
      had = true;
      return lock;
    });
    await systemClock.sleep(50);
    expect(had).toBe(false);
    holder.stdin.end();
    await once(holder, 'exit');
    {
      using _lock = await waiting;
      expect(readFileSync(`${file}.lock`, 'utf8')).toBe(String(process.pid));
    }
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('gives up when nobody lets go of it', async () => {
    using folder = createTemporaryFolder();
    const clock = createManualClock();
    // The process that runs these tests was started by one that lives as long.
    const file = path.join(folder.path, 'instances.json');
    folder.write('instances.json.lock', String(process.ppid));
    const refused = expect(lockRegistry(file, clock, NEVER)).rejects.toMatchObject({
      code: 'MESH2008',
      message: expect.stringContaining(`(pid ${process.ppid})`),
    });
    await clock.pass(11_000);
    await refused;
  });

  it.skipIf(process.getuid?.() === 0)('says when the folder cannot be written', async () => {
    using folder = createTemporaryFolder();
    chmodSync(folder.path, 0o500);
    const file = path.join(folder.path, 'state/instances.json');
    await expect(lockRegistry(file, systemClock, NEVER)).rejects.toMatchObject({ code: 'MESH2011' });
    chmodSync(folder.path, 0o700);
  });

  it('says when there is a file in the place of the folder', async () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.write('state', ''), 'instances.json');
    await expect(lockRegistry(file, systemClock, NEVER)).rejects.toMatchObject({ code: 'MESH2011' });
  });
});
