import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import type { ManifestNode } from '../manifest/schema.ts';
import { parseReferences } from './parse-value.ts';

/**
 * References are resolved in `env` and `files`. Elsewhere `${NAME}` is a shell's business, but what can only be a
 * reference of ours would reach the container as it stands; better an error here than a riddle there.
 */
export function refuseReferences(node: ManifestNode, at: (...path: string[]) => Location): Diagnostic[] {
  const texts: readonly (readonly [key: string, texts: readonly string[]])[] = [
    ['image', node.image === undefined ? [] : [node.image]],
    ['command', node.command ?? []],
    ['entrypoint', node.entrypoint ?? []],
    ['run', node.run?.command ?? []],
    ['values', Object.values(node.values ?? {})],
    ['user', node.user === undefined ? [] : [node.user]],
  ];
  return texts.flatMap(([key, values]) =>
    values.flatMap(ourReferences).map(
      (written): Diagnostic => ({
        code: 'MESH1204',
        severity: 'error',
        message: `\`${written}\`: references are not resolved in \`${key}\``,
        location: at(key),
        hint:
          key === 'image'
            ? 'write the name out, or change it in an environment'
            : 'pass it through `env`, and read the variable there',
      }),
    ),
  );
}

function ourReferences(text: string): string[] {
  return parseReferences(text).flatMap((part) =>
    part.kind === 'reference' && part.reference.kind !== 'malformed' ? [part.written] : [],
  );
}
