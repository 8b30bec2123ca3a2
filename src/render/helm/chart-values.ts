import { type Chart, type ChartNode, usedSecrets, versionsOf } from './chart.ts';
import { ENVIRONMENTS } from './environment-setting.ts';
import { externalValues, infrastructureValues, secretLeaf } from './infrastructure-values.ts';
import { serviceValues } from './service-values.ts';
import { secretNames } from './settings-templates.ts';
import { hasTest } from './test-pod.ts';
import { FILLED_TEXT, PULL_POLICY, SWITCH, TEXT, TEXT_MAP, TEXTS, TOLERATIONS } from './value-schemas.ts';
import { branch, leaf, type ValueBranch, type ValueTree } from './value-tree.ts';
import { neededServers } from './wait-for.ts';

/** All values of the chart, in the order in which they are read: where it runs, what each service is, what can be switched on. */
export function chartValues(chart: Chart): ValueBranch {
  const services = chart.services.map((node) => [node.key, serviceValues(chart, node)] as const);
  const waits = chart.services.some((node) => neededServers(chart, node).length > 0);
  return branch('', {
    environment: leaf({
      comment: 'Which environment the release is. Production (or prod) refuses secrets that are none.',
      schema: FILLED_TEXT,
      dev: ENVIRONMENTS.dev,
      prod: ENVIRONMENTS.prod,
    }),
    ...naming(),
    externalServices: externalValues(chart),
    secrets: secretValues(chart),
    variables: variableValues(chart),
    ...Object.fromEntries(services),
    externalSecrets: externalSecretValues(chart),
    ingress: ingressValues(chart),
    podDisruptionBudget: branch('A PodDisruptionBudget for each service.', {
      enabled: off(),
      maxUnavailable: leaf({
        comment: 'So many pods of a service may be taken away at once, as a number or a percentage.',
        schema: { type: ['integer', 'string'] },
        dev: 1,
      }),
    }),
    networkPolicies: networkPolicyValues(chart),
    serviceMonitor: monitorValues(chart),
    toolImage: hasTest(chart) || waits ? toolImageValues() : undefined,
    waitFor: waits
      ? branch('An init container that waits until the servers that a service needs can be connected to.', {
          enabled: off(),
        })
      : undefined,
    migrations: migrationValues(chart),
    infrastructure: infrastructureValues(chart),
  });
}

function toolImageValues(): ValueTree {
  return branch('The small image of waitFor and of helm test: it needs sh, nc and wget.', {
    repository: leaf({ comment: 'Its name.', schema: FILLED_TEXT, dev: 'busybox' }),
    tag: leaf({ comment: 'The tag, or a digest.', schema: FILLED_TEXT, dev: '1.37' }),
    pullPolicy: leaf({ comment: 'When it is pulled.', schema: PULL_POLICY, dev: 'IfNotPresent' }),
  });
}

function off(): ValueTree {
  return leaf({ comment: 'Whether it is on.', schema: SWITCH, dev: false });
}

function naming(): Record<string, ValueTree> {
  return {
    nameOverride: leaf({ comment: 'In place of the name of the chart.', schema: TEXT, dev: '' }),
    fullnameOverride: leaf({ comment: 'What the name of every object begins with.', schema: TEXT, dev: '' }),
    imageRegistry: leaf({
      comment: 'Where the images that are built here are pulled from, such as registry.example.com/team.',
      schema: TEXT,
      dev: '',
    }),
    imagePullSecrets: leaf({ comment: 'Names of the Secrets to pull images with.', schema: TEXTS, dev: [] }),
    nodeSelector: leaf({ comment: 'Labels of the nodes that pods may run on.', schema: TEXT_MAP, dev: {} }),
    tolerations: leaf({ comment: 'Taints of nodes that pods put up with.', schema: TOLERATIONS, dev: [] }),
  };
}

function secretValues(chart: Chart): ValueBranch | undefined {
  const shared = [...chart.secrets.values()].filter(({ path }) => path[0] === 'secrets');
  if (shared.length === 0) return undefined;
  return branch(
    'Secrets that are not those of one server.',
    Object.fromEntries(shared.map((secret) => [secret.path.at(-1) ?? '', secretLeaf(secret)])),
  );
}

function variableValues(chart: Chart): ValueBranch | undefined {
  if (chart.variables.size === 0) return undefined;
  return branch(
    'Variables that settings refer to.',
    Object.fromEntries(
      [...chart.variables].map(([name, fallback]) => [
        name,
        leaf({ comment: `In place of \${env.${name}}.`, schema: TEXT, dev: fallback }),
      ]),
    ),
  );
}

