import { posix } from 'node:path';
import type { Build, Mesh, MeshNode } from '../../mesh/mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { execForm } from './exec-form.ts';
import { exposedPorts } from './exposed-ports.ts';
import { imageLabels } from './labels.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

export type DotnetBuild = Extract<Build, { kind: 'dotnet' }>;

const PACKAGES = 'type=cache,id=mesh-nuget,target=/root/.nuget/packages';
const NUGET_SECRET = 'type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config';

/** The Dockerfile of an ASP.NET service. */
export function renderDotnetDockerfile(mesh: Mesh, node: MeshNode, build: DotnetBuild): string {
  const project = projectFile(build);
  return `${[
    `# ${GENERATED_NOTICE}`,
    '# Optional secrets, for a private feed: nuget (a NuGet.Config) and ca (a PEM bundle that the feed needs).',
    '',
    `FROM ${build.runtimeImage} AS base`,
    'WORKDIR /app',
    ...exposedPorts(node),
    "# The image's own user, by number, so that Kubernetes can see that it is not root.",
    'USER ${APP_UID:-1654}',
    '',
    `FROM ${build.sdkImage} AS build`,
    'WORKDIR /src',
    'COPY . .',
    runStep([PACKAGES, NUGET_SECRET, CA_SECRET], trustCa('SSL_CERT_FILE'), `dotnet restore ${project}`),
    '',
    'FROM build AS publish',
    "# The packages are in the cache only, not in the build stage's layers.",
    runStep([PACKAGES], `dotnet publish ${project} -c Release --no-restore -o /app/publish /p:UseAppHost=false`),
    '',
    'FROM base AS final',
    'COPY --from=publish /app/publish .',
    imageLabels(mesh, node),
    `ENTRYPOINT ${execForm(['dotnet', `${build.assembly}.dll`])}`,
  ].join('\n')}\n`;
}

/** The project file as the build stage sees it: relative to the context. */
function projectFile(build: DotnetBuild): string {
  return shellWord(posix.join(posix.relative(build.context, build.project), `${build.assembly}.csproj`));
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
