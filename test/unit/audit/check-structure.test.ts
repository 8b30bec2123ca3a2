import { describe, expect, it } from 'vitest';
import { nameWorkloads } from '../../../src/audit/kubernetes/name-workloads.ts';
import { readObjects, workloadsOf } from '../../../src/audit/kubernetes/objects.ts';
import { checkSchema } from '../../../src/audit/schema/check-schema.ts';
import { checkStructure } from '../../../src/audit/structure/check-structure.ts';
import type { DeclaredEdge } from '../../../src/audit/structure/structure-input.ts';
import { AT } from '../render/mesh-builder.ts';

/** `MESH4203 3:9 Service a selects no pods`, a line each. */
function findingsIn(text: string, edges?: readonly DeclaredEdge[]): string[] {
  const objects = readObjects([{ file: 'k8s.yaml', text }]);
  const input = { target: 'k8s', objects, workloads: nameWorkloads(workloadsOf(objects), []), hosts: [], edges };
  return [...checkStructure(input).findings, ...checkSchema(input).findings].map(({ code, message, places }) => {
    const at = places.at(-1)?.at;
    return `${code} ${at?.line}:${at?.column} ${message}`;
  });
}

function deployment(name: string, container: string, more = ''): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      ${more}
      containers: [{ name: ${name}, image: "${name}:1", ${container} }]
