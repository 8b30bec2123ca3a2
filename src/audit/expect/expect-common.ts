import type { Check, Mesh, MeshNode } from '../../mesh/mesh.ts';
import { endpointOf } from '../../mesh/mesh.ts';
import { canonicalCpu, canonicalMemory } from '../amounts.ts';
import { http } from '../compose/read-healthcheck.ts';
import { type Fact, textValue } from '../facts.ts';
import { expectValue, placeIn } from './expect-value.ts';

/** The facts that every target can say. */
export function expectVariables(mesh: Mesh, node: MeshNode): Fact[] {
  return node.env.map((setting) => ({
    aspect: 'variable',
    key: setting.name,
    value: expectValue(mesh, setting.value),
    at: setting.at,
  }));
}

export function expectFiles(mesh: Mesh, node: MeshNode): Fact[] {
  return node.files.map((file) => ({
    aspect: 'file',
    key: file.path,
    value: expectValue(mesh, file.content),
    at: file.at,
  }));
}

export function expectResources(mesh: Mesh, node: MeshNode): Fact[] {
  return (['requests', 'limits'] as const).flatMap((kind) => {
    const { cpu, memory } = node.resources[kind];
    const fact = (name: string, amount: string): Fact => {
      const at = placeIn(mesh, node, 'resources', kind, name);
      return { aspect: 'resources', key: `${kind} ${name}`, value: textValue(amount), at };
    };
    return [
      ...(cpu === undefined ? [] : [fact('cpu', canonicalCpu(cpu))]),
      ...(memory === undefined ? [] : [fact('memory', canonicalMemory(memory))]),
    ];
  });
}

/** What a check asks, in the one way in which all targets are read. */
export function probeText(mesh: Mesh, node: MeshNode, check: Check): string | undefined {
  switch (check.kind) {
    case 'http':
      return http(endpointOf(node, check.endpoint).port, check.path, check.status);
    case 'grpc':
      return `grpc :${endpointOf(node, check.endpoint).port}${check.service === '' ? '' : ` ${check.service}`}`;
    case 'postgres': {
      const user = check.user === undefined ? '' : ` user ${plainText(check.user)}`;
      const database = check.database === undefined ? '' : ` database ${plainText(check.database)}`;
      return `postgres :${endpointOf(node, check.endpoint).port}${user}${database}`;
    }
    case 'redis':
    case 'amqp':
    case 'consul':
    case 'tcp':
      return `${check.kind} :${endpointOf(node, check.endpoint).port}`;
    case 'exec':
      return `exec ${JSON.stringify(check.command)}`;
    case 'log':
    case 'completed':
    case 'running':
      return undefined;
  }

  function plainText(value: MeshNode['env'][number]['value']): string {
    return expectValue(mesh, value)
      .map((part) => (part.kind === 'text' ? part.text : part.kind === 'variable' ? (part.fallback ?? '') : ''))
      .join('');
  }
}
