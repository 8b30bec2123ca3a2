import { endpointOf } from '../../mesh/mesh.ts';
import { nodePorts } from '../kubernetes/ports.ts';
import { type Chart, type ChartNode, chartNode, type External, versionsOf, wholeNode } from './chart.ts';
import { goString, include, indent, lines } from './go-template.ts';
import { MIGRATIONS_NAME } from './migrations.ts';
import { addToList } from './multimap.ts';
import { objectHead, selectorOf } from './names.ts';
import { TEST_NAME } from './test-pod.ts';

/** The edges of a chart by both ends, found once for all policies. */
export interface EdgeIndex {
  readonly into: ReadonlyMap<string, Chart['edges']>;
  readonly outOf: ReadonlyMap<string, Chart['edges']>;
}

/** Both directions of all edges. */
export function indexEdges(chart: Chart): EdgeIndex {
  const into = new Map<string, Chart['edges'][number][]>();
  const outOf = new Map<string, Chart['edges'][number][]>();
  for (const edge of chart.edges) {
    addToList(into, edge.to, edge);
    addToList(outOf, edge.from, edge);
  }
  return { into, outOf };
}

/** Admits what the manifest says that a node calls and is called by, and nothing else. */
export function renderNetworkPolicy(chart: Chart, node: ChartNode, index: EdgeIndex): string {
  const isServer = node.kind === 'infrastructure';
  const exists = isServer ? inCluster(node) : `.Values.${node.key}.enabled`;
  const ingress = ingressRules(chart, node, index);
  return lines(
    `{{- if and ${exists} .Values.networkPolicies.enabled }}`,
    objectHead(chart, node, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }),
    'spec:',
    '  podSelector:',
    '    matchLabels:',
    `      ${selectorOf(chart, node, 6)}`,
    '  policyTypes: [Ingress, Egress]',
    ...(ingress.always.length > 0
      ? ['  ingress:', ...ingress.always, ...ingress.sometimes.map(({ rule }) => rule)]
      : [
          `  ingress:{{ if not (or false ${ingress.sometimes.map(({ condition }) => `(${condition})`).join(' ')}) }} []{{ end }}`,
          ...ingress.sometimes.map(({ rule }) => rule),
        ]),
    '  egress:',
    '    # DNS',
    '    - ports:',
    '        - { port: 53, protocol: UDP }',
    '        - { port: 53, protocol: TCP }',
    ...egressRules(chart, node, index),
    '{{- end }}',
  );
}

interface SometimesRule {
  readonly condition: string;
  readonly rule: string;
}

function ingressRules(
  chart: Chart,
  node: ChartNode,
  index: EdgeIndex,
): { readonly always: readonly string[]; readonly sometimes: readonly SometimesRule[] } {
  const callers = index.into.get(node.name) ?? [];
  const rule = (from: string, endpoints: readonly string[]) =>
    peerRule(chart, { direction: 'from', peer: chartNode(chart, from), ports: portNumbers(node, endpoints) });
  const always = callers
    .filter(({ from }) => chartNode(chart, from).kind === 'service' || node.kind === 'infrastructure')
    .map(({ from, endpoints }) => rule(from, endpoints));
  const peers = peerEndpoints(node);
  if (peers.length > 0) always.push(rule(node.name, peers));
  const tested = testedEndpoints(chart, node);
  if (tested.length > 0)
    always.push(selectorRule(chart, { direction: 'from', name: TEST_NAME, ports: portNumbers(node, tested) }));
  const when = (condition: string, text: string): SometimesRule => ({
    condition,
    rule: lines(`    {{- if ${condition} }}`, text, '    {{- end }}'),
  });
  const sometimes = callers
    .filter(({ from }) => chartNode(chart, from).kind === 'infrastructure' && node.kind === 'service')
    .map(({ from, endpoints }) => when(inCluster(chartNode(chart, from)), rule(from, endpoints)));
  return { always, sometimes: [...sometimes, ...otherCallers(chart, node).map(([is, text]) => when(is, text))] };
}

/** Callers that the manifest does not have: people, Prometheus outside of the chart, migrations. */
function otherCallers(chart: Chart, node: ChartNode): [string, string][] {
  const ports = (endpoints: readonly string[]) => indent(portList(portNumbers(node, endpoints)), 8);
  if (node.kind === 'infrastructure') {
    const migrations = {
      direction: 'from',
      name: MIGRATIONS_NAME,
      ports: portNumbers(node, mainOf(chart, node)),
    } as const;
    return node.endpoints.length === 0 ? [] : [['.Values.migrations.enabled', selectorRule(chart, migrations)]];
  }
  const all = node.endpoints.map(({ name }) => name);
  const ingress = versionsOf(node).flatMap((version) => version.kubernetes.ingress ?? []);
  const metrics = versionsOf(node).flatMap((version) => version.metrics?.endpoint ?? []);
  const rules: [string, string][] = [];
  if (all.length > 0)
    rules.push([
      `ne .Values.${node.key}.service.type "ClusterIP"`,
      lines('    # from outside, through its Service', '    - ports:', ports(all)),
    ]);
  if (ingress.length > 0)
    rules.push([
      '.Values.ingress.enabled',
      lines('    # from outside, through the Ingress', '    - ports:', ports(ingress)),
    ]);
  if (metrics.length > 0)
    rules.push([
      '.Values.serviceMonitor.enabled',
      lines(
        '    # Prometheus',
        '    - from:',
        '        - namespaceSelector:',
        '            matchLabels:',
        '              kubernetes.io/metadata.name: {{ .Values.serviceMonitor.namespace | quote }}',
        '      ports:',
        ports(metrics),
      ),
    ]);
  return rules;
}

