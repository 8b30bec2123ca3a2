import { renderMeshesTable } from '../../report/meshes-table.ts';
import { columnsOf, stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { findMeshesHere } from '../meshes-here.ts';

export interface LsOptions {
  readonly json?: boolean;
}

/** Needs no manifest, and works without an engine, too: how many nodes run is then not known. */
export async function ls(options: LsOptions, io: Io): Promise<number> {
  const { meshes, problem } = await findMeshesHere(io);
  if (options.json === true) io.stdout.write(`${JSON.stringify({ v: 1, meshes })}\n`);
  else {
    const view = { columns: columnsOf(io.stdout), styles: stylesFor(io.stdout, io), home: io.home };
    io.stdout.write(renderMeshesTable(meshes, view));
  }
  if (problem !== undefined && meshes.some(({ engine }) => engine === 'docker')) io.stderr.write(`${problem}\n`);
  return 0;
}
