import path from 'node:path/posix';
import type { ManifestBuild, ManifestNode } from '../manifest/schema.ts';
import type { Build } from './build.ts';
import type { HostRun, ProbeClient, Setting } from './mesh.ts';

/** The build in its resolved form: defaults written out, paths with forward slashes. */
export function resolveBuild(build: ManifestBuild): Build {
  const { secrets, trust } = build;
  const access = { ...(secrets === undefined ? {} : { secrets }), ...(trust === undefined ? {} : { trust }) };
  if ('dotnet' in build) {
    const project = clean(build.dotnet);
    return {
      ...access,
      kind: 'dotnet',
      project,
      assembly: path.basename(project),
      context: clean(build.context ?? '.'),
      references: build.references?.map(clean),
      sdkImage: build.sdk ?? 'mcr.microsoft.com/dotnet/sdk:8.0',
      runtimeImage: build.runtime ?? 'mcr.microsoft.com/dotnet/aspnet:8.0',
    };
  }
  if ('node' in build) {
    return {
      ...access,
      kind: 'node',
      context: clean(build.node),
      entry: build.entry,
      script: build.script,
      baseImage: build.base ?? 'node:22-bookworm-slim',
      manager: build.manager,
      workspace: build.workspace === undefined ? undefined : clean(build.workspace),
    };
  }
  const dockerfile = clean(build.dockerfile);
  return {
    ...access,
    kind: 'dockerfile',
    dockerfile,
    context: clean(build.context ?? path.dirname(dockerfile)),
    target: build.target,
    args: build.args ?? {},
  };
}

/** Where it runs is where it was built, so that a command names the results as the build does. */
export function resolveRun(
  run: ManifestNode['run'],
  build: Build | undefined,
  setting: (name: string, text: string) => Setting,
): HostRun | undefined {
  if (run === undefined) return undefined;
  const env = Object.entries(run.env ?? {}).map(([name, text]) => setting(name, text));
  return { command: run.command, env, folder: clean(run.folder ?? build?.context ?? '.') };
}

function clean(written: string): string {
  return path.normalize(written.replaceAll('\\', '/')).replace(/(.)\/$/, '$1');
}

/**
 * What the image surely has: Debian's Node images and aspnet have bash, but neither curl nor wget; most others have
 * busybox. Node itself would do, but starting it takes twenty times as long as bash, in every container at once.
 */
export function clientOf(build: ManifestBuild | undefined): ProbeClient {
  if (build === undefined || 'dockerfile' in build) return 'wget';
  if ('dotnet' in build || build.base === undefined) return 'bash';
  if (build.base.includes('alpine')) return 'wget';
  return /slim|bookworm|bullseye|trixie/.test(build.base) ? 'bash' : 'node';
}
