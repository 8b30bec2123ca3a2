import { compiledForOthers, libraryGroups } from '../../dotnet/library-groups.ts';
import type { ProjectClosures } from '../../dotnet/project-closure.ts';
import { recordedClosure } from '../../dotnet/recorded-closure.ts';
import type { Artefact } from '../../mesh/artefact.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { dockerfilePath } from './dockerfile-path.ts';
import { renderDockerignore } from './dockerignore.ts';
import { type DotnetBuild, type DotnetSources, renderDotnetDockerfile } from './dotnet.ts';
import { renderNodeDockerfile } from './node.ts';

/**
 * The Dockerfile of each node that mesh builds, with its .dockerignore; a user's own Dockerfile is left alone.
 *
 * @param closures what .NET services are built from, as their project files say it; for one that is missing there, what
 * the manifest says holds
 */
export function renderDockerfiles(mesh: Mesh, closures: ProjectClosures = new Map()): Artefact[] {
  const sources = dotnetSources(mesh, closures);
  return mesh.nodes.flatMap((node) => {
    const build = node.build;
    if (build === undefined || build.kind === 'dockerfile') return [];
    const path = dockerfilePath(node.name, build);
    const text =
      build.kind === 'dotnet'
        ? renderDotnetDockerfile(mesh, node, build, sources(node.name))
        : renderNodeDockerfile(mesh, node, build);
    return [
      { path, text },
      { path: `${path}.dockerignore`, text: renderDockerignore(build) },
    ];
  });
}

interface DotnetNode {
  readonly node: MeshNode;
  readonly build: DotnetBuild;
}

/** Services share steps where they are built by the same image from the same context. */
function dotnetSources(mesh: Mesh, closures: ProjectClosures): (node: string) => DotnetSources {
  const nodes = mesh.nodes.flatMap((node): DotnetNode[] =>
    node.build?.kind === 'dotnet' ? [{ node, build: node.build }] : [],
  );
  const applications = new Set(nodes.map(({ build }) => build.project));
  const alike = new Map<string, DotnetNode[]>();
  for (const entry of nodes) {
    const key = `${entry.build.sdkImage}\n${entry.build.context}`;
    alike.set(key, [...(alike.get(key) ?? []), entry]);
  }
  const found = new Map<string, DotnetSources>();
  for (const members of alike.values()) {
    const own = new Map(
      members.map(({ node, build }) => [
        node.name,
        closures.get(node.name) ?? recordedClosure({ ...build, applications }),
      ]),
    );
    const groups = libraryGroups(own);
    const libraries = compiledForOthers(own, groups);
    for (const [name, closure] of own)
      found.set(name, { closure, groups: groups.get(name) ?? [], isCompiledForOthers: libraries.has(name) });
  }
  return (node) => {
    const sources = found.get(node);
    if (sources === undefined) throw new Error(`${node} is not built from a .NET project`);
    return sources;
  };
}
