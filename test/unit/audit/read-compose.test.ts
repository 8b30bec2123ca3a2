import { describe, expect, it } from 'vitest';
import { readCompose } from '../../../src/audit/compose/read-compose.ts';
import { factId, showValue, type TargetFacts } from '../../../src/audit/facts.ts';
import { InvalidInput } from '../../../src/diagnostics/mesh-error.ts';

/** `variable URLS = http://+:80  12:7`, a line each. */
function factsOf(facts: TargetFacts, service: string, aspect: string): string[] {
  return [...(facts.services.get(service)?.facts.values() ?? [])]
    .filter((fact) => fact.aspect === aspect)
    .map((fact) => `${factId(fact)} = ${showValue(fact.value)}  ${fact.at.line}:${fact.at.column}`);
}

function read(text: string, options: Parameters<typeof readCompose>[1] = {}): TargetFacts {
  return readCompose({ file: 'docker-compose.yml', text }, options);
}

describe('a compose file that others wrote', () => {
  it('may list its variables, take over some, and have them in a file', () => {
    const facts = read(
      `services:
  api:
    image: api
    env_file:
      - common.env
    environment:
      - URL=http://db:5432/?a=b
      - EMPTY=
      - FROM_SHELL
      - PRICE=5$$
`,
      { envFile: (path) => (path === 'common.env' ? '# usual\nexport LEVEL="info"\nURL=overridden\n' : undefined) },
    );
    expect(factsOf(facts, 'api', 'variable')).toEqual([
      'variable LEVEL = info  5:9',
      'variable URL = http://db:5432/?a=b  7:9',
      'variable EMPTY =   8:9',
      'variable FROM_SHELL = ${FROM_SHELL}  9:9',
      'variable PRICE = 5$  10:9',
    ]);
  });

  it('may share blocks by anchors; a place is where the value is written', () => {
    const facts = read(`x-common: &common
  environment: &env
    LEVEL: info
services:
  api:
    <<: *common
    image: api
  web:
    image: web
    environment:
      <<: *env
      OWN: 1.0
`);
    expect(factsOf(facts, 'api', 'variable')).toEqual(['variable LEVEL = info  3:12']);
    expect(factsOf(facts, 'web', 'variable')).toEqual(['variable OWN = 1.0  12:12', 'variable LEVEL = info  3:12']);
  });

  it('may write ports in each of their forms', () => {
    const facts = read(`services:
  api:
    image: api
    expose: ["9000"]
    ports:
      - 8080
      - "5000:80"
      - "127.0.0.1:5001:81"
      - "6000-6001:90-91"
      - "[::1]:53:53/udp"
      - "\${BIND:-10.0.0.1}::82"
      - { target: 443, published: "8443", protocol: tcp, host_ip: 127.0.0.1 }
      - target: 83
`);
    expect(factsOf(facts, 'api', 'published').map((line) => line.replace(/ {2}.*/, ''))).toEqual([
      'published 8080/tcp = 0.0.0.0:auto',
      'published 80/tcp = 0.0.0.0:5000',
      'published 81/tcp = 127.0.0.1:5001',
      'published 90/tcp = 0.0.0.0:6000',
      'published 91/tcp = 0.0.0.0:6001',
      'published 53/udp = ::1:53',
      'published 82/tcp = 10.0.0.1:auto',
      'published 443/tcp = 127.0.0.1:8443',
      'published 83/tcp = 0.0.0.0:auto',
    ]);
    expect(factsOf(facts, 'api', 'port')).toContain('port 9000/tcp =   4:14');
  });

  it('may depend in both forms, and bound resources in the old way', () => {
    const facts = read(`services:
  a: { image: a, depends_on: [b, c], mem_limit: 512m, cpus: 0.5 }
  b:
    image: b
    depends_on:
      c: { condition: service_healthy, required: false }
    deploy:
      replicas: 3
      resources: { limits: { cpus: "1", memory: 1gb }, reservations: { memory: 64M } }
  c: { image: "registry:5000/team/c@sha256:abc" }
`);
    expect(factsOf(facts, 'a', 'dependency')).toEqual([
      'dependency b = service_started  2:31',
      'dependency c = service_started  2:34',
    ]);
    expect(factsOf(facts, 'b', 'dependency')).toEqual(['dependency c = service_healthy (optional)  6:7']);
    expect(factsOf(facts, 'a', 'resources')).toEqual([
      'resources limits cpu = 500m  2:61',
      'resources limits memory = 512Mi  2:49',
    ]);
    expect(factsOf(facts, 'b', 'resources').map((line) => line.replace(/ {2}.*/, ''))).toEqual([
      'resources limits cpu = 1000m',
      'resources limits memory = 1024Mi',
      'resources requests memory = 64Mi',
    ]);
    expect(factsOf(facts, 'b', 'replicas')).toEqual(['replicas  = 3  8:17']);
    expect(factsOf(facts, 'c', 'image').map((line) => line.replace(/ {2}.*/, ''))).toEqual([
      'image repository = registry:5000/team/c',
      'image tag = sha256:abc',
    ]);
  });

  it.each([
    ['curl -f http://localhost:8080/health || exit 1', 'http :8080 /health'],
    ['curl http://localhost:8080/health', 'exec "curl http://localhost:8080/health"'],
    ['wget -qO- http://127.0.0.1/up', 'http :80 /up'],
    ['pg_isready -U app -d shop', 'postgres :5432 user app database shop'],
    ['redis-cli ping', 'redis :6379'],
    ['nc -z localhost 5672', 'tcp :5672'],
    ['curl -f http://localhost/health; true', 'exec "curl -f http://localhost/health; true"'],
  ])('may check its health with a shell: %s', (command, probe) => {
    const facts = read(`services:\n  a:\n    image: a\n    healthcheck: { test: ${JSON.stringify(command)} }\n`);
    expect(factsOf(facts, 'a', 'probe')[0]).toBe(`probe ready = ${probe}  4:26`);
  });

  it('has no health check where it is switched off', () => {
    const facts = read(
      'services:\n  a: { image: a, healthcheck: { test: [NONE] } }\n  b: { image: b, healthcheck: { disable: true, test: "x" } }\n',
    );
    expect([...factsOf(facts, 'a', 'probe'), ...factsOf(facts, 'b', 'probe')]).toEqual([]);
  });

  it('answers to its aliases and to the name of its container', () => {
    const facts = read(`services:
  a: { image: a, container_name: first, networks: { back: { aliases: [alpha] } } }
`);
    expect(facts.hosts.map(({ host, node }) => `${host} → ${node}`)).toEqual(['a → a', 'first → a', 'alpha → a']);
  });

  it('is refused with a place where it is no YAML', () => {
    expect(() => read('services:\n  a: {\n')).toThrow(InvalidInput);
  });
});
