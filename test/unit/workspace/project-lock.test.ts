import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockProject } from '../../../src/workspace/project-lock.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('lockProject', () => {
  it('holds a file with the process id until it is let go', () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.path, '.mesh/lock-shop');
    {
      using _lock = lockProject(folder.path, 'shop');
      expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
      expect(readdirSync(path.dirname(file)).sort()).toEqual(['.gitignore', 'lock-shop']);
    }
    expect(existsSync(file)).toBe(false);
  });

  it('does not get in the way of another project', () => {
    using folder = createTemporaryFolder();
    using _shop = lockProject(folder.path, 'shop');
    using _other = lockProject(folder.path, 'other');
    expect(existsSync(path.join(folder.path, '.mesh/lock-other'))).toBe(true);
  });

  it('is refused while another living process holds it', async () => {
    using folder = createTemporaryFolder();
    const holder = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      folder.write('.mesh/lock-shop', String(holder.pid));
      expect(() => lockProject(folder.path, 'shop')).toThrow(
        expect.objectContaining({
          code: 'MESH2008',
          message: `another mesh command (pid ${holder.pid}) is changing shop`,
        }),
      );
      expect(readFileSync(path.join(folder.path, '.mesh/lock-shop'), 'utf8')).toBe(String(holder.pid));
    } finally {
      holder.stdin.end();
      await once(holder, 'exit');
    }
  });

  it('knows its holder by a link too, as it is on a full disk', async () => {
    using folder = createTemporaryFolder();
    const holder = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    folder.write('.mesh/.gitignore', '*');
    symlinkSync(String(holder.pid), path.join(folder.path, '.mesh/lock-shop'));
    try {
      expect(() => lockProject(folder.path, 'shop')).toThrow(expect.objectContaining({ code: 'MESH2008' }));
    } finally {
      holder.stdin.end();
      await once(holder, 'exit');
    }
    using _lock = lockProject(folder.path, 'shop');
    expect(readFileSync(path.join(folder.path, '.mesh/lock-shop'), 'utf8')).toBe(String(process.pid));
  });

  it('takes over what a process left that is gone, and what names no process', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const left of [String(pid), '', 'nonsense', '-1', '0']) {
      using folder = createTemporaryFolder();
      folder.write('.mesh/lock-shop', left);
      using _lock = lockProject(folder.path, 'shop');
      expect(readFileSync(path.join(folder.path, '.mesh/lock-shop'), 'utf8')).toBe(String(process.pid));
    }
  });
});
