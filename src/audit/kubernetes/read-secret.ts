import type { FactPart, FactValue } from '../facts.ts';

/** A key of a Secret, and what it holds where that is known. */
export interface SecretKey {
  readonly object: string;
  readonly key: string;
  readonly text?: string | undefined;
}

export type SecretReader = (key: SecretKey) => FactValue;

/**
 * What a key of a Secret stands for. Its text is a secret as a whole, unless it holds placeholders of secrets of the
 * manifest: then it is a text with secrets in it, as a connection string is. `secrets`: variable → name.
 */
export function createSecretReader(
  secrets: ReadonlyMap<string, string>,
  decode: (text: string) => FactValue,
): SecretReader {
  const names = new Map<string, string>();
  for (const [variable, name] of secrets) {
    names.set(simplify(name), name);
    names.set(simplify(variable), name);
  }
  return ({ object, key, text }) => {
    const parts = text === undefined ? [] : withPlaceholders(decode(text), secrets);
    if (parts.some((part) => part.kind === 'secret')) return parts;
    return [{ kind: 'secret', name: names.get(simplify(key)) ?? `${key} of ${object}` }];
  };
}

/** Which secret a key is about, in whatever style it is written. */
function simplify(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `${MESH_SECRET_JWT}` is what `envsubst` and Compose put a secret in the place of. */
function withPlaceholders(value: FactValue, secrets: ReadonlyMap<string, string>): FactPart[] {
  return value.flatMap((part) => (part.kind === 'text' ? splitPlaceholders(part.text, secrets) : [part]));
}

function splitPlaceholders(text: string, secrets: ReadonlyMap<string, string>): FactPart[] {
  return text.split(/(\$\{\w+\})/).flatMap((piece): FactPart[] => {
    const name = secrets.get(/^\$\{(\w+)\}$/.exec(piece)?.[1] ?? '');
    if (name !== undefined) return [{ kind: 'secret', name }];
    return piece === '' ? [] : [{ kind: 'text', text: piece }];
  });
}
