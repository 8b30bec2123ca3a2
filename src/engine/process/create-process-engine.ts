import path from 'node:path';
import { MeshError, messageOf } from '../../diagnostics/mesh-error.ts';
import { hostSettings } from '../../mesh/host-settings.ts';
import { type Mesh, type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { Engine, InstanceDetail } from '../engine.ts';
import { Disconnected, Refused } from './client/connection.ts';
import { convergeInstances } from './converge.ts';
import { execIn } from './exec-in.ts';
import { findAvailable } from './find-available.ts';
import { followLogs, readLogs, wantedSpecs } from './follow-logs.ts';
import type { Forward } from './forward.ts';
import { passedEnv } from './host-env.ts';
import { LOOPBACK } from './host-text.ts';
import type { Available } from './hosts/host.ts';
import { instanceOf } from './observe-records.ts';
import { findPortHolder } from './port-holder.ts';
import { createHostBuilds, type HostBuilds, READY_MADE } from './prepare/host-builds.ts';
import type { ProcessRecord } from './process-spec.ts';
import { openProject, type Project, projectOfId } from './project.ts';
import { removeEverything } from './remove-project.ts';
import { setForwards } from './set-forwards.ts';
import { createSpecMaker, requireFreePorts } from './specs-of-mesh.ts';
import { makeProjectFolders } from './state/project-paths.ts';
import { measureUsage } from './stats.ts';
import { readForwards } from './supervisor/forwards.ts';
import { watchEvents } from './watch-events.ts';

export interface ProcessEngineOptions {
  /** The folder of the manifest; the state lies in its `.mesh/process/<project>`. */
  readonly root: string;
  readonly secrets: (name: string) => string;
  readonly variables: (name: string) => string | undefined;
  readonly clock: Clock;
  /** Tells what images stand for; those of no node are not there. Without it `observe` takes every image as there. */
  readonly mesh?: Mesh | undefined;
  /** The compiled entry of the supervisor; found beside the engine's own file when not given. */
  readonly supervisorEntry?: string | undefined;
  /** What the machine has; looked up when not given. */
  readonly available?: Available | undefined;
}

/** The engine of `mesh` on machines without containers, with what only it can do. */
export interface ProcessEngine extends Engine {
  /** How the programs of its nodes are built, in the place of images. */
  readonly builds: HostBuilds;
  /**
   * Makes addresses of this machine lead to others, in the place of all that the project had forwarded before. They
   * outlive the command, until an empty list is given or the project is removed.
   *
   * @throws MeshError MESH2006 with the system's words when one of them cannot be opened; what was open stays then
   */
  forward(project: string, forwards: readonly Forward[]): Promise<void>;
  /** What a project has forwarded, also where its supervisor is gone and the next one will do it again. */
  forwards(project: string): readonly Forward[];
  /**
   * How a node would run here; nothing is started.
   *
   * @throws Error for a node that cannot run as a host process
   */
  describe(mesh: Mesh, node: string): Promise<HostedProgram>;
}

/** A program as somebody else could start it. */
export interface HostedProgram {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What mesh gives it, without what every program of this machine has, such as PATH. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs nodes as processes of this machine, under a supervisor that outlives the command. */
export function createProcessEngine(options: ProcessEngineOptions): ProcessEngine {
  const { root, clock, secrets: secret, variables: variable } = options;
  const available = options.available ?? findAvailable({ root });
  const passed = passedEnv(process.env);
  const isRoot = process.getuid?.() === 0;
  const builds = createHostBuilds({ root, file: path.join(root, '.mesh', 'process', 'builds.json'), env: passed });
  const projects = new Map<string, Project>();
  const open = (name: string): Project => {
    const known = projects.get(name);
    if (known !== undefined) return known;
    const project = openProject({ root, name, clock, supervisorEntry: options.supervisorEntry });
    projects.set(name, project);
    return project;
  };
  const recordOf = async (id: string): Promise<ProcessRecord> => {
    const record = (await open(projectOfId(id)).records()).find(({ spec }) => spec.id === id);
    if (record === undefined) throw new MeshError(`there is no instance ${id}`, { code: 'MESH2006' });
    return record;
  };
  /** `anew`: the nodes that are about to be made, and so may still get another port. */
  const specsFor = async (project: Project, mesh: Mesh, anew: readonly string[], keep = true) => {
    const records = await project.records();
    const { paths } = project;
    const about = { root, mesh, paths, available, records, secret, variable, passed, isRoot };
    return { records, specs: await createSpecMaker({ ...about, anew, keep }) };
  };

  return {
    builds,
    info: { kind: 'process', label: 'host processes', publishHost: LOOPBACK },

    async observe(name, images) {
      const records = await open(name).records();
      const idOf = (image: string): string | undefined => {
        if (options.mesh === undefined) return READY_MADE;
        const node = options.mesh.nodes.find((candidate) => candidate.image === image);
        return node === undefined ? undefined : builds.imageId(node);
      };
      const found = images.flatMap((image): [string, string][] => {
        const id = idOf(image);
        return id === undefined ? [] : [[image, id]];
      });
      return { instances: records.map((record) => instanceOf(record)), images: Object.fromEntries(found) };
    },

    async inspect(id) {
      return detailOf(await recordOf(id));
    },

    // Nothing is pulled: what stands in for an image is on the machine, or the node is not hosted.
    pull: async () => {},

    async converge(request, signal) {
      const project = open(request.mesh.project);
      makeProjectFolders(project.paths);
      const nodes = request.nodes.map((name) => nodeOf(request.mesh, name));
      await Promise.all(nodes.map((node) => builds.build(node, () => {}, signal)));
      const imageId = (node: MeshNode) => builds.imageId(node) ?? READY_MADE;
      await asked(async () => {
        const connection = await project.link.reach();
        await convergeInstances(
          request,
          { connection, imageId, ...(await specsFor(project, request.mesh, request.nodes)) },
          signal,
        );
      });
    },

    async start(instance, mesh, signal) {
      const project = open(projectOfId(instance.id));
      const { records, specs } = await specsFor(project, mesh, []);
      const record = records.find(({ spec }) => spec.id === instance.id);
      if (record === undefined)
        throw new MeshError(`${instance.name} was removed by another command`, { code: 'MESH3008' });
      if (record.state === 'running') return;
      const { id, replica, imageId } = record.spec;
      const spec = specs.specOf(nodeOf(mesh, instance.node), { id, replica, imageId });
      await requireFreePorts(spec, records);
      signal.throwIfAborted();
      await asked(async () => (await project.link.reach()).ask('start', { spec }), {
        code: 'MESH3007',
        what: `${instance.node} could not be started`,
      });
    },

    async describe(mesh, name) {
      const node = nodeOf(mesh, name);
      const { specs } = await specsFor(open(mesh.project), mesh, [], false);
      const { argv, cwd, env } = specs.specOf(node, { id: '', replica: 1, imageId: '' });
      const given = new Set(hostSettings(node).map((setting) => setting.name));
      const own = Object.entries(env).filter(([key, value]) => given.has(key) || passed[key] !== value);
      return { argv, cwd, env: Object.fromEntries(own) };
    },

    async stop(instance, graceMs) {
      const project = open(projectOfId(instance.id));
      await asked(async () => (await project.supervisor())?.ask('stop', { id: instance.id, graceMs }));
    },

    async remove(instance) {
      const project = open(projectOfId(instance.id));
      await asked(async () => (await project.link.reach()).ask('remove', { id: instance.id }));
    },

    removeProject: (name, what) => asked(() => removeEverything(open(name), what, clock)),
    forward: (name, forwards) =>
      asked(() => setForwards(open(name), forwards), { code: 'MESH2006', what: 'a forward could not be opened' }),
    forwards: (name) => readForwards(open(name).paths.forwards),
    watch: (name, onEvent, signal) => asked(() => watchEvents(open(name), onEvent, signal)),

    async logs(request, onLine, signal) {
      const project = open(request.project);
      const records = await project.records();
      const specs = await wantedSpecs(project, request);
      // What is not started yet is followed too, and only a supervisor can tell when it is.
      if (request.follow && records.some((record) => record.state === 'created')) await project.link.reach();
      if (request.follow) await followLogs({ project, clock, request }, specs, onLine, signal);
      else readLogs(project, specs, request, onLine);
    },

    exec: async (request, signal) => execIn(await recordOf(request.instance.id), request, signal),

    portHolder: async (port) => findPortHolder(root, port),

    async stats(instances) {
      const records = await Promise.all(instances.map((instance) => recordOf(instance.id)));
      const usages = await measureUsage(records, clock);
      return records.map(({ spec }, index) => {
        const { cpuPercent = 0, memory = 0 } = usages[index] ?? {};
        return { id: spec.id, cpuPercent, memory, memoryLimit: 0 };
      });
    },

    close() {
      for (const project of projects.values()) project.link.close();
    },
  };
}

function detailOf(record: ProcessRecord): InstanceDetail {
  return {
    state: record.state,
    // A process that was not the child of its supervisor tells nobody how it ended.
    exitCode: record.exitCode ?? (record.state === 'exited' ? -1 : 0),
    startedAt: record.startedAt ?? '',
    pid: record.process?.pid,
    finishedAt: record.finishedAt ?? '',
    restarts: record.restarts,
    outOfMemory: false,
    memoryLimit: 0,
    error: record.error ?? '',
  };
}

/** A supervisor that is killed takes a moment to be gone; its successor is asked as soon as there is one. */
const TRIES = 5;
const PAUSE_MS = 40;

async function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Disconnected) || tries === TRIES) throw error;
      await systemClock.sleep(PAUSE_MS * tries);
    }
  }
}

interface Refusal {
  readonly code: 'MESH2006' | 'MESH3007';
  readonly what?: string;
}

/**
 * Asks the supervisor, and its successor where it goes away meanwhile: every request can be made twice. What it
 * refuses becomes the error that callers know.
 */
async function asked<T>(ask: () => Promise<T>, refusal: Refusal = { code: 'MESH2006' }): Promise<T> {
  try {
    return await askAgain(ask);
  } catch (error) {
    if (error instanceof Refused) {
      const text = refusal.what === undefined ? messageOf(error) : `${refusal.what}: ${messageOf(error)}`;
      throw new MeshError(text, { code: refusal.code, hint: hintOf(text), cause: error });
    }
    if (error instanceof Disconnected) throw new MeshError(messageOf(error), { code: 'MESH2007', cause: error });
    throw error;
  }
}

/** The system's name for a full disk; its words differ. */
function hintOf(refused: string): string | undefined {
  return refused.includes('ENOSPC') ? 'make room on the disk that holds the project, then: mesh dev up' : undefined;
}
