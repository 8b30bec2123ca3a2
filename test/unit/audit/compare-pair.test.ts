import { describe, expect, it } from 'vitest';
import { comparePair } from '../../../src/audit/compare/compare-pair.ts';
import { readCompose } from '../../../src/audit/compose/read-compose.ts';
import { readObjects } from '../../../src/audit/kubernetes/objects.ts';
import { readKubernetes } from '../../../src/audit/kubernetes/read-kubernetes.ts';

const COMPOSE = `services:
  db: { image: "postgres:15" }
  api:
    image: team/api:dev
    environment:
      DATABASE: postgres://app:\${DB_PASSWORD}@db:5432/app
      LEVEL: \${LEVEL:-info}
      TOKEN: \${TOKEN}
      PEER: http://api:8080
    ports: ["8080:8080"]
    healthcheck: { test: "curl -f http://localhost:8080/ready" }
`;

function objects(changes: Readonly<Record<string, string>> = {}): string {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - name: api
          image: registry.example.com/api:1.0
          env:
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }
            - { name: DATABASE, value: "postgres://app:$(PASSWORD)@db:5432/app" }
            - { name: LEVEL, value: info }
            - { name: TOKEN, valueFrom: { secretKeyRef: { name: api, key: token } } }
            - { name: PEER, value: "http://api-svc:80" }
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /ready, port: http } }
---
apiVersion: v1
kind: Service
metadata: { name: api-svc }
spec: { selector: { app: api }, ports: [{ port: 80, targetPort: http }] }
`;
  return Object.entries(changes).reduce((changed, [from, to]) => changed.replace(from, to), text);
}

function compare(text: string): { findings: string[]; alone: string[] } {
  const compose = { ...readCompose({ file: 'compose.yml', text: COMPOSE }), target: 'compose.yml' };
  const nodes = [...compose.services.keys()];
  const facts = readKubernetes(readObjects([{ file: 'k8s.yaml', text }]), { target: 'k8s.yaml', nodes });
  const pair = comparePair({ kind: 'compose', facts: compose }, { kind: 'kubernetes', facts });
  return {
    findings: pair.findings.map(({ code, message }) => `${code} ${message}`),
    alone: pair.alone.map(({ target, services }) => `${target}: ${services.join(', ')}`),
  };
}

describe('two artefacts without a manifest', () => {
  it('say the same in their own words: names resolved, secrets as secrets', () => {
    expect(compare(objects())).toEqual({ findings: [], alone: ['compose.yml: db'] });
  });

  it.each([
    [
      { 'value: info': 'value: debug' },
      'MESH4102 api: variable LEVEL is "${LEVEL:-info}" in compose.yml, and "debug" in k8s.yaml',
    ],
    [
      { 'api-svc:80"': 'api-svc:81"' },
      'MESH4102 api: variable PEER is "http://api:8080" in compose.yml, and "http://api-svc:81" in k8s.yaml',
    ],
    [{ '@db:5432': '@db:5433' }, 'MESH4102 api: variable DATABASE is'],
    [
      { 'path: /ready': 'path: /' },
      'MESH4105 api: probe ready is "http :8080 /ready" in compose.yml, and "http :8080 /" in k8s.yaml',
    ],
    [{ 'com/api:1.0': 'com/web:1.0' }, 'MESH4108 api: image repository is'],
    [{ 'valueFrom: { secretKeyRef: { name: api, key: token } }': 'value: abc' }, 'MESH4102 api: variable TOKEN is'],
    [{ 'name: LEVEL': 'name: LEVLE' }, 'MESH4102 api: variable LEVEL is missing in k8s.yaml, and compose.yml has it'],
  ])('differ: %o', (changes, message) => {
    expect(compare(objects(changes)).findings.join('\n')).toContain(message);
  });
});
