import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { messageOf } from '../diagnostics/mesh-error.ts';
import type { MapEntry, MapTree, Tree } from './tree.ts';

/** `source: ./file` → `content: text of that file`, so that nothing behind this function reads the disk. */
export function inlineSources(
  tree: Tree,
  root: string,
  inputs: string[],
): { readonly value: Tree; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const inline = (current: Tree, key: string | undefined, grandKey: string | undefined): Tree => {
    if (current.kind !== 'map') return current;
    const source = grandKey === 'files' ? current.entries.get('source') : undefined;
    if (source?.tree.kind === 'scalar' && typeof source.tree.value === 'string') {
      return inlineSource(current, source, { root, inputs, diagnostics });
    }
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of current.entries) {
      entries.set(name, { keyAt: entry.keyAt, tree: inline(entry.tree, name, key) });
    }
    return { ...current, entries };
  };
  return { value: inline(tree, undefined, undefined), diagnostics };
}

interface Scope {
  readonly root: string;
  readonly inputs: string[];
  readonly diagnostics: Diagnostic[];
}

function inlineSource(tree: MapTree, source: MapEntry, { root, inputs, diagnostics }: Scope): Tree {
  const written = source.tree.kind === 'scalar' ? String(source.tree.value) : '';
  try {
    const file = path.resolve(root, written);
    const text = readFileSync(file, 'utf8');
    inputs.push(file);
    const entries = new Map(tree.entries);
    entries.delete('source');
    entries.set('content', {
      keyAt: source.keyAt,
      tree: { kind: 'scalar', value: text, written: text, at: source.tree.at },
    });
    return { ...tree, entries };
  } catch (error) {
    diagnostics.push({
      code: 'MESH1007',
      severity: 'error',
      message: `cannot read ${written}: ${messageOf(error).split(',')[0]}`,
      location: source.tree.at,
      hint: 'the path is relative to the manifest that names it',
    });
    return tree;
  }
}
