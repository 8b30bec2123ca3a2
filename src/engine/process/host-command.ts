import path from 'node:path';
import type { Build } from '../../mesh/build.ts';
import type { MeshNode } from '../../mesh/mesh.ts';
import type { Available, HostCommand, HostInput, Hosting } from './hosts/host.ts';
import { programPath } from './hosts/host.ts';
import { hostOf } from './hosts/host-of.ts';

const SAY_HOW = 'say how it runs here: `run: …`, or start Docker';

/** Whether a node can run as a process of this machine. Pure: what the machine has was looked up before. */
export function hostingOf(node: MeshNode, available: Available): Hosting {
  const { build, run } = node;
  // What is told to run may be a result of the build, so it needs all that the build needs.
  if (build?.kind === 'dotnet' && available.programs.dotnet === undefined)
    return { kind: 'unavailable', reason: 'dotnet is not on PATH', fix: 'install the .NET SDK, or start Docker' };
  if (run?.command !== undefined) return { kind: 'hosted', how: writtenCommand(run.command) };
  switch (build?.kind) {
    case 'node':
    case 'dotnet':
      return { kind: 'hosted', how: build.kind };
    case 'dockerfile':
      return { kind: 'unavailable', reason: `only ${build.dockerfile} says how it is built`, fix: SAY_HOW };
    case undefined:
      return (
        hostOf(node)?.hosting(node, available) ?? {
          kind: 'unavailable',
          reason: `it is known only as the image ${node.image}`,
          fix: SAY_HOW,
        }
      );
  }
}

/** As it stands in the manifest: a text is run by a shell. */
function writtenCommand(command: readonly string[]): string {
  const [program, flag, script] = command;
  return program === 'sh' && flag === '-c' && script !== undefined ? script : command.join(' ');
}

/** The command of a node that `hostingOf` calls hosted. `root` is the folder that builds are relative to. */
export function hostCommand(input: HostInput, root: string): HostCommand {
  const { node } = input;
  if (node.run?.command !== undefined) return { argv: node.run.command, cwd: path.resolve(root, node.run.folder) };
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