/** What `helm test` asks a node for: the readiness of a service, the first port of a server. */
function testedEndpoints(chart: Chart, node: ChartNode): string[] {
  if (node.kind === 'infrastructure') return mainOf(chart, node);
  return versionsOf(node).flatMap(({ health: { ready } }) => (ready.kind === 'http' ? [ready.endpoint] : []));
}

function mainOf(chart: Chart, node: ChartNode): string[] {
  const main = chart.externals.get(node.name)?.main ?? node.endpoints[0];
  return main === undefined ? [] : [main.name];
}

function egressRules(chart: Chart, node: ChartNode, index: EdgeIndex): string[] {
  const edges = index.outOf.get(node.name) ?? [];
  const peers = peerEndpoints(node);
  const own =
    peers.length === 0 ? [] : [peerRule(chart, { direction: 'to', peer: node, ports: portNumbers(node, peers) })];
  const called = edges.map(({ to, endpoints }) => {
    const target = chartNode(chart, to);
    const inside = peerRule(chart, { direction: 'to', peer: target, ports: portNumbers(target, endpoints) });
    const external = chart.externals.get(to);
    if (external === undefined) return inside;
    return lines(
      `    {{- if ${include(`${chart.name}.${to}.inCluster`)} }}`,
      inside,
      '    {{- else }}',
      outsideRule(chart, external, endpoints),
      '    {{- end }}',
    );
  });
  return [...called, ...own];
}

/** A server outside: a policy cannot name a host, so it is the port, at the addresses that the values allow. */
function outsideRule(chart: Chart, external: External, endpoints: readonly string[]): string {
  const { node, main } = external;
  const ports = endpoints.map((name) => {
    const helper = name === main.name ? `${node.name}.port` : `${node.name}.${name}.port`;
    const protocol = endpointOf(wholeNode(node), name).protocol === 'udp' ? 'UDP' : 'TCP';
    return `{ port: {{ ${include(`${chart.name}.${helper}`)} }}, protocol: ${protocol} }`;
  });
  return lines(
    `    # ${node.name}, outside`,
    '    - ports:',
    ...ports.map((port) => `        - ${port}`),
    '      {{- with .Values.networkPolicies.infrastructureCidrs }}',
    '      to:',
    '        {{- range . }}',
    '        - ipBlock: { cidr: {{ . | quote }} }',
    '        {{- end }}',
    '      {{- end }}',
  );
}

/** The endpoints on which the pods of one service may find each other, as the silos of a cluster do. */
function peerEndpoints(node: ChartNode): string[] {
  if (node.kind === 'infrastructure') return [];
  return node.endpoints.filter(({ protocol }) => protocol === 'tcp').map(({ name }) => name);
}

interface PolicyPort {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

function portNumbers(node: ChartNode, endpoints: readonly string[]): PolicyPort[] {
  const ports = versionsOf(node).flatMap((version) =>
    nodePorts({ ...version, endpoints: version.endpoints.filter(({ name }) => endpoints.includes(name)) }).map(
      ({ port, protocol }) => ({
        port,
        protocol,
      }),
    ),
  );
  return [...new Map(ports.map((port) => [`${port.port}${port.protocol}`, port])).values()];
}

interface PeerRule {
  readonly direction: 'from' | 'to';
  readonly ports: readonly PolicyPort[];
}

function peerRule(chart: Chart, { peer, ...rule }: PeerRule & { readonly peer: ChartNode }): string {
  return selectorRule(chart, { ...rule, name: peer.name });
}

function selectorRule(chart: Chart, { direction, name, ports }: PeerRule & { readonly name: string }): string {
  return lines(
    `    - ${direction}:`,
    '        - podSelector:',
    '            matchLabels:',
    `              ${selectorOf(chart, { name }, 14)}`,
    '      ports:',
    indent(portList(ports), 8),
  );
}

function portList(ports: readonly PolicyPort[]): string {
  return lines(...ports.map(({ port, protocol }) => `- { port: ${port}, protocol: ${protocol} }`));
}

function inCluster({ key }: ChartNode): string {
  return `(and .Values.infrastructure.enabled .Values.infrastructure.${key}.enabled)`;
}

/** Calls that the manifest does not have and the values add, such as those of a gateway to whatever it discovers. */
export function renderAllowedCalls(chart: Chart): string {
  const name = include(`${chart.name}.fullname`);
  const selector = (peer: string, spaces: number) =>
    `{{- include ${goString(`${chart.name}.selectorLabels`)} (dict "root" $ "name" ${peer}) | nindent ${spaces} }}`;
  const policy = (direction: 'Ingress' | 'Egress', own: string, other: string) =>
    lines(
      'apiVersion: networking.k8s.io/v1',
      'kind: NetworkPolicy',
      'metadata:',
      `  name: {{ printf "%s-%s-to-%s-${direction.toLowerCase()}" (${name.replace(/ \.$/, ' $')}) .from .to }}`,
      '  labels:',
      `    {{- include ${goString(`${chart.name}.labels`)} (dict "root" $ "name" ${own} "component" "network") | nindent 4 }}`,
      'spec:',
      '  podSelector:',
      '    matchLabels:',
      `      ${selector(own, 6)}`,
      `  policyTypes: [${direction}]`,
      `  ${direction.toLowerCase()}:`,
      `    - ${direction === 'Ingress' ? 'from' : 'to'}:`,
      '        - podSelector:',
      '            matchLabels:',
      `              ${selector(other, 14)}`,
    );
  return lines(
    '{{- if .Values.networkPolicies.enabled }}',
    '{{- range .Values.networkPolicies.allow }}',
    '---',
    policy('Egress', '.from', '.to'),
    '---',
    policy('Ingress', '.to', '.from'),
    '{{- end }}',
    '{{- end }}',
  );
}
