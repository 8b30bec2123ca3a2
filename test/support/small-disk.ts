import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is a small disk of its own. */
export interface SmallDisk extends Disposable {
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

/** @param bytes a multiple of the page size */
export function mountSmallDisk(folder: string, bytes = 512 * 1024): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
  const filling = path.join(folder, 'filling');
  return {
    fill() {
      for (let piece = 64 * 1024; piece >= 1; piece = Math.floor(piece / 2)) {
        try {
          for (;;) writeFileSync(filling, Buffer.alloc(piece), { flag: 'a' });
        } catch {
          // A smaller piece may still have room.
        }
      }
    },
    free: () => rmSync(filling, { force: true }),
    // A supervisor that is just ending may still have it as its folder.
    [Symbol.dispose]: () => execFileSync('umount', ['--lazy', folder]),
  };
}

/** Why there can be no small disk here; empty when there can. */
export function whyNoSmallDisk(): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount a small disk';
  const folder = mkdtempSync(path.join(tmpdir(), 'mesh-disk-'));
  try {
    mountSmallDisk(folder)[Symbol.dispose]();
    return '';
  } catch {
    return 'a small disk cannot be mounted in this container';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
