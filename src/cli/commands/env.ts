import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import { createProcessEngine, type HostedProgram } from '../../engine/process/create-process-engine.ts';
import { portKey } from '../../mesh/host-ports.ts';
import { hostSettings } from '../../mesh/host-settings.ts';
import { type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import type { Placement } from '../../mesh/placement.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import { secretsOf } from '../../mesh/value.ts';
import type { Instance } from '../../plan/observed.ts';
import type { HostedService, PrintedEnv } from '../../report/env/hosted-service.ts';
import { printDotenv } from '../../report/env/print-dotenv.ts';
import { printShellEnv } from '../../report/env/print-shell-env.ts';
import { printVsCodeLaunch } from '../../report/env/print-vscode-launch.ts';
import { systemClock } from '../../time/clock.ts';
import { fitToEngine } from '../fit-to-engine.ts';
import type { Io } from '../io.ts';
import { moveNodes } from '../move-nodes.ts';
import { openEngine } from '../open-engine.ts';
import type { OpenEngine } from '../opened-engine.ts';
import { placeProject } from '../place-project.ts';
import { checkVariables, type MeshOptions, openProject, type Project } from '../project.ts';

export interface EnvOptions extends MeshOptions {
  readonly service: string;
  readonly dotenv?: boolean;
  readonly vscode?: boolean;
  readonly json?: boolean;
}

/** Prints what a service is given on the host, so that a shell or an editor can run it in mesh's place. */
export async function env(options: EnvOptions, io: Io): Promise<number> {
  const whole = await openProject(options, io);
  const problems = unknownNames(whole.mesh, [options.service]);
  if (problems.length > 0) throw new InvalidInput(problems, whole.sources);
  const opened = await openEngine(whole, io);
  const { project, notes } = await onHost(whole, opened, options.service);
  checkVariables(project, [options.service], io.env);
  const node = nodeOf(project.mesh, options.service);
  const program = await describe(project, node, io, opened);
  const printed = print({ name: node.name, build: node.build, root: project.root, ...asListed(program) }, options);
  io.stdout.write(printed.text);
  const missing = missingSecrets(node, opened);
  for (const note of [...notes, ...missing, ...printed.problems]) io.stderr.write(`note: ${note}\n`);
  return 0;
}

interface Hosted {
  readonly project: Project;
  readonly notes: readonly string[];
}

/** The project with the service on the host, where it may be already. */
async function onHost(whole: Project, opened: OpenEngine, service: string): Promise<Hosted> {
  if (opened.engine.info.kind === 'process') {
    const { project } = await fitToEngine(whole, [service], opened);
    if (!project.mesh.nodes.some(({ name }) => name === service)) throw notHosted(service);
    return { project, notes: [] };
  }
  const isMoved = nodeOf(whole.mesh, service).onHost !== undefined;
  const moved = await moveNodes(whole, opened, { toHost: [service], toContainer: [] });
  await fitToEngine(moved, [service], opened);
  const { instances } = await opened.engine.observe(whole.mesh.project, []);
  const { placement, notes } = asPublished(moved, service, instances);
  return {
    project: placeProject(moved, placement),
    notes: [...(isMoved ? [] : [inContainer(service)]), ...notes],
  };
}

function inContainer(service: string): string {
  return `${service} is in a container; the others call it there until: mesh dev swap ${service} --to host`;
}

function notHosted(service: string): MeshError {
  return new MeshError(`${service} cannot run on this machine, so it gets no environment here`, {
    code: 'MESH2020',
    hint: 'see what is missing: mesh dev doctor',
  });
}

/** Nothing is moved here, so what is called has the port that its container publishes now, and no other. */
function asPublished(moved: Project, service: string, instances: readonly Instance[]) {
  const notes: string[] = [];
  const hostPorts: Record<string, number> = { ...moved.placement?.hostPorts };
  for (const node of moved.unplaced.nodes) {
    const instance = instances.find(({ node: owner, replica }) => owner === node.name && replica === 1);
    for (const endpoint of node.endpoints) {
      const key = portKey(node.name, endpoint.name);
      if (node.name === service || hostPorts[key] === undefined || endpoint.host.kind === 'fixed') continue;
      const published = instance?.ports.find(({ containerPort }) => containerPort === endpoint.port);
      if (published !== undefined) hostPorts[key] = published.hostPort;
      else notes.push(`${key} is not published now; it will be at the port given here once ${service} is on the host`);
    }
  }
  const placement: Placement | undefined = moved.placement && { ...moved.placement, hostPorts };
  return { placement, notes };
}

async function describe(project: Project, node: MeshNode, io: Io, opened: OpenEngine): Promise<HostedProgram> {
  const engine = createProcessEngine({
    root: project.root,
    secrets: (name) => opened.secrets.values.get(name) ?? '',
    variables: (name) => io.env[name],
    clock: systemClock,
    mesh: project.mesh,
  });
  try {
    return await engine.describe(project.mesh, node.name);
  } finally {
    engine.close();
  }
}

function asListed({ argv, cwd, env }: HostedProgram): Pick<HostedService, 'argv' | 'cwd' | 'env'> {
  return { argv, cwd, env: Object.entries(env).map(([name, value]) => ({ name, value })) };
}

function print(service: HostedService, options: EnvOptions): PrintedEnv {
  if (options.vscode === true) return printVsCodeLaunch(service);
  if (options.dotenv === true) return printDotenv(service);
  if (options.json !== true) return { text: printShellEnv(service), problems: [] };
  const env = Object.fromEntries(service.env.map(({ name, value }) => [name, value]));
  const report = { v: 1, service: service.name, cwd: service.cwd, command: service.argv, env };
  return { text: `${JSON.stringify(report)}\n`, problems: [] };
}

function missingSecrets(node: MeshNode, { secrets }: OpenEngine): string[] {
  const names = new Set(hostSettings(node).flatMap(({ value }) => secretsOf(value)));
  return [...names]
    .filter((name) => !secrets.values.has(name))
    .map((name) => `secret ${name} has no value yet: mesh dev up makes one`);
}
