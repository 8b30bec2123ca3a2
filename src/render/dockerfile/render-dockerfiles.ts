import type { Artefact } from '../../mesh/artefact.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { dockerfilePath } from './dockerfile-path.ts';
import { renderDockerignore } from './dockerignore.ts';
import { renderDotnetDockerfile } from './dotnet.ts';
import { renderNodeDockerfile } from './node.ts';

/** The Dockerfile of each node that mesh builds, with its .dockerignore; a user's own Dockerfile is left alone. */
export function renderDockerfiles(mesh: Mesh): Artefact[] {
  return mesh.nodes.flatMap((node) => {
    const build = node.build;
    if (build === undefined || build.kind === 'dockerfile') return [];
    const path = dockerfilePath(node.name, build);
    const text =
      build.kind === 'dotnet' ? renderDotnetDockerfile(mesh, node, build) : renderNodeDockerfile(mesh, node, build);
    return [
      { path, text },
      { path: `${path}.dockerignore`, text: renderDockerignore(build) },
    ];
  });
}
