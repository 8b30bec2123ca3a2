import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import type { Io } from '../io.ts';

/** Prints a published JSON Schema. */
export async function schema(what: string, io: Io): Promise<number> {
  io.stdout.write(`${JSON.stringify(await schemaOf(what), null, 2)}\n`);
  return 0;
}

async function schemaOf(what: string): Promise<unknown> {
  if (what === 'manifest') return (await import('../../manifest/json-schema.ts')).manifestJsonSchema();
  if (what === 'events') return (await import('../../execute/event-schema.ts')).eventJsonSchema();
  throw new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `there is no schema "${what}"`,
      hint: 'there are: manifest, events',
    },
  ]);
}
