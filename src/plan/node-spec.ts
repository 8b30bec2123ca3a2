import { containerValues, hostValues } from '../mesh/host-settings.ts';
import { endpointOf, type Mesh, type MeshNode, nodeOf } from '../mesh/mesh.ts';
import type { Part } from '../mesh/value.ts';
import { renderComposeService } from '../render/compose/compose-service.ts';
import type { NodeSpec } from './applied.ts';

export interface SpecInputs {
  /** Where it will run: only a host process is what `run` says. */
  readonly placement: 'container' | 'host';
  /** A digest of a secret's value: enough to see that it changed, useless to anyone who reads it. */
  readonly secretDigest: (name: string) => string;
  /** The same of a variable of the environment, which may hold a token; nothing when it is not set. */
  readonly variableDigest: (name: string) => string | undefined;
}

/** Keys of the rendered service that say how it is built or ordered and not what the container is. */
const NOT_PART_OF_CONTAINER: ReadonlySet<string> = new Set(['build', 'depends_on', 'pull_policy', 'profiles']);

/** The rendered service as flat text, with what the engine will put in for secrets and variables. */
export function specOf(mesh: Mesh, node: MeshNode, inputs: SpecInputs): NodeSpec {
  const spec: Record<string, string> = {};
  const service = renderComposeService(mesh, node);
  for (const [key, value] of Object.entries(service)) if (!NOT_PART_OF_CONTAINER.has(key)) flatten(key, value, spec);
  const isOnHost = inputs.placement === 'host' || node.onHost !== undefined;
  if (isOnHost) addRun(node, spec);
  for (const file of node.files) spec[`files.${file.path}`] = JSON.stringify(file.content);
  const values = isOnHost ? hostValues(node) : containerValues(node);
  for (const part of values.flat()) addInput(part, inputs, spec);
  if (node.onHost !== undefined) spec.placement = 'host';
  for (const part of values.flat()) if (part.kind === 'address') addAddress(mesh, node, part, spec);
  return spec;
}

function addRun({ run }: MeshNode, into: Record<string, string>): void {
  if (run === undefined) return;
  flatten('run.command', run.command, into);
  flatten('run.folder', run.folder, into);
  for (const { name, value } of run.env) into[`run.env.${name}`] = JSON.stringify(value);
}

function flatten(key: string, value: unknown, into: Record<string, string>): void {
  if (Array.isArray(value)) into[key] = JSON.stringify(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [inner, innerValue] of Object.entries(value)) flatten(`${key}.${inner}`, innerValue, into);
  } else if (value !== undefined) into[key] = String(value);
}

type Address = Extract<Part, { kind: 'address' }>;

/** Between containers, addresses follow from the model. From and to a process of this machine, they have its ports. */
function addAddress(mesh: Mesh, node: MeshNode, part: Address, into: Record<string, string>): void {
  const target = nodeOf(mesh, part.node);
  if (node.onHost !== undefined) {
    const { host } = endpointOf(target, part.endpoint);
    // What it tells others as its own address is where these reach it.
    if (target === node) into.reached = `${node.onHost.address}:${node.onHost.reachPorts[part.endpoint] ?? ''}`;
    into[`addresses.${part.node}.${part.endpoint}`] = host.kind === 'fixed' ? String(host.port) : host.kind;
  } else if (target.onHost !== undefined) {
    into[`onHost.${part.node}.${part.endpoint}`] = `${target.onHost.reachPorts[part.endpoint] ?? ''}`;
  }
}

function addInput(part: Part, inputs: SpecInputs, into: Record<string, string>): void {
  if (part.kind === 'secret') into[`secrets.${part.name}`] = inputs.secretDigest(part.name);
  if (part.kind === 'variable')
    into[`variables.${part.name}`] = inputs.variableDigest(part.name) ?? part.fallback ?? '';
}
