import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { type MeshOptions, openProject, type Project } from '../project.ts';

interface TargetOptions extends MeshOptions {
  readonly service: string;
  readonly user?: string;
  /** The replica, from 1. */
  readonly index: number;
}

export interface ExecOptions extends TargetOptions {
  readonly words: readonly string[];
  readonly tty: boolean;
  readonly workdir?: string;
  readonly env: readonly string[];
}

/** @returns the exit code of the command, as `docker exec` does */
export async function exec(options: ExecOptions, io: Io): Promise<number> {
  const [first = ''] = options.words;
  if (first.startsWith('-') && first !== '--') throw misplacedOption(first, options.service);
  const command = options.words[0] === '--' ? options.words.slice(1) : options.words;
  return runIn(options, command, io, options);
}

/** Behind the service stands the command: an option there would be taken for the program to run. */
function misplacedOption(option: string, service: string): InvalidInput {
  return new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `${option} stands behind ${service}, where the command begins`,
      hint: `mesh dev exec [options] ${service} -- command`,
    },
  ]);
}

/** bash where there is one: the container itself finds out. */
const SHELL = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

export async function shell(options: TargetOptions, io: Io): Promise<number> {
  return runIn(options, SHELL, io, { tty: true });
}

interface How {
  readonly tty: boolean;
  readonly workdir?: string;
  readonly env?: readonly string[];
}

async function runIn(options: TargetOptions, command: readonly string[], io: Io, how: How): Promise<number> {
  const project = await openProject(options, io);
  const problems = unknownNames(project.mesh, [options.service]);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const { engine } = await openEngine(project, io);
  const { instances } = await engine.observe(project.mesh.project, []);
  const instance = runningInstance(project, options, instances);
  const result = await engine.exec(
    {
      instance,
      command,
      stdio: 'inherit',
      // Without a terminal on both sides, one in the container would only garble the output.
      tty: how.tty && io.stdin.isTTY === true && io.stdout.isTTY === true,
      user: options.user,
      workdir: how.workdir,
      env: how.env,
    },
    io.signal,
  );
  return result.exitCode;
}

function runningInstance(project: Project, options: TargetOptions, instances: readonly Instance[]): Instance {
  const own = instances.filter((instance) => instance.node === options.service);
  const found = own.find((instance) => instance.replica === options.index);
  if (found !== undefined && found.state === 'running') return found;
  const what =
    found === undefined ? (own.length === 0 ? 'is not there' : `has no replica ${options.index}`) : `is ${found.state}`;
  throw new MeshError(`${options.service} ${what}`, {
    code: 'MESH3007',
    location: project.mesh.nodes.find((node) => node.name === options.service)?.at,
    hint: `start it: mesh dev up ${options.service}`,
  });
}
