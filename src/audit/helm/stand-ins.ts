import type { Mesh } from '../../mesh/mesh.ts';
import type { FactPart } from '../facts.ts';

/**
 * What is put into a chart in the place of secrets and of variables that have no default, so that they are found again in
 * what Helm renders. Only letters and digits: a chart quotes or encodes everything else for the place that it goes to.
 */
export interface StandIns {
  /** Values that set them, to be merged over those of the chart. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Stand-in → what it stands for. */
  readonly parts: ReadonlyMap<string, FactPart>;
}

export interface StandInInput {
  readonly mesh: Mesh;
  /** Secret → its path among the values. */
  readonly secretPaths: ReadonlyMap<string, readonly string[]>;
  /** Variables that settings name, with their fallback. */
  readonly variables: ReadonlyMap<string, string>;
}

export function createStandIns({ mesh, secretPaths, variables }: StandInInput): StandIns {
  const values: Record<string, unknown> = {};
  const parts = new Map<string, FactPart>();
  const lengths = new Map(mesh.secrets.map(({ name, minLength }) => [name, minLength]));
  for (const [name, path] of secretPaths) {
    const text = standIn('secret', name, lengths.get(name) ?? 0);
    parts.set(text, { kind: 'secret', name });
    setAt(values, path, text);
  }
  for (const [name, fallback] of variables) {
    if (fallback !== '') continue;
    const text = standIn('variable', name, 0);
    parts.set(text, { kind: 'text', text: `\${${name}}` });
    setAt(values, ['variables', name], text);
  }
  return { values, parts };
}

/** No two names give the same text, and no text holds another one. */
function standIn(kind: string, name: string, minLength: number): string {
  const code = Buffer.from(name).toString('hex');
  return `meshStandsIn${kind}x${code}x`.padEnd(minLength, 'z').concat('Q');
}

function setAt(values: Record<string, unknown>, path: readonly string[], text: string): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) values[key] = text;
  else {
    const inner = (values[key] ?? {}) as Record<string, unknown>;
    values[key] = inner;
    setAt(inner, rest, text);
  }
}

/** A rendered text with what stands in for something replaced by that. */
export function withoutStandIns(text: string, parts: ReadonlyMap<string, FactPart>): FactPart[] {
  return text.split(/(meshStandsIn(?:secret|variable)x[0-9a-f]*xz*Q)/).flatMap((piece): FactPart[] => {
    const part = parts.get(piece);
    if (part !== undefined) return [part];
    return piece === '' ? [] : [{ kind: 'text', text: piece }];
  });
}
