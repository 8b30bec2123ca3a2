import type { Random } from '../random.ts';

/** A valid manifest that is the same for the same seed: servers, services and jobs with all that a manifest can say. */
export function randomManifest(random: Random): string {
  const services = Array.from({ length: 1 + random.upTo(5) }, (_, index) => `svc-${'abcdefgh'[index]}`);
  const lines = [
    'name: shop',
    `version: ${random.pick(['1.0.0', '2.1.0+build.7', '0.3.1-rc.1'])}`,
    '',
    'infrastructure:',
  ];
  lines.push(...database(random), ...broker(random), 'services:');
  for (const [index, name] of services.entries()) lines.push(...service(name, services.slice(0, index), random));
  lines.push(
    'secrets:',
    '  db-password: { minLength: 16 }',
    '  token: { minLength: 32 }',
    '  broker-password: { default: guest }',
    'environments:',
    '  prod:',
    `    replicas: ${1 + random.upTo(3)}`,
    '    services:',
    `      ${services[0]}: { env: { MODE: production }, resources: { limits: { memory: 2Gi } } }`,
  );
  return `${lines.join('\n')}\n`;
}

function database(random: Random): string[] {
  return [
    '  db:',
    '    image: postgres:15-alpine',
    '    endpoints: { sql: { port: 5432, protocol: postgres } }',
    '    values: { database: shop, username: keeper }',
    '    env:',
    '      POSTGRES_USER: ${self.values.username}',
    '      POSTGRES_PASSWORD: ${secrets.db-password}',
    ...(random.chance(0.5) ? ['    volumes: { db-data: /var/lib/postgresql/data }'] : []),
    '    health: { ready: { postgres: sql, user: keeper } }',
    ...(random.chance(0.3) ? ['    kubernetes: { external: { host: db.example.com, port: 6432 } }'] : []),
  ];
}

function broker(random: Random): string[] {
  return [
    '  broker:',
    '    image: rabbitmq:3.12-management-alpine',
    '    endpoints: { amqp: { port: 5672, protocol: amqp }, management: { port: 15672, protocol: http } }',
    '    env: { RABBITMQ_DEFAULT_PASS: "${secrets.broker-password}" }',
    `    health: { ready: { amqp: amqp }, client: ${random.pick(['bash', 'wget'])} }`,
    ...(random.chance(0.3) ? ['    kubernetes: { external: { host: mq.example.com } }'] : []),
  ];
}

function service(name: string, before: readonly string[], random: Random): string[] {
  const job = before.length > 0 && random.chance(0.15);
  const port = random.pick([80, 8080, 3000]);
  const grpc = random.chance(0.4);
  const needs = ['db', ...(random.chance(0.6) ? ['broker'] : []), ...before.filter(() => random.chance(0.4))];
  const build = random.pick([
    '    build: { node: app, entry: main.js }',
    `    image: registry.example.com/team/${name}:1.4.2`,
    '    build: { dotnet: src/App }',
  ]);
  return [
    `  ${name}:`,
    build,
    ...(random.chance(0.3) ? ['    command: [serve, --verbose, "$(NOT_A_VARIABLE)"]'] : []),
    ...(random.chance(0.2) ? ['    user: 1234'] : []),
    `    endpoints: { http: { port: ${port}, protocol: http, host: auto }${grpc ? ', grpc: { port: 50051, protocol: h2c, host: auto }' : ''} }`,
    `    needs: [${needs.join(', ')}]`,
    `    calls: [${before.flatMap((other) => (random.chance(0.3) ? [random.chance(0.5) ? other : `${other}.http`] : [])).join(', ')}]`,
    '    env:',
    `      MODE: ${random.pick(['development', 'db', '"1.0"', '"true"'])}`,
    `      URLS: http://+:\${self.http.port}`,
    '      DATABASE: Host=${db.sql.host};Port=${db.sql.port};User=${db.values.username};Password=${secrets.db-password}',
    ...(random.chance(0.5) ? ['      BROKER: amqp://guest:${secrets.broker-password}@${broker.amqp.address}/'] : []),
    ...(random.chance(0.5) ? ['      TOKEN: ${secrets.token}'] : []),
    ...(random.chance(0.5) ? ['      LEVEL: ${env.LEVEL:-info}'] : []),
    ...before.flatMap((other) => (random.chance(0.5) ? [`      ${envName(other)}: \${${other}.http.url}`] : [])),
    ...files(before, random),
    ...health(job, random),
    ...(random.chance(0.7)
      ? ['    resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: "1", memory: 512Mi } }']
      : []),
    ...(job ? ['    job: true'] : [`    replicas: ${random.upTo(3)}`]),
    ...(random.chance(0.3) ? ['    stopGrace: 30s'] : []),
    ...(random.chance(0.3) ? [`    kubernetes: { service: ${random.pick(['LoadBalancer', 'NodePort'])} }`] : []),
  ];
}

function files(before: readonly string[], random: Random): string[] {
  if (!random.chance(0.3)) return [];
  const other = before[0];
  const text = other === undefined ? 'level: info' : `upstream: \${${other}.http.address}`;
  return [
    '    files:',
    `      /etc/app/settings.yaml: "${text}\\n"`,
    ...(random.chance(0.5) ? ['      /etc/app/token: "${secrets.token}"'] : []),
  ];
}

function health(job: boolean, random: Random): string[] {
  if (job) return [];
  return [
    '    health:',
    `      ready: ${random.pick(['/health/ready', '{ tcp: http }', '{ http: /up, status: 204 }', '{ exec: [test, -f, /tmp/ready] }'])}`,
    ...(random.chance(0.6) ? ['      live: /health/live'] : []),
    `      readyDelay: ${random.pick(['5s', '500ms', '20s'])}`,
    `      client: ${random.pick(['bash', 'curl', 'wget', 'node'])}`,
    ...(random.chance(0.4) ? ['      within: 3m'] : []),
  ];
}

function envName(service: string): string {
  return `${service.replaceAll('-', '_').toUpperCase()}_URL`;
}
