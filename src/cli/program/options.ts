import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../time/duration.ts';
import type { Io } from '../io.ts';

/** What a command gives back: the exit code of the process. */
export type Run = (io: Io) => Promise<number>;

/** Wires a parsed command line to its command. The command's module is loaded only when it is the one that runs. */
export type Dispatch = (run: Run) => void;

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}

/** The options of every command that is about a mesh. `-f` is `--follow` for logs, as everywhere. */
export function withMesh(command: Command, fileFlags = '-f, --file <file>'): Command {
  return command
    .option(fileFlags, 'the manifest (default: mesh.yaml here or in a folder above; MESH_FILE)')
    .option('-p, --project <name>', 'the Compose project (default: the name of the mesh; MESH_PROJECT)')
    .option('--instance <name>', 'which copy of the mesh (default: that of the git worktree; MESH_INSTANCE)')
    .option('-e, --environment <name>', 'the environment of the manifest (default: dev; MESH_ENVIRONMENT)');
}

export const profile = () =>
  new Option('--profile <name>', 'switch on what belongs to this profile (repeatable)')
    .default([] as string[])
    .argParser(collect);
export const engine = () =>
  new Option(
    '--engine <name>',
    'docker or process (default: what the mesh runs on; else docker where it answers; MESH_ENGINE)',
  ).choices(['docker', 'process']);
export const json = () => new Option('--json', 'print JSON for scripts on stdout');

export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** `30`, `30s`, `1m30s` → milliseconds; a bare number is seconds, as in docker compose. */
export function duration(text: string): number {
  const parsed = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected a duration such as 30s or 1m30s.');
  return parsed;
}

export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** `--build` and `--no-build` are two words about one option; neither of them is a third. */
export function buildMode(command: Command): 'always' | 'never' | 'missing' {
  if (command.getOptionValueSource('build') !== 'cli') return 'missing';
  return command.getOptionValue('build') === true ? 'always' : 'never';
}
