import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { preferredHostPorts } from '../mesh/plan-ports.ts';
import { resolveMesh } from '../mesh/resolve.ts';
import { readPortRemaps } from '../workspace/port-remaps.ts';
import { keepProject, type ProjectRequest, type ResolvedProject } from './kept-project.ts';
import { placeMesh } from './place-mesh.ts';

/** @throws InvalidInput with every problem of the manifest; MeshError when it cannot be read */
export function readProject(request: ProjectRequest): ResolvedProject {
  const read = readManifest(request);
  const { root, file, sources, inputs } = read;
  const preferred = preferredHostPorts(read);
  const place = placeMesh({ name: read.manifest.name, root, preferred }, request);
  // What was taken on this machine is nothing that is generated for everybody.
  const remaps = request.unnamed === 'main' ? {} : readPortRemaps(root, place.project);
  const resolved = resolveMesh({ ...read, project: place.project, instance: place.instance, remaps });
  if (resolved.value === undefined) throw new InvalidInput(resolved.diagnostics, sources);
  const found = { mesh: resolved.value, root, file, sources, origin: place.origin };
  return { ...keepProject(request, { found, place, preferred, inputs }), read };
}
