import { spawnSync } from 'node:child_process';
import { docker } from './docker.ts';

/** Whether the engine keeps images in containerd's store; tests are defined by it, so it is asked at once. */
export function keepsImagesInContainerd(): boolean {
  const { stdout } = spawnSync('docker', ['info', '--format', '{{json .DriverStatus}}'], { encoding: 'utf8' });
  return (stdout ?? '').includes('io.containerd.snapshotter');
}

/**
 * Removes from the builder's cache what steps left that have this word in them, and nothing of anybody else. What
 * others build on cannot be removed, so the last ones go first.
 */
export async function forgetSteps(word: string): Promise<void> {
  for (;;) {
    const records = (await docker('buildx', 'du', '--verbose')).split(/\n\s*\n/);
    const own = records.filter((text) =>
      text.split('\n').some((line) => /^Description:/.test(line) && line.includes(word)),
    );
    if (own.length === 0) return;
    const ids = own.flatMap((text) => /^ID:\s*(\S+)/m.exec(text)?.[1] ?? []);
    const parents = new Set(own.flatMap((text) => [...text.matchAll(/^ - (\S+)$/gm)].map(([, id]) => id)));
    for (const id of ids.filter((one) => !parents.has(one)))
      await docker('buildx', 'prune', '--all', '--force', '--filter', `id=${id}`);
  }
}