`;
}

describe('objects that do not fit together', () => {
  it('a ConfigMap, a Secret and keys that are not there, or are used by nothing', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { LEVEL: info, IDLE: "1" }
---
apiVersion: v1
kind: Secret
metadata: { name: forgotten }
stringData: { a: b }
${deployment('api', 'env: [{ name: A, valueFrom: { configMapKeyRef: { name: settings, key: LEVLE } } }, { name: B, valueFrom: { configMapKeyRef: { name: settings, key: LEVEL } } }], envFrom: [{ secretRef: { name: gone } }, { configMapRef: { name: maybe, optional: true } }]')}`;
    expect(findingsIn(text)).toEqual([
      'MESH4201 20:241 api needs Secret gone, which does not exist',
      'MESH4201 20:119 api needs key LEVLE of ConfigMap settings, which does not have it',
      'MESH4202 4:22 key IDLE of ConfigMap settings is used by nothing',
      'MESH4202 8:19 Secret forgotten is used by nothing',
    ]);
  });

  it('Services, probes and Ingresses that lead to nothing', () => {
    const text = `apiVersion: v1
kind: Service
metadata: { name: api }
spec: { selector: { app: api }, ports: [{ port: 80, targetPort: web }, { port: 81, name: b, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: lost }
spec: { selector: { app: nobody }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: door }
spec: { rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: api, port: { number: 90 } } } }] } }] }
${deployment('api', 'ports: [{ name: http, containerPort: 8080 }], readinessProbe: { httpGet: { path: /, port: 9090 } }')}`;
    expect(findingsIn(text)).toEqual([
      'MESH4204 4:65 Service api leads to port web of api, which no container opens',
      'MESH4203 9:19 Service lost selects no pods',
      'MESH4204 14:113 Ingress door leads to port 90 of Service api, which does not have it',
      'MESH4207 25:139 the readinessProbe of api asks port 9090, which its container does not open',
    ]);
  });

  it('selectors that miss, change with a release, or meet others', () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata: { name: a }
spec:
  selector: { matchLabels: { app: a, app.kubernetes.io/version: "1" } }
  template:
    metadata: { labels: { app: b } }
    spec: { containers: [{ name: a, image: a }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: b }
spec:
  selector: { matchLabels: { app: b } }
  template:
    metadata: { labels: { app: b } }
    spec: { containers: [{ name: b, image: b }] }
---
apiVersion: v1
kind: Service
metadata: { name: b }
spec: { selector: { app: b }, ports: [{ port: 80 }] }
`;
    expect(findingsIn(text)).toEqual([
      'MESH4208 5:13 Deployment a does not select its own pods',
      'MESH4208 5:38 Deployment a selects by app.kubernetes.io/version, which changes with a release, while a selector cannot be changed',
      'MESH4208 14:13 Deployment b also selects the pods of Deployment a',
      'MESH4208 22:19 Service b leads to the pods of a and b',
    ]);
  });

  it('objects that are there twice, and references to what is not there', () => {
    const text = `apiVersion: v1
kind: ServiceAccount
metadata: { name: a }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: a }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: api }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: apl }, maxReplicas: 3 }
${deployment('api', 'volumeMounts: [{ name: data, mountPath: /data }]', 'serviceAccountName: b')}`;
    expect(findingsIn(text)).toEqual([
      'MESH4210 23:72 api mounts volume data, which its pod does not have',
      'MESH4209 7:19 ServiceAccount a is there twice',
      'MESH4210 12:72 HorizontalPodAutoscaler api scales Deployment apl, which does not exist',
      'MESH4210 22:27 api runs as ServiceAccount b, which does not exist',
    ]);
  });

  it('network policies that block what is declared, or admit what is not', () => {
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: other } } }]
      ports: [{ port: http }]
`;
    const text = `${policy}${['api', 'web', 'other'].map((name) => deployment(name, 'ports: [{ name: http, containerPort: 8080 }]')).join('')}`;
    expect(findingsIn(text, [{ from: 'web', to: 'api', ports: [8080], at: AT }])).toEqual([
      'MESH4205 3:19 web needs api, and NetworkPolicy api does not admit it: api may not be called by web on port 8080',
      'MESH4206 8:7 NetworkPolicy api lets other call api, which the manifest does not declare',
    ]);
    expect(findingsIn(text, [{ from: 'other', to: 'api', ports: [8080], at: AT }])).toEqual([]);
    expect(findingsIn(text)).toEqual([]);
  });

  describe('who a network policy admits', () => {
    const callers = (peer: string, { policyIn = '', podsIn = '', more = '' } = {}) => {
      const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api${policyIn} }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
    - from: [${peer}]
`;
      const pods = ['api', 'web'].map((name) => deployment(name, 'ports: [{ containerPort: 8080 }]'));
      const text = `${policy}${pods.join('').replaceAll(/^metadata: \{ name: \w+/gm, `$&${podsIn}`)}${more}`;
      return findingsIn(text, [{ from: 'web', to: 'api', ports: [8080], at: AT }]).map((line) => line.split(' ')[0]);
    };
    const named =
      '{ podSelector: { matchLabels: { app: web } }, namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } } }';
    const inShop = { policyIn: ', namespace: shop', podsIn: ', namespace: shop' };

    it.each([
      ['pods of its own namespace', '{ podSelector: { matchLabels: { app: web } } }', {}, []],
      ['its own namespace by its name', named, inShop, []],
      ['a namespace by a name that the objects do not say', named, {}, []],
      ['another namespace', named.replace('shop', 'other'), inShop, ['MESH4205']],
      [
        'a namespace by a label of its own',
        '{ namespaceSelector: { matchLabels: { team: shop } }, podSelector: { matchLabels: { app: web } } }',
        { ...inShop, more: '---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { team: shop } }\n' },
        [],
      ],
      [
        'a whole namespace, whichever the objects are in',
        '{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }',
        {},
        ['MESH4205'],
      ],
      [
        'a namespace by labels that the objects do not say',
        '{ namespaceSelector: { matchLabels: { team: shop } }, podSelector: { matchLabels: { app: web } } }',
        inShop,
        [],
      ],
      ['every namespace', '{ namespaceSelector: {} }', {}, ['MESH4206']],
      [
        'every namespace, in more words',
        '{ namespaceSelector: { matchLabels: {} }, podSelector: {} }',
        {},
        ['MESH4206'],
      ],
      [
        'certain pods of every namespace',
        '{ namespaceSelector: {}, podSelector: { matchLabels: { app: web } } }',
        {},
        [],
      ],
      ['every address', '{ ipBlock: { cidr: 0.0.0.0/0 } }', {}, ['MESH4206']],
      ['some addresses', '{ ipBlock: { cidr: 10.0.0.0/8 } }, { podSelector: { matchLabels: { app: web } } }', {}, []],
    ])('%s', (_, peer, where, expected) => {
      expect(callers(peer, where)).toEqual(expected);
    });
  });

  it('objects that Kubernetes would refuse', () => {
    const text = `apiVersion: extensions/v1beta1
kind: Ingress
metadata: { name: old }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: Bad_Name, labels: { a: "with space" } }
data: { PORT: 8080 }
${deployment('api', 'ports: [{ containerPort: 99999, protocol: HTTP }], livenesProbe: {}, resources: { limits: { memory: lots } }, tty: "yes"')}`;
    expect(findingsIn(text).filter((line) => line.startsWith('MESH4212'))).toEqual([
      'MESH4212 3:19 Ingress old: Kubernetes 1.34 serves no Ingress of extensions/v1beta1',
      'MESH4212 7:19 ConfigMap Bad_Name: metadata.name is no name of an object: lower-case letters, digits, - and .',
      'MESH4212 7:42 ConfigMap Bad_Name: metadata.labels.a is no value of a label: at most 63 letters, digits, -, _ and .',
      'MESH4212 8:15 ConfigMap Bad_Name: data.PORT must be a text, and is the number 8080; put it in quotes',
      'MESH4212 19:74 Deployment api: spec.template.spec.containers[0].ports[0].containerPort is no port: 1 to 65535',
      'MESH4212 19:91 Deployment api: spec.template.spec.containers[0].ports[0].protocol must be SCTP or TCP or UDP, and is "HTTP"',
      'MESH4212 19:100 Deployment api: spec.template.spec.containers[0].livenesProbe is no field of Kubernetes',
      'MESH4212 19:149 Deployment api: spec.template.spec.containers[0].resources.limits.memory is no amount: "lots"',
      'MESH4212 19:164 Deployment api: spec.template.spec.containers[0].tty must be true or false, and is "yes"',
    ]);
  });
});
