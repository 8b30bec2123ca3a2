import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Source } from '../diagnostics/location.ts';
import type { Artefact } from '../mesh/artefact.ts';
import { readFileIfThere } from '../workspace/state-folder.ts';

/** The files of one target, as they are committed, or as the manifest gives them where nothing is. */
export interface TargetFiles {
  /** What is held against the manifest. */
  readonly sources: readonly Source[];
  /** Each committed file with what the manifest gives in its place. */
  readonly pairs: readonly { readonly rendered: Source; readonly committed: Source }[];
  /** What is not on the disk, although other files of the target are. */
  readonly missing: readonly string[];
}

/**
 * Files on the disk win: a stale or edited one is what has to be found. Where there are none of a target, it is held
 * against the manifest as it is rendered now. `folder`: where files that nothing renders any more may lie.
 */
export function readTargetFiles(root: string, artefacts: readonly Artefact[], folder?: string): TargetFiles {
  const onDisk = new Map<string, string>();
  const others = folder === undefined ? [] : yamlFilesIn(root, folder);
  for (const file of new Set([...artefacts.map((artefact) => artefact.path), ...others])) {
    const text = readFileIfThere(path.join(root, file));
    if (text !== undefined) onDisk.set(file, text);
  }
  if (onDisk.size === 0) {
    const sources = artefacts.map(({ path: file, text }) => ({ file: `${file} (rendered)`, text }));
    return { sources, pairs: [], missing: [] };
  }
  const pairs = artefacts.flatMap(({ path: file, text }) => {
    const committed = onDisk.get(file);
    return committed === undefined ? [] : [{ rendered: { file, text }, committed: { file, text: committed } }];
  });
  const missing = artefacts.map((artefact) => artefact.path).filter((file) => !onDisk.has(file));
  return { sources: [...onDisk].map(([file, text]) => ({ file, text })), pairs, missing };
}

/** Paths relative to the root, with forward slashes, in order. */
export function yamlFilesIn(root: string, folder: string): string[] {
  const start = path.join(root, folder);
  try {
    return readdirSync(start, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ya?ml$|\.json$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .sort();
  } catch {
    // No such folder: nothing was generated.
    return [];
  }
}
