import type { MeshNode } from '../../mesh/mesh.ts';
import { camelCase } from './camel-case.ts';
import { type Chart, type ChartNode, chartNode, type External, usedSecrets } from './chart.ts';
import { imageValues } from './image-values.ts';
import { devSecret } from './secret-values.ts';
import { persistenceValues, resourceValues } from './service-values.ts';
import { PORT, RESOURCES, SWITCH, TEXT } from './value-schemas.ts';
import { branch, leaf, type ValueBranch, type ValueTree } from './value-tree.ts';

/** Where the servers are that services use, and how they log in there. */
export function externalValues(chart: Chart): ValueBranch | undefined {
  if (chart.externals.size === 0) return undefined;
  const entries = [...chart.externals.values()].map((external) => [
    external.node.key,
    branch(aboutExternal(external), {
      ...(external.form === 'address' ? addressValue(external) : hostValues(external)),
      ...namedValues(external),
      ...ownSecrets(chart, external.node),
    }),
  ]);
  return branch(
    'The servers outside of the chart. One that `infrastructure` switches on is found by itself.',
    Object.fromEntries(entries),
  );
}

function aboutExternal({ node, values, isCalled }: External): string {
  const logsIn = values.size > 0 || usedSecrets(node).length > 0;
  const about = `Where ${node.name} is${logsIn ? ', and how services log in' : ''}.`;
  return isCalled ? about : `${about} No service reads this by itself; empty: there is none.`;
}

function addressValue(external: External): Record<string, ValueTree> {
  const { main } = external;
  const [dev, prod] = placesOf(external).map(({ host, port }) => (host === '' ? '' : `${host}:${port}`));
  return {
    address: leaf({
      comment: `host:port, or a URL. Without a port: ${main.port}.`,
      schema: TEXT,
      dev: dev ?? '',
      prod: prod ?? '',
    }),
    ...otherPorts(external),
  };
}

function hostValues(external: External): Record<string, ValueTree> {
  const [dev, prod] = placesOf(external);
  return {
    host: leaf({ comment: 'A name or an address.', schema: TEXT, dev: dev?.host ?? '', prod: prod?.host ?? '' }),
    port: leaf({
      comment: `The port for ${external.main.name}.`,
      schema: PORT,
      dev: dev?.port ?? external.main.port,
      prod: prod?.port ?? external.main.port,
    }),
    ...otherPorts(external),
  };
}

function otherPorts({ others }: External): Record<string, ValueTree> {
  return Object.fromEntries(
    others.map(({ name, port }) => [
      `${camelCase(name)}Port`,
      leaf({ comment: `The port for ${name}.`, schema: PORT, dev: port }),
    ]),
  );
}

/** Host and port in both environments: what the manifest says for Kubernetes, or the node's own name. */
function placesOf({ node, main, isCalled }: External): { readonly host: string; readonly port: number }[] {
  return [node.dev ?? node.node, node.prod ?? node.node].map((version) => {
    const { external } = version.kubernetes;
    const own = version.endpoints.find(({ name }) => name === main.name)?.port ?? main.port;
    const port = version.endpoints[0]?.name === main.name ? (external?.port ?? own) : own;
    return { host: external?.host ?? (isCalled ? node.name : ''), port };
  });
}

function namedValues({ node, values }: External): Record<string, ValueTree> {
  const textOf = (version: MeshNode | undefined, name: string) => (version ?? node.node).values[name] ?? '';
  return Object.fromEntries(
    [...values].map(([name, key]) => [
      key,
      leaf({
        comment: `Its ${name}.`,
        schema: TEXT,
        dev: textOf(node.dev, name),
        prod: textOf(node.prod, name),
      }),
    ]),
  );
}

function ownSecrets(chart: Chart, node: ChartNode): Record<string, ValueTree> {
  const own = [...new Set(usedSecrets(node))].flatMap((name) => {
    const secret = chart.secrets.get(name);
    return secret !== undefined && secret.path[1] === node.key && secret.path[0] === 'externalServices' ? [secret] : [];
  });
  return Object.fromEntries(own.map((secret) => [secret.path.at(-1) ?? '', secretLeaf(secret)]));
}

/** A secret: a text that is none in development, and nothing in production. */
export function secretLeaf(secret: Parameters<typeof devSecret>[0]): ValueTree {
  const bytes = (secret.prod ?? secret.dev)?.minLength ?? 0;
  const least = bytes > 0 ? ` At least ${bytes} bytes.` : '';
  return leaf({
    comment: `The secret ${secret.name}.${least} Production refuses what is written here.`,
    schema: TEXT,
    dev: devSecret(secret),
    prod: '',
  });
}

/** The servers inside of the chart, for a cluster where there are none. */
export function infrastructureValues(chart: Chart): ValueBranch | undefined {
  if (chart.infrastructure.length === 0) return undefined;
  const nodes = chart.infrastructure.map(({ name }) => {
    const node = chartNode(chart, name);
    return [
      node.key,
      branch(`${node.name}, reached at the Service <release>-${node.name}.`, {
        enabled: leaf({
          comment: 'Whether it is among them.',
          schema: SWITCH,
          dev: node.dev?.profiles.length === 0,
          prod: node.prod?.profiles.length === 0,
        }),
        image: imageValues(chart, node),
        resources: leaf({
          comment: 'What is set aside for it, and what it may not pass.',
          schema: RESOURCES,
          dev: resourceValues((node.dev ?? node.node).resources),
          prod: resourceValues((node.prod ?? node.node).resources),
        }),
        persistence: persistenceValues(node),
      }),
    ] as const;
  });
  return branch('Servers in the cluster, for a try or a local cluster: one pod each, no backup.', {
    enabled: leaf({ comment: 'Whether they are installed with the services.', schema: SWITCH, dev: false }),
    ...Object.fromEntries(nodes),
  });
}
