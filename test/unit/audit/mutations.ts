import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Random } from '../random.ts';

type Data = Record<string, unknown>;

/** One kind of change to an artefact. It gives back whether there was anything to change. */
export interface Mutation {
  readonly name: string;
  readonly apply: (text: string, random: Random) => string | undefined;
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path, as a map; an empty one where nothing does. */
function at(data: unknown, ...path: readonly (string | number)[]): Data {
  let value: unknown = data;
  for (const key of path) value = isData(value) || Array.isArray(value) ? (value as Data)[key] : undefined;
  return isData(value) ? value : {};
}

function list(data: unknown, ...path: readonly (string | number)[]): unknown[] {
  const last = path.at(-1);
  const value = last === undefined ? data : at(data, ...path.slice(0, -1))[last];
  return Array.isArray(value) ? value : [];
}

function pickKey(data: Data, random: Random, fits: (key: string) => boolean = () => true): string | undefined {
  const [first, ...rest] = Object.keys(data).filter(fits);
  return first === undefined ? undefined : random.pick([first, ...rest]);
}

// --- compose

function composeMutation(name: string, change: (service: Data, random: Random) => boolean): Mutation {
  return {
    name: `compose: ${name}`,
    apply: (text, random) => {
      const data = parse(text, { merge: true }) as Data;
      const services = Object.values(at(data, 'services')).filter(isData);
      const changed = random.shuffle(services).some((service) => change(service, random));
      return changed ? stringify(data, { aliasDuplicateObjects: false }) : undefined;
    },
  };
}

const onVariable =
  (change: (environment: Data, key: string) => void, fits: (value: string) => boolean = () => true) =>
  (service: Data, random: Random): boolean => {
    const environment = at(service, 'environment');
    const key = pickKey(environment, random, (name) => fits(String(environment[name])));
    if (key === undefined) return false;
    change(environment, key);
    return true;
  };

const setIf = (data: Data, key: string, value: unknown): boolean => {
  if (data[key] === undefined) return false;
  data[key] = value;
  return true;
};

const drop = (data: Data, key: string | undefined): boolean => {
  if (key === undefined || data[key] === undefined) return false;
  delete data[key];
  return true;
};

const onFirst = (items: unknown[], change: (text: string) => string): boolean => {
  if (typeof items[0] !== 'string') return false;
  items[0] = change(items[0]);
  return true;
};

export const COMPOSE_MUTATIONS: readonly Mutation[] = [
  composeMutation(
    'drop a variable',
    onVariable((environment, key) => delete environment[key]),
  ),
  composeMutation(
    'change a value',
    onVariable((environment, key) => {
      environment[key] = `${environment[key]}x`;
    }),
  ),
  composeMutation('add a variable', (service) => {
    service.environment = { ...at(service, 'environment'), SOMETHING_ELSE: '1' };
    return true;
  }),
  composeMutation(
    'write a secret out',
    onVariable(
      (environment, key) => {
        environment[key] = String(environment[key]).replace(/\$\{MESH_SECRET[^}]*\}/, 'hunter2-hunter2');
      },
      (value) => value.includes('${MESH_SECRET'),
    ),
  ),
  composeMutation(
    'another secret',
    onVariable(
      (environment, key) => {
        environment[key] = String(environment[key]).replace('${MESH_SECRET_DB_PASSWORD', '${MESH_SECRET_TOKEN');
      },
      (value) => value.includes('${MESH_SECRET_DB_PASSWORD'),
    ),
  ),
  composeMutation('change a published port', (service) =>
    onFirst(list(service, 'ports'), (port) => port.replace(/:(\d*):(\d+)/, ':9999:$2')),
  ),
  composeMutation('change a container port', (service) =>
    onFirst(list(service, 'ports'), (port) => port.replace(/:(\d+)$/, ':9999')),
  ),
  composeMutation('publish to everybody', (service) =>
    onFirst(list(service, 'ports'), (port) => port.replace('${MESH_BIND_ADDRESS:-127.0.0.1}', '0.0.0.0')),
  ),
  composeMutation('remove the health check', (service) => drop(service, 'healthcheck')),
  composeMutation('weaken the health check', (service) => setIf(at(service, 'healthcheck'), 'test', ['CMD', 'true'])),
  composeMutation('ask the health check less', (service) => setIf(at(service, 'healthcheck'), 'retries', 100)),
  composeMutation('change resources', (service) => setIf(at(service, 'deploy', 'resources', 'limits'), 'memory', '7G')),
  composeMutation('remove resources', (service) => drop(service, 'deploy')),
  composeMutation('change the image tag', (service) => {
    service.image = `${String(service.image).replace(/:[\w.-]+$/, '')}:9.9.9`;
    return true;
  }),
  composeMutation('change the image', (service) => setIf(service, 'image', 'somebody/else')),
  composeMutation('change a label', (service) => setIf(at(service, 'labels'), 'dev.mesh.node', 'other')),
  composeMutation('remove a label', (service) => drop(at(service, 'labels'), 'dev.mesh.node')),
  composeMutation('remove depends_on', (service) => drop(service, 'depends_on')),
  composeMutation('remove one dependency', (service, random) => {
    const needs = at(service, 'depends_on');
    return drop(needs, pickKey(needs, random));
  }),
  composeMutation('weaken a dependency', (service, random) => {
    const needs = at(service, 'depends_on');
    const key = pickKey(needs, random, (name) => at(needs, name).condition === 'service_healthy');
    return key !== undefined && setIf(at(needs, key), 'condition', 'service_started');
  }),
  composeMutation('change the number of replicas', (service) => {
    service.deploy = { ...at(service, 'deploy'), replicas: 4 };
    return true;
  }),
  composeMutation('change the command', (service) => setIf(service, 'command', ['sleep', 'infinity'])),
  composeMutation('build another image', (service) => setIf(at(service, 'build'), 'context', '../other')),
  composeMutation('pull what is built here', (service) => drop(service, 'pull_policy')),
  composeMutation('change the restart policy', (service) => drop(service, 'restart')),
  {
    name: 'compose: remove a service',
    apply: (text, random) => {
      const data = parse(text, { merge: true }) as Data;
      const services = at(data, 'services');
      return drop(services, pickKey(services, random)) ? stringify(data, { aliasDuplicateObjects: false }) : undefined;
    },
  },
];

