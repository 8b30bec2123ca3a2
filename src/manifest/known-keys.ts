import type * as z from 'zod';
import { manifestSchema } from './schema.ts';
import type { Path } from './tree.ts';

type Schema = z.core.$ZodType;

/** The keys that the schema knows at a path, for "did you mean". Every branch of a union counts. */
export function knownKeysAt(path: Path): readonly string[] {
  return [...new Set(schemasAt(path).flatMap((schema) => Object.keys(shapeOf(schema))))];
}

/**
 * The keys of which a block takes exactly one, such as `dotnet`, `node` and `dockerfile` of a build: the first key of
 * each form that it can have. Empty where there is one form only.
 */
export function choicesAt(path: Path): readonly string[] {
  const choices = schemasAt(path).flatMap((schema) => Object.keys(shapeOf(schema)).slice(0, 1));
  return choices.length > 1 ? choices : [];
}

/** `an integer from 1 to 65535`: both ends, whichever was passed. */
export function rangeAt(path: Path): string | undefined {
  const number = schemasAt(path).find((schema) => defOf(schema).type === 'number');
  if (number === undefined) return undefined;
  const { format, checks } = defOf(number);
  const [from, to] = ['greater_than', 'less_than'].map((kind) => boundOf((checks ?? []) as Schema[], kind));
  if (from === undefined || to === undefined) return undefined;
  return `${format === undefined ? 'a number' : 'an integer'} from ${from} to ${to}`;
}

function boundOf(checks: readonly Schema[], kind: string): number | undefined {
  const bound = checks.map(defOf).find((def) => def.check === kind)?.value;
  return typeof bound === 'number' ? bound : undefined;
}

function schemasAt(path: Path): Schema[] {
  let schemas = unwrap(manifestSchema);
  for (const step of path) schemas = schemas.flatMap((schema) => below(schema, step)).flatMap(unwrap);
  return schemas;
}

/** Through optionals, transforms and unions, down to objects, records, arrays and scalars. */
function unwrap(schema: Schema): Schema[] {
  const def = defOf(schema);
  if (def.type === 'optional' || def.type === 'nullable') return unwrap(def.innerType as Schema);
  if (def.type === 'pipe') return unwrap(def.in as Schema);
  if (def.type === 'union') return (def.options as Schema[]).flatMap(unwrap);
  return [schema];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  return (defOf(schema).shape ?? {}) as Readonly<Record<string, Schema>>;
}

function below(schema: Schema, step: string | number): Schema[] {
  const def = defOf(schema);
  if (def.type === 'record') return [def.valueType as Schema];
  if (def.type === 'array') return [def.element as Schema];
  const shape = shapeOf(schema);
  const found = Object.hasOwn(shape, String(step)) ? shape[String(step)] : undefined;
  return found === undefined ? [] : [found];
}

function defOf(schema: Schema): Readonly<Record<string, unknown>> {
  return schema._zod.def as unknown as Readonly<Record<string, unknown>>;
}
