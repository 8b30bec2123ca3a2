import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built-in presets. Each is a plain manifest, `presets/<name>.yaml` of this package, that anyone can read and copy. */
export const PRESETS = ['toskamesh'] as const;

export function isPreset(name: string): boolean {
  return (PRESETS as readonly string[]).includes(name);
}

/** The name that places inside a preset carry: there is no file of the user's to point at. */
export function presetLabel(name: string): string {
  return `${name} (preset)`;
}

export function readPreset(name: string): string {
  return readFileSync(presetFile(name), 'utf8');
}

export function presetFile(name: string): string {
  return path.join(packageRoot(), 'presets', `${name}.yaml`);
}

/** The sources stand one level deeper than the bundle, so the root is found and not computed. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'presets'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('the package of mesh is incomplete: it has no presets folder');
    folder = parent;
  }
  return folder;
}
