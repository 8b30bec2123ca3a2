import { parseYaml } from '../../../src/manifest/parse-yaml.ts';
import type { Tree } from '../../../src/manifest/tree.ts';

/** The tree of a YAML text that is known to be right. */
export function treeOf(text: string, file = 'mesh.yaml'): Tree {
  const { value, diagnostics } = parseYaml({ file, text });
  if (value === undefined || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return value;
}
