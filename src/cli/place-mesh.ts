import { existsSync } from 'node:fs';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { chooseInstance, type RegisteredMesh } from '../mesh/instance.ts';
import type { MeshInstance } from '../mesh/mesh.ts';
import { choosePortOffset } from '../mesh/port-block.ts';
import { findCheckout } from '../workspace/checkout.ts';

/** What a mesh that nobody named is: its place among the copies on this machine, or the one that files are made for. */
export type Unnamed = 'derived' | 'main';

export interface PlaceRequest {
  /** `--project` */
  readonly project: string | undefined;
  /** `--instance` */
  readonly instance: string | undefined;
  readonly unnamed: Unnamed;
  /** All meshes that were brought up on this machine. */
  readonly registered: readonly RegisteredMesh[];
}

/** Which of the copies on this machine a mesh is. */
export interface Place {
  readonly project: string;
  /** Missing for the main one. */
  readonly instance: MeshInstance | undefined;
  readonly origin: RegisteredMesh['origin'];
}

export interface PlacedMesh {
  readonly name: string;
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  /** The fixed host ports that the manifest gives the main instance. */
  readonly preferred: readonly number[];
}

/** @throws MeshError MESH2030 when there are no ports for it */
export function placeMesh(mesh: PlacedMesh, request: PlaceRequest): Place {
  const { project, instance: asked, unnamed, registered } = request;
  if (unnamed === 'main' && asked === undefined) {
    return { project: project ?? mesh.name, instance: undefined, origin: 'asked' };
  }
  const { root, name } = mesh;
  const choice = chooseInstance({ mesh: name, root, project, asked, ...findCheckout(root) }, registered, existsSync);
  if (choice.instance === undefined) return { ...choice, instance: undefined };
  const others = registered.filter((entry) => entry.project !== choice.project);
  const before = registered.find((entry) => entry.project === choice.project && entry.root === root);
  const offset = choosePortOffset({
    preferred: mesh.preferred,
    taken: others.flatMap((entry) => entry.ports),
    before: before?.offset,
  });
  if (offset === undefined) throw noPorts(choice.instance);
  return { ...choice, instance: { name: choice.instance, offset } };
}

function noPorts(instance: string): MeshError {
  return new MeshError(`no block of ports is left for instance ${instance}`, {
    code: 'MESH2030',
    hint: 'remove what is gone (mesh dev prune), or give endpoints with a high host port a lower one or `host: auto`',
  });
}
