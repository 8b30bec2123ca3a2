import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../time/duration.ts';
import type { Io } from './io.ts';

/** What a command gives back: the exit code of the process. */
export type Run = (io: Io) => Promise<number>;

/** Wires a parsed command line to its command. The command's module is loaded only when it is the one that runs. */
export type Dispatch = (run: Run) => void;

/** The whole command tree: names, options and help, and nothing that runs. */
export function createProgram(version: string, dispatch: Dispatch): Command {
  const program = new Command('mesh')
    .description(
      'One manifest for a mesh of services: renders its deployment files, brings it up in order, and proves each service ready.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError('(see mesh --help)')
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  program.addHelpText(
    'after',
    examples(['mesh dev up', 'mesh dev logs -f gateway', 'mesh generate --check', 'mesh dev down']),
  );
  addGenerate(program, dispatch);
  addBuild(program, dispatch);
  addSchema(program, dispatch);
  addCompletion(program, dispatch);
  const dev = program.command('dev').description('run the mesh on this machine').helpCommand(false);
  addUp(dev, dispatch);
  addDown(dev, dispatch);
  addStop(dev, dispatch);
  addRestart(dev, dispatch);
  addPs(dev, dispatch);
  addLogs(dev, dispatch);
  addExec(dev, dispatch);
  addShell(dev, dispatch);
  addOpen(dev, dispatch);
  addPorts(dev, dispatch);
  addPlan(dev, dispatch);
  addLs(dev, dispatch);
  addPrune(dev, dispatch);
  addDoctor(dev, dispatch);
  return program;
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}

/** The options of every command that is about a mesh. `-f` is `--follow` for logs, as everywhere. */
function withMesh(command: Command, fileFlags = '-f, --file <file>'): Command {
  return command
    .option(fileFlags, 'the manifest (default: mesh.yaml here or in a folder above; MESH_FILE)')
    .option('-p, --project <name>', 'the Compose project (default: the name of the mesh; MESH_PROJECT)')
    .option('--instance <name>', 'which copy of the mesh (default: that of the git worktree; MESH_INSTANCE)')
    .option('-e, --environment <name>', 'the environment of the manifest (default: dev; MESH_ENVIRONMENT)');
}

const profile = () =>
  new Option('--profile <name>', 'switch on what belongs to this profile (repeatable)')
    .default([] as string[])
    .argParser(collect);
const engine = () =>
  new Option(
    '--engine <name>',
    'docker or process (default: what the mesh runs on; else docker where it answers; MESH_ENGINE)',
  ).choices(['docker', 'process']);
const json = () => new Option('--json', 'print JSON for scripts on stdout');

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** `30`, `30s`, `1m30s` → milliseconds; a bare number is seconds, as in docker compose. */
function duration(text: string): number {
  const parsed = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected a duration such as 30s or 1m30s.');
  return parsed;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function tail(text: string): number | undefined {
  return text === 'all' ? undefined : count(text);
}

function addGenerate(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('generate'))
    .description('write docker-compose.yml and the Dockerfiles from mesh.yaml')
    .argument('[targets...]', 'compose, dockerfiles (default: all)')
    .option('--check', 'write nothing; exit 1 with a diff when a file differs')
    .option('--stdout', 'print the files instead of writing them')
    .option('--force', 'overwrite files that were edited by hand')
    .addOption(json())
    .addHelpText('after', examples(['mesh generate', 'mesh generate --check', 'mesh generate compose --stdout']))
    .action((targets, options) =>
      dispatch(async (io) => (await import('./commands/generate.ts')).generate({ ...options, targets }, io)),
    );
}

function addBuild(program: Command, dispatch: Dispatch): void {
  withMesh(program.command('build'))
    .description('build the images of the services')
    .argument('[services...]', 'only these (default: all that can be built)')
    .option('--no-cache', 'do not use cached steps')
    .addOption(profile())
    .addOption(json())
    .addHelpText('after', examples(['mesh build', 'mesh build gateway discovery', 'mesh build --no-cache --json']))
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/build.ts')).build({ ...options, services }, io)),
    );
}

