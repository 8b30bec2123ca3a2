import { createHash } from 'node:crypto';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { type DockerHost, findDockerHost } from '../engine/docker/docker-host.ts';
import type { Engine } from '../engine/engine.ts';
import { formatAddress } from '../mesh/address.ts';
import { endpointOf, nodeOf } from '../mesh/mesh.ts';
import { joinValue, type Value } from '../mesh/value.ts';
import { loadSecrets, type SecretValues } from '../workspace/secrets-file.ts';
import type { Io } from './io.ts';
import type { Project } from './project.ts';

/** An engine with what a run needs to know to use it. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly host: DockerHost;
  readonly secrets: SecretValues;
  /** A value with secrets and variables in it; addresses as containers see them. */
  readonly text: (value: Value) => string;
  /** Tells whether a secret changed, and nothing more. */
  readonly secretDigest: (name: string) => string;
}

/** @throws MeshError MESH2001 when no engine answers; InvalidInput when a secret is too short */
export async function openEngine(project: Project, io: Io): Promise<OpenEngine> {
  const secrets = loadSecrets(project.root, project.mesh, io.env);
  const secret = (name: string) => secrets.values.get(name) ?? '';
  const variable = (name: string) => io.env[name];
  const host = findDockerHost({ env: io.env, home: io.home, uid: io.uid });
  const engine = await createDockerEngine({ host, root: project.root, env: io.env, secret, variable });
  const text = (value: Value) =>
    joinValue(value, {
      text: (part) => part.text,
      secret: (part) => secret(part.name),
      variable: (part) => variable(part.name) ?? part.fallback ?? '',
      address: (part) => {
        const endpoint = endpointOf(nodeOf(project.mesh, part.node), part.endpoint);
        return formatAddress({ protocol: endpoint.protocol, host: part.node, port: endpoint.port }, part.property);
      },
    });
  return {
    engine,
    host,
    secrets,
    text,
    secretDigest: (name) => digest(`${project.mesh.name} ${name} ${secret(name)}`),
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
