import { type Command, Option } from 'commander';
import { collect, count, type Dispatch, examples, json, profile, withMesh } from './options.ts';

/** What looks at a running mesh, and into it. */
export function addViewCommands(dev: Command, dispatch: Dispatch): void {
  addPs(dev, dispatch);
  addLogs(dev, dispatch);
  addExec(dev, dispatch);
  addShell(dev, dispatch);
  addOpen(dev, dispatch);
  addPorts(dev, dispatch);
  addEnv(dev, dispatch);
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
      dispatch(async (io) => (await import('../commands/ps.ts')).ps({ ...options, services }, io)),
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
      dispatch(async (io) => (await import('../commands/logs.ts')).logs({ ...options, services }, io)),
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
      dispatch(async (io) => (await import('../commands/exec.ts')).exec({ ...options, service, words }, io)),
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
      dispatch(async (io) => (await import('../commands/exec.ts')).shell({ ...options, service }, io)),
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
      dispatch(async (io) => (await import('../commands/open.ts')).open({ ...options, service, endpoint }, io)),
    );
}

function addPorts(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('ports'))
    .description('show every port on this machine, and why it is that one')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev ports']))
    .action((options) => dispatch(async (io) => (await import('../commands/ports.ts')).ports(options, io)));
}

function tail(text: string): number | undefined {
  return text === 'all' ? undefined : count(text);
}

function addEnv(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('env'))
    .description('print the environment of a service on the host, for a shell or an editor; secrets included')
    .argument('<service>')
    .addOption(new Option('--dotenv', 'as a dotenv file').conflicts(['vscode', 'json']))
    .addOption(new Option('--vscode', 'as a launch configuration of VS Code').conflicts(['dotenv', 'json']))
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'eval "$(mesh dev env gateway)"',
        'mesh dev env gateway --dotenv > .env',
        'mesh dev env gateway --vscode',
      ]),
    )
    .action((service, options) =>
      dispatch(async (io) => (await import('../commands/env.ts')).env({ ...options, service }, io)),
    );
}
