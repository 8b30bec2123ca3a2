import { posix } from 'node:path';
import type { LibraryGroup } from '../../dotnet/library-groups.ts';
import type { Input, ProjectClosure, SourceProject } from '../../dotnet/project-closure.ts';
import type { Build } from '../../mesh/build.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { copySteps, withoutCopied } from './copy-steps.ts';
import { buildAloneStep, buildStep, DOTNET_SETTINGS, publishStep, restoreStep } from './dotnet-commands.ts';
import { execForm } from './exec-form.ts';
import { exposedPorts } from './exposed-ports.ts';
import { imageLabels } from './labels.ts';

export type DotnetBuild = Extract<Build, { kind: 'dotnet' }>;

export interface DotnetSources {
  readonly closure: ProjectClosure;
  /** Its libraries, in the order in which they are compiled. */
  readonly groups: readonly LibraryGroup[];
  /** Another service compiles it, too, by the same steps. */
  readonly isCompiledForOthers: boolean;
}

/**
 * The Dockerfile of an ASP.NET service. Everything up to the stage `base` depends on the libraries alone, so that it is
 * the same text, and runs once, in all services that share them.
 */
export function renderDotnetDockerfile(mesh: Mesh, node: MeshNode, build: DotnetBuild, sources: DotnetSources): string {
  const { closure, groups, isCompiledForOthers } = sources;
  const libraries = libraryStages(build, sources);
  const last = groups.length;
  return `${[
    `# ${GENERATED_NOTICE}`,
    '# Optional secrets, for a private feed: nuget (a NuGet.Config) and ca (a PEM bundle that the feed needs).',
    ...provenance(closure),
    '',
    ...libraries.lines,
    `FROM ${build.runtimeImage} AS base`,
    'WORKDIR /app',
    ...exposedPorts(node),
    "# The image's own user, by number, so that Kubernetes can see that it is not root.",
    'USER ${APP_UID:-1654}',
    '',
    ...(last === 0 ? startStage(build, 'build') : [`FROM ${stage('restore', last)} AS build`]),
    '# Project files only, so that a change to sources restores nothing.',
    ...copySteps(withoutCopied(closure.service.restoreInputs, libraries.copied), build.context),
    restoreStep([closure.service], build.context),
    ...(last === 0 ? [] : [`COPY --from=${stage('libraries', last)} /src .`]),
    ...copySteps(sourcesOf([closure.service], libraries.copied), build.context),
    ...(isCompiledForOthers
      ? [
          '# As services do that refer to this one, so that it is compiled once.',
          compileStep({ projects: [closure.service], tops: [closure.service] }, build, closure.from, last),
        ]
      : []),
    '',
    'FROM build AS publish',
    publishStep(closure.service, build.context, {
      given: isCompiledForOthers ? '--no-build' : '--no-restore',
      properties: publishProperties(closure),
    }),
    '',
    'FROM base AS final',
    'COPY --from=publish /app/publish .',
    imageLabels(mesh, node),
    `ENTRYPOINT ${execForm(['dotnet', `${build.assembly}.dll`])}`,
  ].join('\n')}\n`;
}

function provenance({ from }: ProjectClosure): string[] {
  if (from === 'projects') return [];
  return [
    '# The project files were not there: what it refers to is what `references` in the manifest says. In a checkout,',
    '# mesh reads it from the project files.',
  ];
}

/** Two stages for each group: one that holds project files and their packages, and one that compiles. */
function libraryStages(build: DotnetBuild, { closure, groups }: DotnetSources) {
  const { context } = build;
  const lines: string[] = [];
  let copied: Input[] = [];
  groups.forEach((group, index) => {
    const number = index + 1;
    const projectFiles = withoutCopied(
      group.projects.flatMap((project) => project.restoreInputs),
      copied,
    );
    const sources = sourcesOf(group.projects, [...copied, ...projectFiles]);
    lines.push(
      group.users === 1
        ? '# Libraries that no other service refers to.'
        : '# Libraries that services share: the same steps in all of them, so that these run once.',
      ...(index === 0
        ? startStage(build, 'restore')
        : [`FROM ${stage('restore', index)} AS ${stage('restore', number)}`]),
      ...copySteps(projectFiles, context),
      restoreStep(group.tops, context),
      '',
      `FROM ${stage('restore', number)} AS ${stage('libraries', number)}`,
      ...(index === 0 ? [] : [`COPY --from=${stage('libraries', index)} /src .`]),
      ...copySteps(sources, context),
      compileStep(group, build, closure.from, index),
      '',
    );
    copied = [...copied, ...projectFiles, ...sources];
  });
  return { lines, copied };
}

/** @param index the place of the group, after those that it refers to */
function compileStep(
  { projects, tops }: Pick<LibraryGroup, 'projects' | 'tops'>,
  { context }: DotnetBuild,
  from: ProjectClosure['from'],
  index: number,
): string {
  const [first, ...others] = projects;
  // Beside the first libraries, for which all wait, packages are restored; beside later ones, services are compiled.
  const share = index === 0 ? 'half' : 'quarter';
  if (first === undefined || others.length > 0) return buildStep(tops, context, share);
  return buildAloneStep(first, context, { share, properties: index === 0 ? [] : referencesAreBuilt(from) });
}

function stage(name: 'restore' | 'libraries', number: number): string {
  return number === 1 ? name : `${name}-${number}`;
}

function startStage(build: DotnetBuild, name: string): string[] {
  return [
    `FROM ${build.sdkImage} AS ${name}`,
    'WORKDIR /src',
    '# Where the servers that tell of revoked certificates cannot be reached: offline.',
    'ARG NUGET_CERT_REVOCATION_MODE',
    ...DOTNET_SETTINGS,
  ];
}

/** The folders of the projects, and what they read from elsewhere. */
function sourcesOf(projects: readonly SourceProject[], copied: readonly Input[]): Input[] {
  const folders = projects.map(({ file }): Input => ({ path: posix.dirname(file), kind: 'folder' }));
  const elsewhere = projects.flatMap((project) => project.buildInputs);
  return [...withoutCopied(folders, []), ...withoutCopied(elsewhere, [...copied, ...folders])];
}

function publishProperties({ from, libraries }: ProjectClosure): string[] {
  return [
    ...(libraries.length > 0 ? referencesAreBuilt(from) : []),
    // Both have an appsettings.json; the service's own is the one that is kept.
    ...(libraries.some((library) => library.isApplication) ? ['/p:ErrorOnDuplicatePublishOutputFiles=false'] : []),
  ];
}

/** They are compiled already. Which they are is only sure when the project files say it. */
function referencesAreBuilt(from: ProjectClosure['from']): string[] {
  return from === 'projects' ? ['/p:BuildProjectReferences=false'] : [];
}