function externalSecretValues(chart: Chart): ValueBranch | undefined {
  if (!chart.services.some((node) => usedSecrets(node).length > 0)) return undefined;
  const used = new Set(chart.services.flatMap(usedSecrets));
  const keys = [...chart.secrets.values()]
    .filter(({ name }) => used.has(name))
    .map((secret) => [
      secret.key,
      leaf({
        comment: `Where the store has ${secret.name}.`,
        schema: FILLED_TEXT,
        dev: `${chart.name}/${secret.name}`,
      }),
    ]);
  return branch('Secrets that the External Secrets operator makes, in place of those from the values.', {
    enabled: off(),
    storeName: leaf({ comment: 'The store that they are in.', schema: TEXT, dev: '' }),
    storeKind: leaf({
      comment: 'Whether the store is of the namespace or of the cluster.',
      schema: { enum: ['SecretStore', 'ClusterSecretStore'] },
      dev: 'ClusterSecretStore',
    }),
    refreshInterval: leaf({ comment: 'How often they are read anew.', schema: FILLED_TEXT, dev: '1h' }),
    property: leaf({
      comment: 'The field of each entry, where the store has several; empty: the entry itself.',
      schema: TEXT,
      dev: '',
    }),
    keys: branch('The entries of the store.', Object.fromEntries(keys)),
  });
}

function ingressValues(chart: Chart): ValueBranch | undefined {
  const hosts = chart.services.filter(hasIngress).map((node) => [
    node.key,
    leaf({
      comment: `The host name of ${node.name}.`,
      schema: FILLED_TEXT,
      dev: `${node.name}.${chart.name}.localhost`,
      prod: `${node.name}.${chart.name}.example.com`,
    }),
  ]);
  if (hosts.length === 0) return undefined;
  return branch('An Ingress from outside.', {
    enabled: off(),
    className: leaf({ comment: "Which controller. Empty: the cluster's default.", schema: TEXT, dev: '' }),
    annotations: leaf({ comment: 'What the controller, or cert-manager, is told.', schema: TEXT_MAP, dev: {} }),
    hosts: branch('The host name of each service that is reached through it.', Object.fromEntries(hosts)),
    tls: branch('HTTPS.', {
      enabled: leaf({ comment: 'Whether it is HTTPS.', schema: SWITCH, dev: true }),
      secretName: leaf({
        comment: 'The Secret with the certificate. Empty: <release>-<service>-tls.',
        schema: TEXT,
        dev: '',
      }),
    }),
  });
}

/** Whether the manifest names an endpoint for an Ingress. */
export function hasIngress(node: ChartNode): boolean {
  return versionsOf(node).some((version) => version.kubernetes.ingress !== undefined);
}

function networkPolicyValues(chart: Chart): ValueBranch {
  const names = { enum: [...chart.nodes.keys()] };
  return branch('NetworkPolicies that admit what the manifest says, and nothing else.', {
    enabled: off(),
    infrastructureCidrs: chart.edges.some(({ to }) => chart.externals.has(to))
      ? leaf({
          comment: 'Where servers outside may be, such as 10.0.0.0/16. Empty: anywhere, at their ports.',
          schema: TEXTS,
          dev: [],
        })
      : undefined,
    allow: leaf({
      comment:
        'Calls that the manifest does not have, such as those of a gateway to what it discovers:\n[{ from: <service>, to: <service> }].',
      schema: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['from', 'to'],
          properties: { from: names, to: names },
        },
      },
      dev: [],
    }),
  });
}

function monitorValues(chart: Chart): ValueBranch | undefined {
  if (!chart.services.some((node) => versionsOf(node).some(({ metrics }) => metrics !== undefined))) return undefined;
  return branch('A ServiceMonitor of the Prometheus operator for each service with metrics.', {
    enabled: off(),
    interval: leaf({ comment: 'How often they are scraped.', schema: FILLED_TEXT, dev: '30s' }),
    labels: leaf({ comment: 'What the operator selects them by.', schema: TEXT_MAP, dev: {} }),
    namespace: leaf({
      comment: 'Where that Prometheus runs; network policies let it in.',
      schema: FILLED_TEXT,
      dev: 'monitoring',
    }),
  });
}

function migrationValues(chart: Chart): ValueBranch {
  const names = chart.services.map(({ name }) => name);
  const databases = new Set(
    [...chart.externals.values()]
      .filter(({ main }) => main.protocol === 'postgres')
      .flatMap(({ node }) => usedSecrets(node)),
  );
  const first =
    chart.services.find((node) => secretNames(node, 'settings').some((name) => databases.has(name)))?.name ?? '';
  return branch('A Job that brings a database up to date: after an install, before an upgrade.', {
    enabled: off(),
    image: branch('Its image.', {
      repository: leaf({ comment: 'Its name, without imageRegistry.', schema: TEXT, dev: `${chart.name}-migrations` }),
      tag: leaf({ comment: 'The tag, or a digest. Empty: the version of the mesh.', schema: TEXT, dev: '' }),
      pullPolicy: leaf({ comment: 'When it is pulled.', schema: PULL_POLICY, dev: 'IfNotPresent' }),
    }),
    command: leaf({ comment: 'What it runs; empty: what the image says.', schema: TEXTS, dev: [] }),
    settingsOf: leaf({
      comment: 'The service whose settings and secrets it gets; empty: none.',
      schema: { enum: ['', ...names] },
      dev: first,
    }),
  });
}
