import path from 'node:path';
import type { Build, MeshNode } from '../../mesh/mesh.ts';
import type { Available, HostCommand, HostInput, Hosting } from './hosts/host.ts';
import { programPath } from './hosts/host.ts';
import { hostOf } from './hosts/host-of.ts';

/** Whether a node can run as a process of this machine. Pure: what the machine has was looked up before. */
export function hostingOf(node: MeshNode, available: Available): Hosting {
  const { build } = node;
  switch (build?.kind) {
    case 'node':
      return { kind: 'hosted', how: 'node' };
    case 'dotnet':
      return available.programs.dotnet === undefined
        ? { kind: 'unavailable', reason: 'dotnet is not on PATH', fix: 'install the .NET SDK, or start Docker' }
        : { kind: 'hosted', how: 'dotnet' };
    case 'dockerfile':
      return { kind: 'unavailable', reason: `only ${build.dockerfile} says how it is built`, fix: 'start Docker' };
    case undefined:
      return (
        hostOf(node)?.hosting(node, available) ?? {
          kind: 'unavailable',
          reason: `it is known only as the image ${node.image}`,
          fix: 'start Docker',
        }
      );
  }
}

/** The command of a node that `hostingOf` calls hosted. `root` is the folder that builds are relative to. */
export function hostCommand(input: HostInput, root: string): HostCommand {
  const { node } = input;
  if (node.build === undefined) {
    const host = hostOf(node);
    if (host === undefined) throw new Error(`${node.name} cannot be hosted`);
    return host.command(input);
  }
  return buildCommand(node, node.build, input, root);
}

function buildCommand(node: MeshNode, build: Build, { available }: HostInput, root: string): HostCommand {
  const own = [...(node.entrypoint ?? []), ...(node.command ?? [])];
  switch (build.kind) {
    case 'node': {
      const flags = build.script === undefined ? [] : ['--enable-source-maps'];
      const argv = own.length > 0 ? own : [process.execPath, ...flags, build.entry];
      return { argv, cwd: path.resolve(root, build.context) };
    }
    case 'dotnet': {
      const project = path.resolve(root, build.project);
      // `--no-build`: services of one solution share projects, which cannot be built by several at once.
      const run = ['run', '--no-build', '--no-launch-profile', '-c', 'Release', '--project', project];
      // Its appsettings.json are looked for where it runs.
      return { argv: own.length > 0 ? own : [programPath(available, 'dotnet'), ...run], cwd: project };
    }
    case 'dockerfile':
      throw new Error(`${node.name} cannot be hosted`);
  }
}
