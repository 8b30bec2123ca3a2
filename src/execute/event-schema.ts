import * as z from 'zod';
import { eventSchema } from './event.ts';

/** The JSON Schema (draft 2020-12) of one line of the NDJSON output. */
export function eventJsonSchema(): Record<string, unknown> {
  return { title: 'One event of mesh, one line of its NDJSON output', ...z.toJSONSchema(eventSchema) };
}
