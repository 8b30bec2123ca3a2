import { fieldProblem, type Instance, Problem } from '@toskamesh/shared';
import { Ajv } from 'ajv';
import { idSchema, instanceSchema, serviceSchema } from './instance-schema.ts';

// As strict as Fastify is about what comes over HTTP.
const ajv = new Ajv({ allErrors: true, verbose: true });
const isInstance = ajv.compile(instanceSchema);
const isId = ajv.compile(idSchema);
const isService = ajv.compile(serviceSchema);

/** The same checks for gRPC as HTTP's routes have by their schemas. All throw Problem 400. */
export function checkedInstance(value: Instance | null): Instance {
  // A field that is not set is empty in proto3.
  const instance = { ...value, scheme: value?.scheme === '' ? 'http' : value?.scheme };
  requireValid(isInstance, instance, 'instance');
  return instance as Instance;
}

export function checkedId(id: string): string {
  requireValid(isId, id, 'id');
  return id;
}

export function checkedService(service: string): string {
  requireValid(isService, service, 'service');
  return service;
}

function requireValid(check: typeof isInstance | typeof isId, value: unknown, what: string): void {
  if (!check(value)) {
    const errors = check.errors?.map(fieldProblem) ?? [];
    throw new Problem(400, `the ${what} is not as expected`, { errors });
  }
}
