import { Command } from 'commander';
import { addArtefactCommands } from './artefact-commands.ts';
import { addLifecycleCommands } from './lifecycle-commands.ts';
import { addMachineCommands } from './machine-commands.ts';
import { type Dispatch, examples } from './options.ts';
import { addShellCommands } from './shell-commands.ts';
import { addViewCommands } from './view-commands.ts';

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
  addArtefactCommands(program, dispatch);
  addShellCommands(program, dispatch);
  const dev = program.command('dev').description('run the mesh on this machine').helpCommand(false);
  addLifecycleCommands(dev, dispatch);
  addViewCommands(dev, dispatch);
  addMachineCommands(dev, dispatch);
  return program;
}
