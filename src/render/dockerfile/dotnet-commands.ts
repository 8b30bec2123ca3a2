import { posix } from 'node:path';
import type { SourceProject } from '../../dotnet/project-closure.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

const PACKAGES = 'type=cache,id=mesh-nuget,target=/root/.nuget/packages';
const NUGET_SECRET = 'type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config';
const FROM_FEED = [PACKAGES, NUGET_SECRET, CA_SECRET];

/** What every `dotnet` in a build is told. */
export const DOTNET_SETTINGS = [
  '# Each of these would cost every command time, and nobody would see what it says.',
  'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1',
  '# Or every command asks feeds for news of workloads. Here a 1 would be ignored.',
  'ENV DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true',
  '# Restores that run side by side write to one cache: their locks have to be in it, too.',
  'ENV NUGET_SCRATCH=/root/.nuget/packages/.scratch',
  '# Observing which code is hot pays off in servers. Here every process ends within seconds.',
  'ENV DOTNET_TieredPGO=0',
] as const;

/**
 * What a step may take of the processors. Services are built side by side, and compilers that each count on all
 * processors slow each other down: eight publishes took 1.4 times as long on two.
 */
const SHARES = {
  half: 'DOTNET_PROCESSOR_COUNT=$(( ($(nproc) + 1) / 2 ))',
  quarter: 'DOTNET_PROCESSOR_COUNT=$(( ($(nproc) + 3) / 4 ))',
} as const;
export type Share = keyof typeof SHARES;

/**
 * `dotnet publish` sets it for all that it does by itself. What is done before it has to be done alike: some projects are
 * compiled for another platform when they are published, as with PublishReadyToRun.
 */
const FOR_PUBLISH = '/p:_IsPublishing=true';

/** For one project: helpers would be started in vain. */
const NO_HELPERS = '-m:1 /p:UseSharedCompilation=false';

/** Packages for projects whose project files are there, and for all that they refer to. */
export function restoreStep(projects: readonly SourceProject[], context: string): string {
  return runStep(FROM_FEED, trustCa('SSL_CERT_FILE'), ...projects.map((project) => restore(project, context)));
}

/** Compiles projects with all that they refer to, whose packages are restored. */
export function buildStep(projects: readonly SourceProject[], context: string, share: Share): string {
  const commands = projects.map((project) => `${SHARES[share]} ${build(project, context)}`);
  return runStep(FROM_FEED, restoreLost(projects, context), ...commands);
}

/** Compiles one project. */
export function buildAloneStep(
  project: SourceProject,
  context: string,
  { share, properties }: { readonly share: Share; readonly properties: readonly string[] },
): string {
  const command = [SHARES[share], build(project, context), ...properties, NO_HELPERS].join(' ');
  return runStep(FROM_FEED, restoreLost([project], context), command);
}

/**
 * Writes what the image holds to `/app/publish`.
 * @param given what is done already: `--no-restore`, or `--no-build` for a project that is compiled
 */
export function publishStep(
  project: SourceProject,
  context: string,
  { given, properties }: { readonly given: '--no-restore' | '--no-build'; readonly properties: readonly string[] },
): string {
  const words = [
    SHARES.quarter,
    `dotnet publish ${shellWord(project.file, context)} -c Release ${given} -o /app/publish /p:UseAppHost=false`,
    ...properties,
    NO_HELPERS,
  ];
  return runStep(FROM_FEED, restoreLost([project], context), words.join(' '));
}

function build(project: SourceProject, context: string): string {
  return `dotnet build ${shellWord(project.file, context)} -c Release --no-restore ${FOR_PUBLISH} /p:UseAppHost=false`;
}

// The build is for Release, so a reference with a condition on the configuration has to be restored for it, too.
function restore(project: SourceProject, context: string): string {
  return `dotnet restore ${shellWord(project.file, context)} -m:1 /p:Configuration=Release ${FOR_PUBLISH}`;
}

/**
 * The packages lie in the cache mount alone, which the engine may empty while it keeps the layer of the restore. What a
 * restore put there stands in its own records.
 */
function restoreLost(projects: readonly SourceProject[], context: string): string {
  const listed = "grep -rohs --include=project.nuget.cache '/root/.nuget/packages/[^\"]*' .";
  const again = [trustCa('SSL_CERT_FILE'), ...projects.map((project) => restore(project, context))];
  const lines = [`if ! ${listed} | xargs -r ls > /dev/null 2>&1; then`, `  ${again.join(' && ')};`, 'fi'];
  return lines.join(' \\\n    ');
}

/** A path as the build stage sees it: relative to the context. */
function shellWord(file: string, context: string): string {
  const text = posix.relative(context, file);
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
