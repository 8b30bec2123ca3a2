import type { Command } from 'commander';
import { buildMode, type Dispatch, engine, examples, json, profile, withMesh } from './options.ts';

/** What looks ahead, and at this machine. */
export function addMachineCommands(dev: Command, dispatch: Dispatch): void {
  addPlan(dev, dispatch);
  addLs(dev, dispatch);
  addPrune(dev, dispatch);
  addDoctor(dev, dispatch);
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
        (await import('../commands/plan.ts')).plan({ ...options, services, build: buildMode(command) }, io),
      ),
    );
}

function addLs(dev: Command, dispatch: Dispatch): void {
  dev
    .command('ls')
    .description('show every mesh on this machine: folder, instance, engine, what runs, ports')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev ls']))
    .action((options) => dispatch(async (io) => (await import('../commands/ls.ts')).ls(options, io)));
}

function addPrune(dev: Command, dispatch: Dispatch): void {
  dev
    .command('prune')
    .description('remove what is left of meshes whose folder is gone, data in volumes included')
    .option('--dry-run', 'list it, and remove nothing')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev prune --dry-run', 'mesh dev prune']))
    .action((options) => dispatch(async (io) => (await import('../commands/prune.ts')).prune(options, io)));
}

function addDoctor(dev: Command, dispatch: Dispatch): void {
  withMesh(dev.command('doctor'))
    .description('check this machine: what is missing, and how to get it')
    .option('--fix', 'end host processes whose supervisor is gone')
    .addOption(json())
    .addHelpText('after', examples(['mesh dev doctor']))
    .action((options) => dispatch(async (io) => (await import('../commands/doctor.ts')).doctor(options, io)));
}
