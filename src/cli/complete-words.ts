import type { Command, Option } from 'commander';

/** What the manifest gives for completion. */
export interface Names {
  readonly services: readonly string[];
  readonly profiles: readonly string[];
  /** Of this mesh, on this machine. */
  readonly instances: readonly string[];
}

/** The last word is the one being typed; the others are complete. @returns what it could become, sorted */
export function completeWords(program: Command, words: readonly string[], names: Names): string[] {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, pending } = walk(program, before);
  return candidates(command, pending, typed, names)
    .filter((candidate) => candidate.startsWith(typed))
    .sort();
}

/** Follows the words down to the command they name, and to an option that still waits for its value. */
function walk(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly pending: Option | undefined } {
  let command = program;
  let pending: Option | undefined;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) {
      const option = command.options.find((candidate) => candidate.long === word || candidate.short === word);
      pending = option?.required === true ? option : undefined;
    } else {
      command = command.commands.find((child) => child.name() === word || child.aliases().includes(word)) ?? command;
    }
  }
  return { command, pending };
}

function candidates(command: Command, pending: Option | undefined, typed: string, names: Names): string[] {
  if (pending?.long === '--profile') return [...names.profiles];
  if (pending?.long === '--instance') return [...names.instances];
  if (pending?.long === '--local') return [...names.services];
  if (pending !== undefined) return [...(pending.argChoices ?? [])];
  if (typed.startsWith('-')) {
    return command.options.filter((option) => !option.hidden).flatMap((option) => option.long ?? []);
  }
  const children = command.commands.filter((child) => !child.name().startsWith('__')).map((child) => child.name());
  if (children.length > 0) return children;
  const [argument] = command.registeredArguments;
  switch (argument?.name()) {
    case 'service':
    case 'services':
      return [...names.services];
    case 'targets':
      return ['compose', 'dockerfiles', 'k8s', 'infra', 'helm'];
    case 'shell':
      return ['bash', 'fish', 'zsh'];
    case 'what':
      return ['events', 'manifest'];
    default:
      return [];
  }
}
