import { formatAddress } from '../../mesh/address.ts';
import { endpointOf, type MeshNode } from '../../mesh/mesh.ts';
import type { Part, Value } from '../../mesh/value.ts';
import { type Chart, chartNode, wholeNode } from './chart.ts';
import { goString, include } from './go-template.ts';
import { endpointPortKey } from './service-ports.ts';
import { type Quoting, quoteParts } from './setting-form.ts';

/** Who fills in the secrets: Helm from the values, or the External Secrets operator from its store. */
export type SecretSource = 'values' | 'operator';

interface Scope {
  readonly chart: Chart;
  /** The node that holds the value, in one of the environments. */
  readonly self: MeshNode;
  readonly source: SecretSource;
}

/** A value as the expression of a Go template, without its braces. */
export function settingExpression(value: Value, scope: Scope): string {
  const parts = quoteParts(value).map(({ part, quoting }): Piece => {
    const fixed = fixedPart(scope.chart, scope.self, part);
    if (fixed !== undefined) return { fixed: scope.source === 'operator' ? escapeOperator(fixed) : fixed };
    if (part.kind === 'secret' && scope.source === 'operator')
      return { fixed: operatorSecret(scope.chart, part.name, quoting) };
    const text = quoted(openPart(scope, part), quoting, scope.chart);
    return { open: scope.source === 'operator' ? `(${include1(scope.chart, 'operatorText', text)})` : text };
  });
  return join(parts);
}

/**
 * A text of several lines with its addresses in place, for a block of YAML, where it can be read. Nothing when it holds
 * what might break the block.
 */
export function inlineTemplate(value: Value, { chart, self }: Omit<Scope, 'source'>): string | undefined {
  let text = '';
  for (const part of value) {
    const fixed = fixedPart(chart, self, part);
    if (fixed === undefined && part.kind !== 'address') return undefined;
    if (fixed?.includes('{{') === true) return undefined;
    text += fixed ?? `{{ ${unwrapped(openPart({ chart }, part))} }}`;
  }
  return /^[^\s\p{C}](?:[^\p{C}]|[\n\t])*[^\s\p{C}]\n$/u.test(text) ? text : undefined;
}

type Piece = { readonly fixed: string } | { readonly open: string };

function join(pieces: readonly Piece[]): string {
  const open = pieces.flatMap((piece) => ('open' in piece ? [piece.open] : []));
  const [only] = open;
  if (pieces.length === 1 && only !== undefined) return unwrapped(only);
  if (open.length === 0) return goString(pieces.map((piece) => ('fixed' in piece ? piece.fixed : '')).join(''));
  const format = pieces.map((piece) => ('fixed' in piece ? piece.fixed.replaceAll('%', '%%') : '%s')).join('');
  return `printf ${goString(format)} ${open.join(' ')}`;
}

function unwrapped(operand: string): string {
  return operand.startsWith('(') ? operand.slice(1, -1) : operand;
}

function fixedPart(chart: Chart, self: MeshNode, part: Part): string | undefined {
  if (part.kind === 'text') {
    return part.from === undefined || !chart.externals.has(part.from.node) ? part.text : undefined;
  }
  // Its own port is the one that it listens on, whatever that of its Service is.
  if (part.kind !== 'address' || part.node !== self.name || part.property !== 'port') return undefined;
  return String(endpointOf(self, part.endpoint).port);
}

/** An operand: a field, or a call in parentheses. */
function openPart({ chart }: Pick<Scope, 'chart'>, part: Part): string {
  switch (part.kind) {
    case 'text':
      return part.from === undefined ? goString(part.text) : namedValue(chart, part.from.node, part.from.name);
    case 'secret':
      return `.Values.${secretPath(chart, part.name)}`;
    case 'variable':
      return `(index .Values.variables ${goString(part.name)})`;
    case 'address':
      return addressOperand(chart, part);
  }
}

/** The path of a secret among the values, with dots. */
export function secretPath(chart: Chart, name: string): string {
  const secret = chart.secrets.get(name);
  if (secret === undefined) throw new Error(`the chart has no secret ${name}`);
  return secret.path.join('.');
}

function namedValue(chart: Chart, node: string, name: string): string {
  const external = chart.externals.get(node);
  return `.Values.externalServices.${external?.node.key}.${external?.values.get(name)}`;
}

function addressOperand(chart: Chart, part: Extract<Part, { kind: 'address' }>): string {
  const node = chartNode(chart, part.node);
  if (node.kind === 'infrastructure' && chart.externals.has(node.name)) {
    const { main } = chart.externals.get(node.name) ?? {};
    const endpoint = main?.name === part.endpoint ? '' : `.${part.endpoint}`;
    const name = part.property === 'host' ? `${node.name}.host` : `${node.name}${endpoint}.${part.property}`;
    return `(${include(`${chart.name}.${name}`)})`;
  }
  const host = `(${include(`${chart.name}.fullname`)})`;
  const endpoint = endpointOf(wholeNode(node), part.endpoint);
  // A server that no service calls is reached in the cluster or not at all, so its ports are fixed.
  const port =
    node.kind === 'infrastructure'
      ? goString(String(endpoint.port))
      : `(toString .Values.${node.key}.service.${endpointPortKey(wholeNode(node), part.endpoint)})`;
  const name = `%s-${part.node}`;
  switch (part.property) {
    case 'host':
      return `(printf ${goString(name)} ${host})`;
    case 'port':
      return port;
    case 'address':
      return `(printf ${goString(`${name}:%s`)} ${host} ${port})`;
    case 'url': {
      const url = formatAddress({ protocol: endpoint.protocol, host: 'x', port: 1 }, 'url').replace('x:1', '');
      return `(printf ${goString(`${url}${name}:%s`)} ${host} ${port})`;
    }
  }
}

function quoted(operand: string, quoting: Quoting, chart: Chart): string {
  switch (quoting) {
    case 'none':
      return operand;
    case 'connection':
      return `(${include1(chart, 'connectionValue', operand)})`;
    case 'url':
      return `(${include1(chart, 'urlPart', operand)})`;
  }
}

function include1(chart: Chart, name: string, operand: string): string {
  return `include ${goString(`${chart.name}.${name}`)} ${operand}`;
}

/** A secret in the template that the operator fills in, which has the functions of Helm's. */
function operatorSecret(chart: Chart, name: string, quoting: Quoting): string {
  const key = `.${chart.secrets.get(name)?.key}`;
  switch (quoting) {
    case 'none':
      return `{{ ${key} }}`;
    case 'connection':
      return `"{{ ${key} | replace "\\"" "\\"\\"" }}"`;
    case 'url':
      return `{{ ${key} | urlquery | replace "+" "%20" }}`;
  }
}

/** Braces of the text itself, for the operator's template. */
function escapeOperator(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
