import { GENERATED_NOTICE } from '../generated-notice.ts';
import type { ValueBranch, ValueTree } from './value-tree.ts';

/** The JSON Schema of the values. Helm checks every install and upgrade against it, so a misspelt key is an error. */
export function renderValuesSchema(tree: ValueBranch, name: string): string {
  const root = schemaOf(tree);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: GENERATED_NOTICE,
    title: `Values of the chart ${name}`,
    ...root,
    // Helm hands the global values of a chart to all that it depends on.
    properties: { ...root.properties, global: { type: 'object' } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function schemaOf(tree: ValueBranch): { readonly properties: Readonly<Record<string, unknown>> } {
  return {
    ...describe(tree),
    ...{ type: 'object', additionalProperties: false, required: Object.keys(tree.entries) },
    properties: Object.fromEntries(Object.entries(tree.entries).map(([key, child]) => [key, schemaOfTree(child)])),
  };
}

function schemaOfTree(tree: ValueTree): Readonly<Record<string, unknown>> {
  return tree.kind === 'branch' ? { ...schemaOf(tree) } : { ...describe(tree), ...tree.schema };
}

function describe({ comment }: ValueTree): { readonly description?: string } {
  return comment === '' ? {} : { description: comment };
}
