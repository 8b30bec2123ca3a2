/** A manifest with that many services: each needs the two before it, reads their addresses, and shares blocks by alias. */
export function generateManifest(services: number): string {
  const lines = [
    'name: large',
    'x-health: &health { ready: /health, within: 2m, client: bash }',
    'x-resources: &resources { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: 500m, memory: 512Mi } }',
    'infrastructure:',
    '  database: { image: postgres:15-alpine, endpoints: { postgres: 5432 } }',
    'services:',
  ];
  for (let number = 0; number < services; number++) lines.push(...generateService(number));
  lines.push(
    'secrets:',
    '  password: { minLength: 16 }',
    'environments:',
    '  prod: { services: { service-0: { replicas: 2 } } }',
  );
  return `${lines.join('\n')}\n`;
}

function generateService(number: number): string[] {
  const before = [number - 1, number - 2].filter((other) => other >= 0).map((other) => `service-${other}`);
  return [
    `  service-${number}:`,
    `    build: { node: services/service-${number}, entry: main.js }`,
    `    endpoints: { http: { port: 8080, host: ${10_000 + number} } }`,
    `    needs: [${['database', ...before].join(', ')}]`,
    '    env:',
    '      DATABASE_URL: postgres://app:${secrets.password}@${database.postgres.address}/app',
    ...before.map((other, index) => `      BEFORE_${index}: \${${other}.http.url}`),
    '    health: *health',
    '    resources: *resources',
  ];
}
