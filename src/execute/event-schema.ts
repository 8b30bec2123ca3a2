import * as z from 'zod';
import { eventSchema } from './event.ts';

/** What `--json` prints in the place of an error text. */
const problemSchema = z.object({
  v: z.literal(1),
  type: z.literal('problem'),
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
  hint: z.string().optional(),
});

/** The JSON Schema (draft 2020-12) of one line of the NDJSON output. */
export function eventJsonSchema(): Record<string, unknown> {
  const line = z.union([eventSchema, problemSchema]);
  return { title: 'One line of the NDJSON output of mesh: an event, or a problem', ...z.toJSONSchema(line) };
}
