import type { Command } from 'commander';
import { type Dispatch, examples } from './options.ts';

/** What editors and shells ask for. */
export function addShellCommands(program: Command, dispatch: Dispatch): void {
  addSchema(program, dispatch);
  addCompletion(program, dispatch);
}

function addSchema(program: Command, dispatch: Dispatch): void {
  program
    .command('schema')
    .description('print a JSON Schema: of the manifest, for editors, or of the events, for scripts')
    .argument('[what]', 'manifest or events', 'manifest')
    .addHelpText('after', examples(['mesh schema > .vscode/mesh.schema.json', 'mesh schema events']))
    .action((what) => dispatch(async (io) => (await import('../commands/schema.ts')).schema(what, io)));
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
    .action((shell) => dispatch(async (io) => (await import('../commands/completion.ts')).completion(shell, io)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action((words) =>
      dispatch(async (io) => (await import('../commands/completion.ts')).complete(words, program, io)),
    );
}
