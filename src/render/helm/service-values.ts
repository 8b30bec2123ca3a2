import type { MeshNode, Resources } from '../../mesh/mesh.ts';
import { camelCase } from './camel-case.ts';
import { type Chart, type ChartNode, versionsOf, wholeNode } from './chart.ts';
import { lines } from './go-template.ts';
import { imageValues } from './image-values.ts';
import { isSingle } from './pod-template.ts';
import { servicePortValues } from './service-ports.ts';
import { composedSettings, hasSecretSettings, literalSettings, secretNames } from './settings-templates.ts';
import { COUNT, FILLED_TEXT, PORT, POSITIVE, RESOURCES, SCALAR, SWITCH, TEXT, TEXT_MAP } from './value-schemas.ts';
import { branch, leaf, type Plain, type ValueBranch, type ValueTree } from './value-tree.ts';

/** The values of one service. */
export function serviceValues(chart: Chart, node: ChartNode): ValueBranch {
  const { dev, prod } = node;
  return branch(`The service ${node.name}, of the tier ${node.node.tier}.`, {
    enabled: leaf({
      comment: 'Whether it is installed.',
      schema: SWITCH,
      dev: isOn(dev),
      prod: isOn(prod),
    }),
    replicaCount: isSingle(node)
      ? undefined
      : leaf({
          comment: 'How many pods it has while autoscaling is off.',
          schema: COUNT,
          dev: dev?.replicas ?? 1,
          prod: prod?.replicas ?? 1,
        }),
    image: imageValues(chart, node),
    resources: leaf({
      comment: 'What is set aside for each pod, and what it may not pass.',
      schema: RESOURCES,
      dev: resourceValues((dev ?? node.node).resources),
      prod: resourceValues((prod ?? node.node).resources),
    }),
    service: serviceFields(node),
    env: envValues(chart, node),
    existingSecret: leaf({
      comment: existingSecretComment(node),
      schema: TEXT,
      dev: '',
    }),
    autoscaling: isSingle(node) ? undefined : autoscaling(node),
    persistence: persistenceValues(node),
  });
}

/** A profile is asked for by switching its services on. */
function isOn(version: MeshNode | undefined): boolean {
  return version !== undefined && version.profiles.length === 0;
}

/** Requests and limits as a value. */
export function resourceValues({ requests, limits }: Resources): Plain {
  const amounts = (part: Resources['limits']) =>
    Object.fromEntries(Object.entries(part).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const all = { requests: amounts(requests), limits: amounts(limits) };
  return Object.fromEntries(Object.entries(all).filter(([, part]) => Object.keys(part).length > 0));
}

function serviceFields(node: ChartNode): ValueTree | undefined {
  if (node.endpoints.length === 0) return undefined;
  const types = [node.dev, node.prod].map((version) => (version ?? node.node).kubernetes.service);
  const portsOf = (version: MeshNode | undefined) =>
    new Map(servicePortValues(version ?? node.node).map(({ key, port }) => [key, port]));
  const before = portsOf(node.dev);
  const after = portsOf(node.prod);
  const ports = servicePortValues(wholeNode(node)).map(({ key, name, port }) => {
    const comment = `The port of its endpoint ${name}.`;
    const first = before.get(key) ?? port;
    return [key, leaf({ comment, schema: PORT, dev: first, prod: after.get(key) ?? first })] as const;
  });
  return branch('Its Service.', {
    type: leaf({
      comment: 'Who can reach it: pods (ClusterIP), or others too.',
      schema: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      dev: types[0] ?? 'ClusterIP',
      prod: types[1] ?? 'ClusterIP',
    }),
    ...Object.fromEntries(ports),
    annotations: leaf({ comment: 'What a load balancer is told.', schema: TEXT_MAP, dev: {} }),
  });
}

function envValues(chart: Chart, node: ChartNode): ValueTree {
  const composed = composedSettings(chart, node);
  const before = literalSettings(chart, node.dev ?? node.node);
  return leaf({
    comment: lines(
      'Its settings, and any that you add; null takes one away.',
      composed.length > 0 && `Made from other values: ${composed.join(', ')}.`,
    ),
    schema: {
      type: 'object',
      // What is made from other values is changed there.
      ...(composed.length > 0 && { propertyNames: { not: { enum: composed } } }),
      additionalProperties: SCALAR,
    },
    dev: before,
    prod: chart.hasProd ? literalSettings(chart, node.prod ?? node.node) : before,
  });
}

function existingSecretComment(node: ChartNode): string {
  if (!hasSecretSettings(node)) return 'A Secret with more settings, each key a variable.';
  const names = versionsOf(node).flatMap((version) =>
    version.env.filter(({ value }) => value.some(({ kind }) => kind === 'secret')).map(({ name }) => name),
  );
  return `A Secret that exists, in place of the one that is made from ${secretNames(node, 'settings').join(', ')}.\nIts keys: ${[...new Set(names)].join(', ')}.`;
}

function autoscaling({ dev, prod, node }: ChartNode): ValueTree {
  const least = [dev, prod].map((version) => (version ?? node).replicas);
  const [before = 1, after = 1] = least;
  return branch('A HorizontalPodAutoscaler, which decides instead of replicaCount.', {
    enabled: leaf({ comment: 'Whether there is one.', schema: SWITCH, dev: false }),
    minReplicas: leaf({ comment: 'The fewest pods.', schema: POSITIVE, dev: before, prod: after }),
    maxReplicas: leaf({ comment: 'The most pods.', schema: POSITIVE, dev: before * 3, prod: after * 3 }),
    targetCPUUtilizationPercentage: leaf({
      comment: 'Of the requested CPU, on average.',
      schema: POSITIVE,
      dev: 80,
    }),
  });
}

/** The manifest says no size. A claim can be enlarged later, and never be made smaller. */
const VOLUME_SIZE = '1Gi';

/** The claims of a node's volumes. */
export function persistenceValues(node: ChartNode): ValueTree | undefined {
  const volumes = new Map(
    versionsOf(node).flatMap((version) => version.volumes.map((volume) => [volume.name, volume])),
  );
  if (volumes.size === 0) return undefined;
  const claims = [...volumes.values()].map(({ name, path }) => [
    camelCase(name),
    branch(`What it keeps in ${path}.`, {
      size: leaf({ comment: 'How much.', schema: FILLED_TEXT, dev: VOLUME_SIZE }),
      storageClass: leaf({ comment: "Where. Empty: the cluster's default.", schema: TEXT, dev: '' }),
    }),
  ]);
  return branch('Its volumes.', Object.fromEntries(claims));
}
