import type * as z from 'zod';
import { manifestSchema } from './schema.ts';
import type { Path } from './tree.ts';

type Schema = z.core.$ZodType;

/** The keys that the schema knows at a path, for "did you mean". Every branch of a union counts. */
export function knownKeysAt(path: Path): readonly string[] {
  let schemas: Schema[] = [manifestSchema];
  for (const step of path)
    schemas = schemas.flatMap((schema) => unwrap(schema)).flatMap((schema) => below(schema, step));
  const keys = schemas.flatMap((schema) => unwrap(schema)).flatMap((schema) => Object.keys(shapeOf(schema)));
  return [...new Set(keys)];
}

/** Through optionals and transforms, down to objects, records and arrays. */
function unwrap(schema: Schema): Schema[] {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  if (def.type === 'optional' || def.type === 'nullable') return unwrap(def.innerType as Schema);
  if (def.type === 'pipe') return unwrap(def.in as Schema);
  if (def.type === 'union') return (def.options as Schema[]).flatMap(unwrap);
  return [schema];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def = schema._zod.def as unknown as {
    readonly type: string;
    readonly shape?: Readonly<Record<string, Schema>>;
  };
  return def.shape ?? {};
}

function below(schema: Schema, step: string | number): Schema[] {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  if (def.type === 'record') return [def.valueType as Schema];
  if (def.type === 'array') return [def.element as Schema];
  const found = shapeOf(schema)[String(step)];
  return found === undefined ? [] : [found];
}