function addSchema(program: Command, dispatch: Dispatch): void {
  program
    .command('schema')
    .description('print a JSON Schema: of the manifest, for editors, or of the events, for scripts')
    .argument('[what]', 'manifest or events', 'manifest')
    .addHelpText('after', examples(['mesh schema > .vscode/mesh.schema.json', 'mesh schema events']))
    .action((what) => dispatch(async (io) => (await import('./commands/schema.ts')).schema(what, io)));
}

function addCompletion(program: Command, dispatch: Dispatch): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      examples(['source <(mesh completion bash)', 'mesh completion fish > ~/.config/fish/completions/mesh.fish']),
    )
    .action((shell) => dispatch(async (io) => (await import('./commands/completion.ts')).completion(shell, io)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action((words) => dispatch(async (io) => (await import('./commands/completion.ts')).complete(words, program, io)));
}

function addUp(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('up'))
    .description('bring the mesh up: infrastructure first, then services in order, each proven ready')
    .argument('[services...]', 'only these and what they need (default: all)')
    .addOption(profile())
    .option('--build', 'build all images first')
    .option('--no-build', 'never build; use the images that are there')
    .option('--timeout <duration>', 'how long each node may take to be ready', duration)
    .option('--no-wait', 'do not wait until nodes are ready')
    .addOption(new Option('--wait', 'wait until all are ready (the default)').hideHelp())
    .addOption(engine())
    .option('--remap-ports', 'take free host ports in place of held ones, and remember them')
    .option('--dry-run', 'print what would be done and why, and do nothing')
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh dev up',
        'mesh dev up gateway --timeout 2m',
        'mesh dev up --profile cache',
        'mesh dev up --dry-run',
      ]),
    )
    .action((services, options, command: Command) =>
      dispatch(async (io) =>
        (await import('./commands/up.ts')).up({ ...options, services, build: buildMode(command) }, io),
      ),
    );
}

/** `--build` and `--no-build` are two words about one option; neither of them is a third. */
function buildMode(command: Command): 'always' | 'never' | 'missing' {
  if (command.getOptionValueSource('build') !== 'cli') return 'missing';
  return command.getOptionValue('build') === true ? 'always' : 'never';
}

function addDown(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('down'))
    .description('stop and remove the mesh; data in volumes is kept')
    .argument('[services...]', 'only these (default: all)')
    .option('-v, --volumes', 'remove the volumes and the data in them, too')
    .option('-t, --timeout <duration>', 'how long a node may take to stop', duration)
    .addOption(engine())
    .addOption(json())
    .addHelpText('after', examples(['mesh dev down', 'mesh dev down --volumes']))
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/down.ts')).down({ ...options, services }, io)),
    );
}

function addStop(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('stop'))
    .description('stop nodes without removing them')
    .argument('[services...]', 'only these (default: all)')
    .option('-t, --timeout <duration>', 'how long a node may take to stop', duration)
    .addOption(json())
    .addHelpText('after', examples(['mesh dev stop', 'mesh dev stop gateway']))
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/down.ts')).stop({ ...options, services }, io)),
    );
}

function addRestart(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('restart'))
    .description('stop services and start them again, until they are ready')
    .argument('<services...>')
    .option('-t, --timeout <duration>', 'how long each may take to be ready', duration)
    .addOption(json())
    .addHelpText('after', examples(['mesh dev restart gateway']))
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/restart.ts')).restart({ ...options, services }, io)),
    );
}

function addPs(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('ps').alias('status'))
    .description('show every node: state, uptime, restarts, addresses')
    .argument('[services...]', 'only these (default: all)')
    .option('--stats', 'add CPU and memory')
    .addOption(profile())
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh dev ps',
        'mesh dev ps --stats',
        'mesh dev ps --json | jq \'.nodes[] | select(.state != "ready")\'',
      ]),
    )
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/ps.ts')).ps({ ...options, services }, io)),
    );
}

