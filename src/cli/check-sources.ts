import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Build } from '../mesh/build.ts';
import { nodeOf } from '../mesh/mesh.ts';
import type { Project } from './project.ts';

/** Problems for nodes whose image would have to be built from sources that are not there. */
export function checkSources(project: Project, nodes: readonly string[]): Diagnostic[] {
  return nodes.flatMap((name): Diagnostic[] => {
    const { build, kind, at } = nodeOf(project.mesh, name);
    const needed = build === undefined ? [] : neededFiles(build);
    if (build?.kind === 'node') needed.push(...lockFileOf(build));
    const missing = needed.find((file) => !existsSync(path.join(project.root, file)));
    if (missing === undefined) return [];
    const section = kind === 'service' ? 'services' : 'infrastructure';
    return [
      {
        code: 'MESH2005',
        severity: 'error',
        message: `${name} is built from ${missing}, which is not in ${project.root}`,
        location: project.mesh.places[`${section}.${name}.build`] ?? at,
        hint: 'run from a checkout that has the sources, mend `build`, or use an image that is there: --no-build',
      },
    ];
  });
}

const LOCK_FILES = { npm: 'package-lock.json', pnpm: 'pnpm-lock.yaml', yarn: 'yarn.lock' } as const;

/** The lock file without which an exact install is not possible; npm alone goes without one, outside of workspaces. */
function lockFileOf(build: Extract<Build, { kind: 'node' }>): string[] {
  const { manager = 'npm', workspace } = build;
  const file = path.posix.join(workspace ?? build.context, LOCK_FILES[manager]);
  return manager === 'npm' && workspace === undefined ? [] : [file];
}

function neededFiles(build: Build): string[] {
  switch (build.kind) {
    case 'dotnet':
      return [`${build.project}/${build.assembly}.csproj`];
    case 'node':
      return [`${build.context}/package.json`];
    case 'dockerfile':
      return [build.dockerfile, build.context];
  }
}