// --- objects of Kubernetes, whoever rendered them

type ObjectChange = (object: Data, random: Random, all: readonly Data[]) => boolean;

function objectMutation(name: string, kinds: readonly string[], change: ObjectChange): Mutation {
  return {
    name: `objects: ${name}`,
    apply: (text, random) => {
      const objects = parsed(text);
      const candidates = objects.filter((object) => kinds.includes(String(object.kind)) && !isHook(object));
      const changed = random.shuffle(candidates).some((object) => change(object, random, objects));
      const left = objects.filter((object) => Object.keys(object).length > 0);
      return changed ? left.map((object) => `---\n${stringify(object)}`).join('') : undefined;
    },
  };
}

/** The same text is mutated in many ways; parsing it is most of the work. */
const known = new Map<string, readonly Data[]>();

function parsed(text: string): Data[] {
  const objects =
    known.get(text) ??
    parseAllDocuments(text)
      .map((document) => document.toJS() as Data)
      .filter(isData);
  known.set(text, objects);
  return structuredClone([...objects]);
}

/** What runs once beside the services, such as a test of a chart. */
function isHook(object: Data): boolean {
  return Object.keys(at(object, 'metadata', 'annotations')).some((key) => key.startsWith('helm.sh/hook'));
}

const WORKLOADS = ['Deployment', 'StatefulSet'];
const PODS = [...WORKLOADS, 'Job'];

const pod = (object: Data): Data => at(object, 'spec', 'template', 'spec');
const container = (object: Data): Data => at(pod(object), 'containers', 0);

/** Drops or renames a key of what holds settings, wherever the object has them. */
const onKey =
  (holder: 'data' | 'stringData', change: (texts: Data, key: string) => void): ObjectChange =>
  (object, random) => {
    const texts = at(object, holder);
    const key = pickKey(texts, random);
    if (key === undefined) return false;
    change(texts, key);
    return true;
  };

const rename = (texts: Data, key: string): void => {
  texts[`${key}_RENAMED`] = texts[key];
  delete texts[key];
};

const onSecret =
  (change: (texts: Data, key: string) => void): ObjectChange =>
  (object, random, all) =>
    onKey('stringData', change)(object, random, all) || onKey('data', change)(object, random, all);

