import type { FieldProblem } from './problem.ts';

/** As much of an Ajv error as is told; `parentSchema` comes with Ajv's option `verbose`. */
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly parentSchema?: object | undefined;
}

/** Where a pattern is not met, the schema's description says more than the pattern: it should be worded as `must be …`. */
export function fieldProblem(error: SchemaError): FieldProblem {
  const { keyword, instancePath, params, message = 'is not as expected', parentSchema } = error;
  const name = params.missingProperty ?? params.additionalProperty;
  const field = typeof name === 'string' ? `${instancePath}/${name}` : instancePath;
  const { description } = { description: undefined, ...(keyword === 'pattern' ? parentSchema : undefined) };
  return { field: field === '' ? '/' : field, message: typeof description === 'string' ? description : message };
}
