import { type Command, Option } from 'commander';
import { buildMode, collect, type Dispatch, duration, engine, examples, json, profile, withMesh } from './options.ts';

/** What changes what runs. */
export function addLifecycleCommands(dev: Command, dispatch: Dispatch): void {
  addUp(dev, dispatch);
  addDown(dev, dispatch);
  addStop(dev, dispatch);
  addRestart(dev, dispatch);
  addSwap(dev, dispatch);
}

function addUp(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('up'))
    .description('bring the mesh up: infrastructure first, then services in order, each proven ready')
    .argument('[services...]', 'only these and what they need (default: all)')
    .addOption(profile())
    .option('--build', 'build all images first, also those of unchanged inputs')
    .option('--no-build', 'never build; use the images that are there')
    .option('--timeout <duration>', 'how long each node may take to be ready', duration)
    .option('--no-wait', 'do not wait until nodes are ready')
    .addOption(new Option('--wait', 'wait until all are ready (the default)').hideHelp())
    .addOption(engine())
    .addOption(
      new Option('--local <service>', 'run it on the host, the rest in containers (repeatable)')
        .default([] as string[])
        .argParser(collect),
    )
    .option('--remap-ports', 'take free host ports in place of held ones, and remember them')
    .option('--dry-run', 'print what would be done and why, and do nothing')
    .addOption(json())
    .addHelpText(
      'after',
      examples([
        'mesh dev up',
        'mesh dev up gateway --timeout 2m',
        'mesh dev up --profile cache',
        'mesh dev up --local gateway',
        'mesh dev up --dry-run',
      ]),
    )
    .action((services, options, command: Command) =>
      dispatch(async (io) =>
        (await import('../commands/up.ts')).up({ ...options, services, build: buildMode(command) }, io),
      ),
    );
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
      dispatch(async (io) => (await import('../commands/down.ts')).down({ ...options, services }, io)),
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
      dispatch(async (io) => (await import('../commands/down.ts')).stop({ ...options, services }, io)),
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
      dispatch(async (io) => (await import('../commands/restart.ts')).restart({ ...options, services }, io)),
    );
}

function addSwap(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('swap'))
    .description('move services of a running mesh to the host, or back into containers')
    .argument('<services...>')
    .addOption(new Option('--to <place>', 'host or container').choices(['host', 'container']).makeOptionMandatory())
    .option('--build', 'build all that is moved first')
    .option('--no-build', 'never build; use what is there')
    .option('-t, --timeout <duration>', 'how long each may take to be ready', duration)
    .option('--dry-run', 'print what would be done and why, and do nothing')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev swap gateway --to host', 'mesh dev swap gateway --to container']))
    .action((services, options, command: Command) =>
      dispatch(async (io) =>
        (await import('../commands/swap.ts')).swap({ ...options, services, build: buildMode(command) }, io),
      ),
    );
}