export const OBJECT_MUTATIONS: readonly Mutation[] = [
  objectMutation(
    'drop a key of a ConfigMap',
    ['ConfigMap'],
    onKey('data', (texts, key) => delete texts[key]),
  ),
  objectMutation('rename a key of a ConfigMap', ['ConfigMap'], onKey('data', rename)),
  objectMutation(
    'change a value',
    ['ConfigMap'],
    onKey('data', (texts, key) => {
      texts[key] = `${String(texts[key]).trimEnd()}x`;
    }),
  ),
  objectMutation(
    'drop a key of a Secret',
    ['Secret'],
    onSecret((texts, key) => delete texts[key]),
  ),
  objectMutation('rename a key of a Secret', ['Secret'], onSecret(rename)),
  objectMutation('rename a ConfigMap', ['ConfigMap'], (object) => {
    at(object, 'metadata').name = 'other';
    return true;
  }),
  objectMutation('remove an object', ['ConfigMap', 'Secret', 'Service', ...PODS], (object) => {
    for (const key of Object.keys(object)) delete object[key];
    return true;
  }),
  objectMutation('repeat an object', ['ConfigMap', 'Service'], (object, _random, all) => {
    (all as Data[]).push(structuredClone(object));
    return true;
  }),
  objectMutation('move a secret into a ConfigMap', ['Secret'], (object, random, all) => {
    const texts = 'stringData' in object ? at(object, 'stringData') : at(object, 'data');
    const key = pickKey(texts, random);
    const node = String(at(object, 'metadata', 'labels')['app.kubernetes.io/name']);
    const target = all.find(
      (other) => other.kind === 'ConfigMap' && at(other, 'metadata', 'labels')['app.kubernetes.io/name'] === node,
    );
    if (key === undefined || target === undefined) return false;
    at(target, 'data')[key] = texts[key];
    delete texts[key];
    return true;
  }),
  objectMutation('take nothing from a ConfigMap', PODS, (object) => {
    const sources = list(container(object), 'envFrom');
    return sources.length > 0 && sources.splice(0, 1).length > 0;
  }),
  objectMutation('set a variable beside', PODS, (object) => {
    container(object).env = [...list(container(object), 'env'), { name: 'SOMETHING_ELSE', value: '1' }];
    return true;
  }),
  objectMutation('change a container port', PODS, (object) =>
    setIf(at(container(object), 'ports', 0), 'containerPort', 9999),
  ),
  objectMutation('rename a container port', PODS, (object) =>
    setIf(at(container(object), 'ports', 0), 'name', 'other'),
  ),
  objectMutation('change the port of a Service', ['Service'], (object) =>
    setIf(at(object, 'spec', 'ports', 0), 'port', 9999),
  ),
  objectMutation('change the target of a Service', ['Service'], (object) =>
    setIf(at(object, 'spec', 'ports', 0), 'targetPort', 'other'),
  ),
  objectMutation('change the type of a Service', ['Service'], (object) => {
    const spec = at(object, 'spec');
    spec.type = spec.type === 'NodePort' ? 'LoadBalancer' : 'NodePort';
    return true;
  }),
  objectMutation('change the selector of a Service', ['Service'], (object) =>
    setIf(at(object, 'spec', 'selector'), 'app.kubernetes.io/name', 'other'),
  ),
  objectMutation(
    'widen the selector of a Service',
    ['Service'],
    (object, _random, all) =>
      all.filter(({ kind }) => PODS.includes(String(kind))).length > 1 &&
      drop(at(object, 'spec', 'selector'), 'app.kubernetes.io/name'),
  ),
  objectMutation('rename a Service', ['Service'], (object) => {
    at(object, 'metadata').name = `${at(object, 'metadata').name}-other`;
    return true;
  }),
  ...(['readinessProbe', 'livenessProbe', 'startupProbe'] as const).flatMap((probe) => [
    objectMutation(`remove the ${probe}`, WORKLOADS, (object) => drop(container(object), probe)),
    objectMutation(`another path of the ${probe}`, WORKLOADS, (object) =>
      setIf(at(container(object), probe, 'httpGet'), 'path', '/'),
    ),
    objectMutation(
      `another port of the ${probe}`,
      WORKLOADS,
      (object) =>
        setIf(at(container(object), probe, 'httpGet'), 'port', 9999) ||
        setIf(at(container(object), probe, 'tcpSocket'), 'port', 9999),
    ),
    objectMutation(`ask the ${probe} less often`, WORKLOADS, (object) =>
      setIf(at(container(object), probe), 'periodSeconds', 600),
    ),
    objectMutation(`more failures of the ${probe}`, WORKLOADS, (object) => {
      if (container(object)[probe] === undefined) return false;
      at(container(object), probe).failureThreshold = 1000;
      return true;
    }),
  ]),
  objectMutation('change the replicas', WORKLOADS, (object) => setIf(at(object, 'spec'), 'replicas', 7)),
  objectMutation(
    'remove the replicas',
    WORKLOADS,
    (object) => at(object, 'spec').replicas !== 1 && drop(at(object, 'spec'), 'replicas'),
  ),
  objectMutation('change a limit', PODS, (object) =>
    setIf(at(container(object), 'resources', 'limits'), 'memory', '7Gi'),
  ),
  objectMutation('remove resources', PODS, (object) => drop(container(object), 'resources')),
  objectMutation('change the image tag', PODS, (object) => {
    container(object).image = `${String(container(object).image).replace(/:[\w.-]+$/, '')}:9.9.9`;
    return true;
  }),
  objectMutation('change the image', PODS, (object) => setIf(container(object), 'image', 'somebody/else:1')),
  objectMutation('change the pull policy', PODS, (object) => setIf(container(object), 'imagePullPolicy', 'Never')),
  objectMutation('change the selector', WORKLOADS, (object) =>
    setIf(at(object, 'spec', 'selector', 'matchLabels'), 'app.kubernetes.io/name', 'other'),
  ),
  objectMutation('select by version', WORKLOADS, (object) => {
    const version = at(object, 'spec', 'template', 'metadata', 'labels')['app.kubernetes.io/version'];
    at(object, 'spec', 'selector', 'matchLabels')['app.kubernetes.io/version'] = version;
    return true;
  }),
  objectMutation('change a label of the pods', PODS, (object) =>
    setIf(at(object, 'spec', 'template', 'metadata', 'labels'), 'app.kubernetes.io/component', 'other'),
  ),
  objectMutation('remove a label of the pods', PODS, (object) =>
    drop(at(object, 'spec', 'template', 'metadata', 'labels'), 'app.kubernetes.io/part-of'),
  ),
  objectMutation('change a label of an object', ['Service', 'ConfigMap', 'Secret', ...WORKLOADS], (object) =>
    setIf(at(object, 'metadata', 'labels'), 'app.kubernetes.io/part-of', 'other'),
  ),
  objectMutation('change the command', PODS, (object) => {
    container(object).command = ['sleep', 'infinity'];
    return true;
  }),
  objectMutation('change the time to stop', PODS, (object) => setIf(pod(object), 'terminationGracePeriodSeconds', 1)),
  objectMutation('run as root', PODS, (object) => setIf(at(pod(object), 'securityContext'), 'runAsUser', 0)),
  objectMutation('remove a label of an object', ['Service', 'ConfigMap', 'Secret', ...WORKLOADS], (object) =>
    drop(at(object, 'metadata', 'labels'), 'app.kubernetes.io/version'),
  ),
  objectMutation('select across releases', ['Service'], (object) =>
    drop(at(object, 'spec', 'selector'), 'app.kubernetes.io/instance'),
  ),
  objectMutation('let it become root', PODS, (object) =>
    setIf(at(container(object), 'securityContext'), 'allowPrivilegeEscalation', true),
  ),
  objectMutation('rename the container', PODS, (object) => setIf(container(object), 'name', 'other')),
  objectMutation('misspell a field', PODS, (object) => {
    container(object).imagePullPolicies = 'Always';
    return true;
  }),
  objectMutation('a number for a text', PODS, (object) => {
    container(object).env = [{ name: 'PORT', value: 8080 }];
    return true;
  }),
];

