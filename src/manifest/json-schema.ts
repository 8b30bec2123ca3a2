import * as z from 'zod';
import { manifestSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of mesh.yaml, for editors. `name` is optional there, since `extends` can give it. */
export function manifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'any' });
  const required = (schema.required ?? []).filter((key) => key !== 'name');
  const { required: _dropped, ...rest } = schema;
  return {
    title: 'mesh.yaml',
    ...rest,
    ...(required.length > 0 ? { required } : {}),
    patternProperties: { '^x-': {} },
  };
}
