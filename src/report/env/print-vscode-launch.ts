import { posix } from 'node:path';
import type { Build } from '../../mesh/build.ts';
import { shellWord } from '../../render/shell-word.ts';
import type { HostedService, PrintedEnv } from './hosted-service.ts';

type NodeBuild = Extract<Build, { kind: 'node' }>;
type DotnetBuild = Extract<Build, { kind: 'dotnet' }>;
type Configuration = Readonly<Record<string, unknown>>;

/** For images whose tag says no version. */
const ASSUMED_FRAMEWORK = 'net8.0';

/**
 * One launch configuration for `.vscode/launch.json`. A program that mesh starts in its own way, such as by `run:`,
 * starts in a terminal; VS Code's debugger attaches to every Node that is started there.
 */
export function printVsCodeLaunch(service: HostedService): PrintedEnv {
  const { problems, ...launch } = launchOf(service);
  const { name, cwd, env, root } = service;
  const { type, ...rest } = launch.configuration;
  const configuration = {
    type,
    request: 'launch',
    name: `${name} (mesh)`,
    ...rest,
    cwd: inWorkspace(root, cwd),
    env: Object.fromEntries(env.map((variable) => [variable.name, variable.value])),
    ...launch.behind,
  };
  return {
    text: `${JSON.stringify(configuration, undefined, 2)}\n`,
    problems: [...problems, ...env.filter(({ value }) => value.includes('${')).map(substituted)],
  };
}

interface Launch {
  readonly configuration: Configuration;
  /** Written behind the environment. */
  readonly behind: Configuration;
  readonly problems: readonly string[];
}

function launchOf(service: HostedService): Launch {
  const { build } = service;
  const launch =
    build?.kind === 'node'
      ? launchNode(service, build)
      : build?.kind === 'dotnet'
        ? launchDotnet(service, build)
        : undefined;
  return launch ?? launchInTerminal(service);
}

/** Undefined when mesh runs something else than the entry of the build with Node. */
function launchNode({ argv, cwd, root }: HostedService, build: NodeBuild): Launch | undefined {
  const entry = posix.join(slashes(root), build.context, build.entry);
  const at = argv.findIndex((word) => [slashes(word), posix.join(slashes(cwd), slashes(word))].includes(entry));
  if (at < 1 || !isProgram(argv[0], 'node')) return undefined;
  const runtimeArgs = argv.slice(1, at);
  const args = argv.slice(at + 1);
  return {
    configuration: {
      type: 'node',
      program: inWorkspace(root, entry),
      ...(runtimeArgs.length > 0 ? { runtimeArgs } : {}),
      ...(args.length > 0 ? { args } : {}),
    },
    behind: {
      console: 'integratedTerminal',
      skipFiles: ['<node_internals>/**'],
      ...(build.script === undefined ? {} : { outFiles: outFiles(root, build) }),
    },
    problems: [],
  };
}

/** Where the debugger looks for source maps: in the folder of the package that the compiler writes to. */
function outFiles(root: string, build: NodeBuild): string[] {
  const [folder, ...below] = posix.normalize(build.entry).split('/');
  const output = below.length > 0 && folder !== undefined ? folder : '.';
  const folderOfOutput = inWorkspace(root, posix.join(slashes(root), build.context, output));
  return [`${folderOfOutput}/**/*.(m|c|)js`, '!**/node_modules/**'];
}

/**
 * The type `coreclr` with the built dll: to debug `dotnet run` would be to debug the SDK, which starts the service as
 * another process, and the type `dotnet` of the C# Dev Kit has no `env`.
 * Source: https://github.com/dotnet/vscode-csharp/blob/main/debugger-launchjson.md
 */
function launchDotnet({ argv, name, root }: HostedService, build: DotnetBuild): Launch | undefined {
  const args = argumentsOfDotnet(argv, build);
  if (args === undefined) return undefined;
  const framework = frameworkOf(build);
  const dll = posix.join('bin', 'Debug', framework ?? ASSUMED_FRAMEWORK, `${build.assembly}.dll`);
  return {
    configuration: {
      type: 'coreclr',
      program: inWorkspace(root, posix.join(slashes(root), build.project, dll)),
      args,
    },
    behind: {
      // Empty: without launchSettings.json, whose addresses and settings would come on top.
      launchSettingsProfile: '',
      console: 'integratedTerminal',
    },
    problems:
      framework === undefined
        ? [
            `${name}: ${build.runtimeImage} does not say for which .NET it is, so "program" assumes ${ASSUMED_FRAMEWORK}`,
          ]
        : [],
  };
}

/** What the service itself is given by `dotnet run … -- args` or `dotnet Service.dll args`; undefined for other programs. */
function argumentsOfDotnet(argv: readonly string[], build: DotnetBuild): readonly string[] | undefined {
  const [program, first = ''] = argv;
  if (!isProgram(program, 'dotnet')) return undefined;
  if (posix.basename(slashes(first)) === `${build.assembly}.dll`) return argv.slice(2);
  if (first !== 'run') return undefined;
  const end = argv.indexOf('--');
  return end === -1 ? [] : argv.slice(end + 1);
}

function isProgram(word: string | undefined, name: string): boolean {
  return word !== undefined && posix.basename(slashes(word)).replace(/\.exe$/i, '') === name;
}

/** `aspnet:8.0-alpine` → `net8.0`: the project file has the truth, but an image of another version could not run it. */
function frameworkOf(build: DotnetBuild): string | undefined {
  const tag = [build.runtimeImage, build.sdkImage].map((image) =>
    /:(\d+\.\d+)(?!.*\/)/.exec(image.split('@')[0] ?? ''),
  );
  const version = tag.find((match) => match !== null)?.[1];
  return version === undefined ? undefined : `net${version}`;
}

function launchInTerminal({ argv, root }: HostedService): Launch {
  return {
    configuration: { type: 'node-terminal', command: argv.map((word) => shellWord(inWorkspace(root, word))).join(' ') },
    behind: { skipFiles: ['<node_internals>/**'] },
    problems: [],
  };
}

/** The path as VS Code finds it in any checkout; one outside of the workspace stays absolute. */
function inWorkspace(root: string, file: string): string {
  const base = slashes(root).replace(/\/$/, '');
  const full = slashes(file);
  if (full !== base && !full.startsWith(`${base}/`)) return full;
  return `\${workspaceFolder}${full.slice(base.length)}`;
}

/** Only where it is surely a path of Windows: elsewhere, a backslash is a character of a name like any other. */
function slashes(file: string): string {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(file) ? file.replaceAll('\\', '/') : file;
}

function substituted({ name }: { readonly name: string }): string {
  return `${name}: VS Code takes \${…} in its value for a variable of its own; an envFile keeps it as it is`;
}
