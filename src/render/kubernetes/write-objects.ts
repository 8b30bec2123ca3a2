import type { MeshNode } from '../../mesh/mesh.ts';
import type { Note } from '../note.ts';
import { writeYaml } from '../write-yaml.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { objectNotes } from './object-notes.ts';
import type { RenderScope } from './render-scope.ts';

// What people look for in these files, and what changes most: a line each makes a good diff.
const ONE_ENTRY_PER_LINE = new Set(['labels', 'annotations', 'data', 'stringData', 'resources', 'args']);

export interface ObjectFile {
  readonly header: string;
  readonly objects: readonly KubernetesObject[];
}

/** The objects of a node as one file, with `---` between them. */
export function writeObjects(scope: RenderScope, node: MeshNode, file: ObjectFile): string {
  return file.objects
    .map((object, index) => writeData(index === 0 ? file.header : '', object, objectNotes(scope, node, object)))
    .join('---\n');
}

export function writeData(header: string, data: object, notes: readonly Note[] = []): string {
  return writeYaml({ header, data, notes, shared: [], apart: [], oneEntryPerLine: ONE_ENTRY_PER_LINE });
}