/** Rules of a policy that name who may call, without those for tests of the chart. */
const rules = (object: Data, direction: 'ingress' | 'egress'): unknown[] => list(at(object, 'spec'), direction);

export const POLICY_MUTATIONS: readonly Mutation[] = [
  objectMutation('block all that comes in', ['NetworkPolicy'], (object) => {
    const own = at(object, 'spec');
    const called = rules(object, 'ingress').some((rule) => list(rule, 'from').some((peer) => isService(peer)));
    if (!called) return false;
    own.ingress = [];
    return true;
  }),
  objectMutation('block all that goes out', ['NetworkPolicy'], (object) => {
    const own = at(object, 'spec');
    if (!rules(object, 'egress').some((rule) => list(rule, 'to').some((peer) => isService(peer)))) return false;
    own.egress = [];
    return true;
  }),
  objectMutation('admit another port', ['NetworkPolicy'], (object) => {
    const rule = rules(object, 'ingress').find((candidate) => list(candidate, 'from').some((peer) => isService(peer)));
    const ports = list(rule, 'ports');
    if (ports.length === 0) return false;
    ports.splice(0, ports.length, { port: 9999 });
    return true;
  }),
  objectMutation('admit every service', ['NetworkPolicy'], (object) => {
    const rule = rules(object, 'ingress').find((candidate) => list(candidate, 'from').some((peer) => isService(peer)));
    if (!isData(rule)) return false;
    rule.from = [{ podSelector: {} }];
    return true;
  }),
  objectMutation('scale what is not there', ['HorizontalPodAutoscaler'], (object) =>
    setIf(at(object, 'spec', 'scaleTargetRef'), 'name', 'other'),
  ),
  objectMutation('protect what is not there', ['PodDisruptionBudget'], (object) =>
    setIf(at(object, 'spec', 'selector', 'matchLabels'), 'app.kubernetes.io/name', 'other'),
  ),
];

/** Whether a peer is a service that is named, and neither everybody nor what runs once. */
function isService(peer: unknown): boolean {
  return /^(?:svc-|db|broker)/.test(String(at(peer, 'podSelector', 'matchLabels')['app.kubernetes.io/name']));
}
