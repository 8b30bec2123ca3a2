import { endpointOf, type MeshNode } from '../../mesh/mesh.ts';
import { nodePorts, portNameOf } from '../kubernetes/ports.ts';
import { camelCase } from './camel-case.ts';

/** A port of a service as its values have it. */
export interface ServicePortValue {
  /** `port` for the first, `grpcPort` for others. */
  readonly key: string;
  /** The name of the pod's port. */
  readonly name: string;
  readonly port: number;
}

/** The ports of a service, in the order of its endpoints. */
export function servicePortValues(version: MeshNode): ServicePortValue[] {
  return nodePorts(version).map(({ name, port }, index) => ({
    key: index === 0 ? 'port' : `${camelCase(name)}Port`,
    name,
    port,
  }));
}

/** The key of the port of that name, among the values of `service`. */
export function servicePortKey(version: MeshNode, portName: string): string {
  const found = servicePortValues(version).find(({ name }) => name === portName);
  if (found === undefined) throw new Error(`${version.name} has no port ${portName}`);
  return found.key;
}

/** The key of the port that an endpoint is served on. */
export function endpointPortKey(version: MeshNode, endpoint: string): string {
  return servicePortKey(version, portNameOf(version, endpointOf(version, endpoint)));
}
