import path from 'node:path';
import { hostSettings } from '../../mesh/host-settings.ts';
import type { MeshNode } from '../../mesh/mesh.ts';
import { hostCommand } from './host-command.ts';
import { hostPortOf } from './host-ports.ts';
import { type HostTextScope, hostText } from './host-text.ts';
import type { Available, HostInput } from './hosts/host.ts';
import { hostOf } from './hosts/host-of.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';
import type { ProcessSpec } from './process-spec.ts';
import type { ProjectPaths } from './state/project-paths.ts';

export interface SpecScope extends HostTextScope {
  readonly root: string;
  readonly paths: ProjectPaths;
  readonly available: Available;
  /** What every program gets of the environment of the command. */
  readonly passed: Readonly<Record<string, string>>;
  readonly isRoot: boolean;
}

export interface SpecIdentity {
  readonly id: string;
  readonly replica: number;
  readonly imageId: string;
}

/** A node of the mesh as the supervisor runs it. Pure. */
export function processSpecOf(node: MeshNode, identity: SpecIdentity, scope: SpecScope): ProcessSpec {
  const { replica } = identity;
  const reader = { node: node.name, replica };
  const port = (endpoint: string) => hostPortOf(scope.ports, { ...reader, endpoint });
  const listeners = new Map(node.endpoints.map((endpoint) => [endpoint.port, port(endpoint.name)]));
  const settings = Object.fromEntries(
    hostSettings(node).map(({ name, value }) => [name, listenOnLoopback(hostText(value, reader, scope), listeners)]),
  );
  const input: HostInput = {
    node,
    available: scope.available,
    env: settings,
    files: node.files.map((file) => ({ path: file.path, text: hostText(file.content, reader, scope) })),
    port,
    home: homeOf(node, scope),
    isRoot: scope.isRoot,
  };
  const command = hostCommand(input, scope.root);
  return {
    id: identity.id,
    node: node.name,
    replica,
    name: `${scope.mesh.project}-${node.name}-${replica}`,
    image: node.image,
    imageId: identity.imageId,
    argv: command.argv,
    cwd: command.cwd,
    // The settings of a server's image mean nothing to the server itself, so its host says what it gets.
    env: { ...scope.passed, ...(hostOf(node) === undefined ? settings : {}), ...command.env },
    ports: node.endpoints.map((endpoint) => ({
      containerPort: endpoint.port,
      protocol: endpoint.protocol === 'udp' ? 'udp' : 'tcp',
      hostPort: port(endpoint.name),
    })),
    restart: node.restart,
    stopSignal: command.stopSignal ?? 'SIGTERM',
    stopGraceMs: node.stopGraceMs,
    user: command.user,
    folders: command.folders ?? [],
    files: command.files ?? [],
    setup: command.setup,
  };
}

/** Where a node keeps its data. */
function homeOf(node: MeshNode, { isRoot, paths }: SpecScope): string {
  const dropsRoot = isRoot && hostOf(node)?.refusesRoot === true;
  return path.join(dropsRoot ? paths.sharedData : paths.data, node.name);
}
