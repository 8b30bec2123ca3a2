import type { Decoded } from '../manifest/decode.ts';
import type { ManifestNode } from '../manifest/schema.ts';

export type Section = 'infrastructure' | 'services';

/** A node as the manifest has it. */
export interface Entry {
  readonly section: Section;
  readonly name: string;
  readonly node: ManifestNode;
}

export function entriesOf(input: Pick<Decoded, 'manifest'>, section: Section): Entry[] {
  return Object.entries(input.manifest[section] ?? {}).map(([name, node]) => ({ section, name, node }));
}
