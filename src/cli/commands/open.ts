import { spawn } from 'node:child_process';
import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { nodeAddresses } from '../../execute/node-addresses.ts';
import { nodeOf } from '../../mesh/mesh.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { type MeshOptions, openProject, type Project } from '../project.ts';

export interface OpenOptions extends MeshOptions {
  readonly service: string;
  readonly endpoint?: string;
  readonly print?: boolean;
}

export async function open(options: OpenOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const url = await urlOf(project, options, io);
  io.stdout.write(`${url}\n`);
  if (options.print !== true) await openBrowser(url);
  return 0;
}

async function urlOf(project: Project, options: OpenOptions, io: Io): Promise<string> {
  const problems = unknownNames(project.mesh, [options.service]);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const node = nodeOf(project.mesh, options.service);
  const { engine } = await openEngine(project, io);
  const { instances } = await engine.observe(project.mesh.project, []);
  const instance = instances.find((candidate) => candidate.node === node.name && candidate.replica === 1);
  const addresses = nodeAddresses(node, instance, engine.info.publishHost);
  const wanted =
    options.endpoint === undefined
      ? addresses.find((address) => address.protocol === 'http')
      : addresses.find((address) => address.name === options.endpoint);
  if (wanted?.url !== undefined) return wanted.url;
  const names = addresses.map((address) => address.name);
  throw new MeshError(
    options.endpoint === undefined || wanted !== undefined
      ? `${node.name} has no ${options.endpoint ?? 'http'} address on this machine`
      : `${node.name} has no endpoint "${options.endpoint}"`,
    {
      code: 'MESH1203',
      exitCode: 2,
      location: node.at,
      hint:
        (options.endpoint === undefined ? undefined : didYouMean(options.endpoint, names)) ??
        `it has: ${names.join(', ') || 'none'}`,
    },
  );
}

/** With what the system opens links with; a machine without a browser has the printed address. */
function openBrowser(url: string): Promise<void> {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', url]
        : ['xdg-open', url];
  return new Promise((resolve, reject) => {
    const child = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
    child.on('error', () =>
      reject(
        new MeshError(`no browser can be opened here: there is no ${command}`, {
          code: 'MESH1501',
          exitCode: 1,
          hint: 'use --print and open the address yourself',
        }),
      ),
    );
    child.on('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
