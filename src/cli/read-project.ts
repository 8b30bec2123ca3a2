import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import { resolveMesh } from '../mesh/resolve.ts';
import { readPortRemaps } from '../workspace/port-remaps.ts';
import { keepProject, type ProjectRequest } from './kept-project.ts';
import type { Project } from './opened-project.ts';

/** @throws InvalidInput with every problem of the manifest; MeshError when it cannot be read */
export function readProject(request: ProjectRequest): Project {
  const read = readManifest(request);
  const remaps = readPortRemaps(read.root, request.project ?? read.manifest.name);
  const resolved = resolveMesh({ ...read, project: request.project, remaps });
  if (resolved.value === undefined) throw new InvalidInput(resolved.diagnostics, read.sources);
  const { root, file, sources, inputs } = read;
  return keepProject(request, { mesh: resolved.value, root, file, sources }, inputs);
}