function addLogs(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('logs'), '--file <file>')
    .description('show the logs of all or some services, merged in the order of time')
    .argument('[services...]', 'only these (default: all)')
    .option('-f, --follow', 'go on with what comes; a restarted service is followed, too')
    .option('-n, --tail <lines>', 'so many lines of each service, or all', tail)
    .option('--since <time>', 'from a time on: 10m, 12:03, 2026-01-31T12:00:00Z')
    .option('--until <time>', 'up to a time')
    .addOption(
      new Option('--grep <regex>', 'only entries that match (repeatable)').default([] as string[]).argParser(collect),
    )
    .addOption(
      new Option('--exclude <regex>', 'no entries that match (repeatable)').default([] as string[]).argParser(collect),
    )
    .option('--raw', 'structured lines as they were written')
    .option('--no-prefix', 'without time and name')
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh dev logs',
        'mesh dev logs -f gateway discovery',
        "mesh dev logs --since 10m --grep 'error|warn' --exclude health",
      ]),
    )
    .action((services, options) =>
      dispatch(async (io) => (await import('./commands/logs.ts')).logs({ ...options, services }, io)),
    );
}

function addExec(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('exec'))
    .description('run a command in a running service')
    .argument('<service>')
    .argument('<command...>', 'behind --, so that its own options stay its own')
    .option('-T, --no-tty', 'no terminal, for pipes')
    .option('-u, --user <user>', 'as this user')
    .option('-w, --workdir <folder>', 'in this folder')
    .addOption(new Option('--env <assignment>', 'NAME=value (repeatable)').default([] as string[]).argParser(collect))
    .option('--index <replica>', 'which replica', count, 1)
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(['mesh dev exec postgres -- psql -U toksa_mesh', 'mesh dev exec -T consul -- consul members']),
    )
    .action((service, words, options) =>
      dispatch(async (io) => (await import('./commands/exec.ts')).exec({ ...options, service, words }, io)),
    );
}

function addShell(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('shell'))
    .description('open a shell in a running service')
    .argument('<service>')
    .option('-u, --user <user>', 'as this user')
    .option('--index <replica>', 'which replica', count, 1)
    .addHelpText('after', examples(['mesh dev shell gateway']))
    .action((service, options) =>
      dispatch(async (io) => (await import('./commands/exec.ts')).shell({ ...options, service }, io)),
    );
}

function addOpen(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('open'))
    .description('open a service in the browser')
    .argument('<service>')
    .argument('[endpoint]', 'which of its endpoints (default: the first http one)')
    .option('--print', 'print the address instead')
    .addHelpText('after', examples(['mesh dev open gateway', 'mesh dev open rabbitmq management --print']))
    .action((service, endpoint, options) =>
      dispatch(async (io) => (await import('./commands/open.ts')).open({ ...options, service, endpoint }, io)),
    );
}

function addPorts(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('ports'))
    .description('show every port on this machine, and why it is that one')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev ports']))
    .action((options) => dispatch(async (io) => (await import('./commands/ports.ts')).ports(options, io)));
}

function addPlan(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('plan'))
    .description('show what `mesh dev up` would do, and why')
    .argument('[services...]', 'only these and what they need (default: all)')
    .addOption(profile())
    .option('--build', 'as with up --build')
    .option('--no-build', 'as with up --no-build')
    .addOption(engine())
    .option('--check', 'exit 1 when there is something to do')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev plan', 'mesh dev plan --check']))
    .action((services, options, command: Command) =>
      dispatch(async (io) =>
        (await import('./commands/plan.ts')).plan({ ...options, services, build: buildMode(command) }, io),
      ),
    );
}

function addLs(dev: Command, dispatch: Dispatch): void {
  dev
    .command('ls')
    .description('show every mesh on this machine: folder, instance, engine, what runs, ports')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev ls']))
    .action((options) => dispatch(async (io) => (await import('./commands/ls.ts')).ls(options, io)));
}

function addPrune(dev: Command, dispatch: Dispatch): void {
  dev
    .command('prune')
    .description('remove what is left of meshes whose folder is gone, data in volumes included')
    .option('--dry-run', 'list it, and remove nothing')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev prune --dry-run', 'mesh dev prune']))
    .action((options) => dispatch(async (io) => (await import('./commands/prune.ts')).prune(options, io)));
}

function addDoctor(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('doctor'))
    .description('check this machine: what is missing, and how to get it')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev doctor']))
    .action((options) => dispatch(async (io) => (await import('./commands/doctor.ts')).doctor(options, io)));
}
