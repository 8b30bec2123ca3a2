import { posix } from 'node:path';
import type { SourceProject } from '../../dotnet/project-closure.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

const PACKAGES = 'type=cache,id=mesh-nuget,target=/root/.nuget/packages';
const NUGET_SECRET = 'type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config';
const FROM_FEED = [PACKAGES, NUGET_SECRET, CA_SECRET];

/** What every `dotnet` in a build is told. */
export const DOTNET_SETTINGS = [
  '# Each of these would cost every command time, and nobody would see what it says.',
  'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_NOLOGO=1',
  '# Restores that run side by side write to one cache: their locks have to be in it, too.',
  'ENV NUGET_SCRATCH=/root/.nuget/packages/.scratch',
] as const;

/** Packages for projects whose project files are there, and for all that they refer to. */
export function restoreStep(projects: readonly SourceProject[], context: string): string {
  return runStep(FROM_FEED, trustCa('SSL_CERT_FILE'), ...projects.map((project) => restore(project, context)));
}

/** Compiles projects with all that they refer to, whose packages are restored. */
export function buildStep(projects: readonly SourceProject[], context: string): string {
  return runStep(
    FROM_FEED,
    restoreLost(projects, context),
    ...projects.map(
      ({ file }) => `dotnet build ${shellWord(file, context)} -c Release --no-restore /p:UseAppHost=false`,
    ),
  );
}

/** Writes what the image holds to `/app/publish`. */
export function publishStep(project: SourceProject, context: string, properties: readonly string[]): string {
  const words = [
    // Services are built side by side, and compilers that each count on all processors slow each other down: eight of
    // them took 1.4 times as long on two processors.
    'DOTNET_PROCESSOR_COUNT=$(( ($(nproc) + 3) / 4 ))',
    `dotnet publish ${shellWord(project.file, context)} -c Release --no-restore -o /app/publish`,
    '/p:UseAppHost=false',
    ...properties.map((property) => `/p:${property}`),
    // One project is compiled here, for which helpers would be started in vain.
    '-m:1 /p:UseSharedCompilation=false',
  ];
  return runStep(FROM_FEED, restoreLost([project], context), words.join(' '));
}

// The build is for Release, so a reference with a condition on the configuration has to be restored for it, too.
function restore(project: SourceProject, context: string): string {
  return `dotnet restore ${shellWord(project.file, context)} -m:1 /p:Configuration=Release`;
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
