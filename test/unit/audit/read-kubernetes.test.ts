import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../src/audit/compare/same-value.ts';
import { factId, showValue, type TargetFacts } from '../../../src/audit/facts.ts';
import { readObjects } from '../../../src/audit/kubernetes/objects.ts';
import { type KubernetesOptions, readKubernetes } from '../../../src/audit/kubernetes/read-kubernetes.ts';

function read(text: string, options: Partial<KubernetesOptions> = {}): TargetFacts {
  return readKubernetes(readObjects([{ file: 'k8s.yaml', text }]), { target: 'k8s', ...options });
}

function factsOf(facts: TargetFacts, service: string, aspect: string): string[] {
  return [...(facts.services.get(service)?.facts.values() ?? [])]
    .filter((fact) => fact.aspect === aspect)
    .map((fact) => {
      const from = fact.from === undefined ? '' : ` from ${fact.from.kind} ${fact.from.object}/${fact.from.key}`;
      return `${factId(fact)} = ${showValue(fact.value)}${from}${fact.auxiliary === true ? ' (auxiliary)' : ''}`;
    });
}

const FOREIGN = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: { name: common }
    data: { LEVEL: info, url: http://db }
  - apiVersion: v1
    kind: Secret
    metadata: { name: creds }
    data: { password: aHVudGVyMg== }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop-discovery, namespace: mesh }
spec:
  replicas: 2
  selector: { matchLabels: { app: discovery } }
  template:
    metadata: { labels: { app: discovery } }
    spec:
      containers:
        - name: sidecar
          image: envoy
        - name: discovery
          image: registry.example.com/team/discovery:1.2
          envFrom:
            - prefix: APP_
              configMapRef: { name: common }
          env:
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: creds, key: password } } }
            - { name: DATABASE, value: "Host=db;Password=$(PASSWORD);Note=$$(PASSWORD)" }
            - { name: LEVEL, valueFrom: { configMapKeyRef: { name: common, key: LEVEL } } }
            - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
          ports: [{ name: http, containerPort: 8080 }, { name: grpc, containerPort: 50051 }]
          readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 5 }
          livenessProbe: { exec: { command: [curl, -f, "http://localhost:8080/live"] } }
          resources: { limits: { cpu: "0.5", memory: 512M } }
---
apiVersion: v1
kind: Service
metadata: { name: toskamesh-discovery, namespace: mesh }
spec:
  selector: { app: discovery }
  ports: [{ name: http, port: 80, targetPort: http }, { name: grpc, port: 50051, targetPort: 50051 }]
`;

describe('objects that others wrote', () => {
  const facts = read(FOREIGN, { nodes: ['discovery', 'db'], secrets: new Map([['DB_PASSWORD', 'password']]) });

  it('are the node that a label, or the end of the name, says', () => {
    expect([...facts.services.keys()]).toEqual(['discovery']);
  });

  it('have variables from whole ConfigMaps with a prefix, single keys, Secrets and each other', () => {
    expect(factsOf(facts, 'discovery', 'variable')).toEqual([
      'variable APP_LEVEL = info from config common/LEVEL',
      'variable APP_url = http://db from config common/url',
      'variable PASSWORD = ‹secret password› from secret creds/password (auxiliary)',
      'variable DATABASE = Host=db;Password=‹secret password›;Note=$(PASSWORD)',
      'variable LEVEL = info from config common/LEVEL',
      'variable POD = ‹field metadata.name›',
    ]);
  });

  it('never show what a Secret holds', () => {
    expect(JSON.stringify([...(facts.services.get('discovery')?.facts.values() ?? [])])).not.toContain('hunter2');
  });

  it('have ports, probes and resources in one way to write them', () => {
    expect(factsOf(facts, 'discovery', 'port')).toEqual(['port 8080/tcp = http', 'port 50051/tcp = grpc']);
    expect(factsOf(facts, 'discovery', 'service-port')).toEqual([
      'service-port 80/tcp = http → 8080',
      'service-port 50051/tcp = grpc → 50051',
    ]);
    expect(factsOf(facts, 'discovery', 'probe')).toEqual([
      'probe ready = http :8080 /ready',
      'probe ready timing = after 0s, every 5s, at most 1s, 3 tries',
      'probe live = http :8080 /live',
      'probe live timing = after 0s, every 10s, at most 1s, 3 tries',
    ]);
    expect(factsOf(facts, 'discovery', 'resources')).toEqual([
      'resources limits cpu = 500m',
      'resources limits memory = 500000Ki',
    ]);
  });

  it('have the place of each value', () => {
    const fact = facts.services.get('discovery')?.facts.get('variable DATABASE');
    expect([fact?.at.line, fact?.at.column]).toEqual([32, 40]);
  });

  it.each([
    ['toskamesh-discovery:50051', true],
    ['toskamesh-discovery.mesh.svc:50051', true],
    ['toskamesh-discovery.mesh.svc.cluster.local:50051', true],
    ['toskamesh-discovery.other.svc:50051', false],
    ['toskamesh-discovery:80', false],
    ['discovery:50051', false],
  ])('resolve the names of Services: %s', (address, leads) => {
    const grpc = {
      kind: 'address',
      node: 'discovery',
      endpoint: 'grpc',
      port: 50051,
      form: 'url',
      scheme: 'http',
    } as const;
    expect(sameValue([grpc], [{ kind: 'text', text: `http://${address}` }], facts.hosts)).toBe(leads);
  });

  it('lead through a Service with another port to the port of the container', () => {
    const http = {
      kind: 'address',
      node: 'discovery',
      endpoint: 'http',
      port: 8080,
      form: 'url',
      scheme: 'http',
    } as const;
    const says = (text: string) => sameValue([http], [{ kind: 'text', text }], facts.hosts);
    expect([says('http://toskamesh-discovery'), says('http://toskamesh-discovery:80')]).toEqual([true, true]);
    expect(says('http://toskamesh-discovery:8080')).toBe(false);
  });
});
