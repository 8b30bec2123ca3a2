import type { Command } from 'commander';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { readRegistry, registryFile } from '../../workspace/mesh-registry.ts';
import { completeWords, type Names } from '../complete-words.ts';
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts';
import type { Io } from '../io.ts';
import { openProject } from '../project.ts';

export async function completion(shell: string, io: Io): Promise<number> {
  const script = Object.hasOwn(COMPLETION_SCRIPTS, shell) ? COMPLETION_SCRIPTS[shell] : undefined;
  if (script === undefined) {
    throw new InvalidInput([
      {
        code: 'MESH1501',
        severity: 'error',
        message: `there is no completion for "${shell}"`,
        hint: `there is one for: ${Object.keys(COMPLETION_SCRIPTS).join(', ')}`,
      },
    ]);
  }
  io.stdout.write(script);
  return 0;
}

/** What could come next, a line each; the shell's script calls it at every Tab. Says nothing when it knows nothing. */
export async function complete(words: readonly string[], program: Command, io: Io): Promise<number> {
  const names = await namesAtHand(io);
  const found = completeWords(program, words, names);
  io.stdout.write(found.map((word) => `${word}\n`).join(''));
  return 0;
}

/** Of the manifest that a command here would take. */
async function namesAtHand(io: Io): Promise<Names> {
  try {
    const { mesh } = await openProject({}, io);
    const meshes = readRegistry(registryFile(io.env, io.home));
    return {
      services: mesh.nodes.map((node) => node.name),
      profiles: [...new Set(mesh.nodes.flatMap((node) => node.profiles))],
      instances: meshes.flatMap((entry) => (entry.mesh === mesh.name ? (entry.instance ?? []) : [])),
    };
  } catch {
    return { services: [], profiles: [], instances: [] };
  }
}
