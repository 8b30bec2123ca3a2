import type { Source } from '../diagnostics/location.ts';
import type { ReadResult } from '../manifest/read-manifest.ts';
import type { RegisteredMesh } from '../mesh/instance.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Placement } from '../mesh/placement.ts';

/** A manifest that has been read, checked and resolved. */
export interface Project {
  /** With the nodes that were moved to the host there. */
  readonly mesh: Mesh;
  /** The mesh as the manifest says it, with nothing moved. */
  readonly unplaced: Mesh;
  /** What was moved to the host; missing when nothing is, and nothing is left there. */
  readonly placement?: Placement | undefined;
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  readonly file: string;
  /** What was read of the manifest, where it had to be; nothing where the mesh was kept from before. */
  readonly read?: ReadResult | undefined;
  readonly sources: ReadonlyMap<string, Source>;
  /** Whether it is this copy by its folder, or because somebody asked for it. */
  readonly origin: RegisteredMesh['origin'];
  /** Stands for everything that the mesh was made from; equal keys, equal meshes. */
  readonly key: string;
}
