/** The segment after /api, and the service that answers it. Any other service is called by its own name. */
const SERVICE_OF: ReadonlyMap<string, string> = new Map([
  ['config', 'config-service'],
  ['auth', 'auth-service'],
  ['metrics', 'metrics-service'],
  ['traces', 'tracing-service'],
  ['health', 'health-monitor'],
]);
const OWN: ReadonlySet<string> = new Set(SERVICE_OF.values());

const SEGMENT = /^\/api\/([a-z0-9][a-z0-9.-]{0,62})(?:[/?]|$)/i;

/** The service that a request's target, such as `/api/config/a?b=c`, is for; undefined when it names none. */
export function serviceOf(target: string): string | undefined {
  const segment = SEGMENT.exec(target)?.[1];
  return segment === undefined ? undefined : (SERVICE_OF.get(segment) ?? segment);
}

/** Whether a service belongs to the mesh even when no instance of it was ever seen. */
export function belongsToMesh(service: string): boolean {
  return OWN.has(service);
}
