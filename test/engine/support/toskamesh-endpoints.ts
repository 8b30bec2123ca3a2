/** Every endpoint that the preset publishes under a number of its own; tests assume none of these to be free. */
export const TOSKAMESH_ENDPOINTS = [
  ['infrastructure', 'postgres', ['sql']],
  ['infrastructure', 'consul', ['http', 'dns', 'dns-tcp']],
  ['infrastructure', 'rabbitmq', ['amqp', 'management']],
  ['infrastructure', 'prometheus', ['http']],
  ['services', 'core', ['silo', 'orleans']],
  ['services', 'discovery', ['http', 'grpc']],
  ['services', 'auth-service', ['http']],
  ['services', 'config-service', ['http']],
  ['services', 'metrics-service', ['http']],
  ['services', 'tracing-service', ['http']],
  ['services', 'gateway', ['http']],
  ['services', 'health-monitor', ['http']],
] as const;
