import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { type MeshNode, nodeOf } from '../mesh/mesh.ts';
import type { NodeSpec } from '../plan/applied.ts';
import { specOf } from '../plan/node-spec.ts';
import type { Observed } from '../plan/observed.ts';
import type { Plan } from '../plan/plan.ts';
import { planUp, type UpInputs } from '../plan/plan-up.ts';
import { type RunState, readRunState } from '../workspace/run-state.ts';
import type { OpenEngine } from './opened-engine.ts';
import type { Project } from './project.ts';

export interface PlannedUp {
  readonly plan: Plan;
  readonly observed: Observed;
  readonly specs: ReadonlyMap<string, NodeSpec>;
  readonly state: RunState;
}

export interface PlanOptions {
  readonly wanted: readonly string[];
  readonly build: UpInputs['build'];
  readonly withinMs?: number | undefined;
}

/** Looks at the engine once and decides what has to be done. Changes nothing. */
export async function planUpNow(project: Project, opened: OpenEngine, options: PlanOptions): Promise<PlannedUp> {
  const { mesh, root } = project;
  const images = [...new Set(options.wanted.map((name) => nodeOf(mesh, name).image))];
  const observed = await opened.engine.observe(mesh.project, images);
  checkOwner(project, observed);
  const state = readRunState(root, mesh.project);
  const { secretDigest, variableDigest } = opened;
  const placement = opened.engine.info.kind === 'process' ? 'host' : 'container';
  const inputs = { placement, secretDigest, variableDigest } as const;
  const specs = new Map(options.wanted.map((name) => [name, specOf(mesh, nodeOf(mesh, name), inputs)]));
  const plan = planUp({
    outdated: await findOutdated(project, opened, options, observed),
    mesh,
    wanted: options.wanted,
    observed,
    applied: state,
    specs,
    build: options.build,
    withinMs: options.withinMs,
  });
  return { plan, observed, specs, state };
}

/** Only what would else be taken as it is can be out of date. */
async function findOutdated(
  { mesh }: Project,
  opened: OpenEngine,
  { wanted, build }: PlanOptions,
  observed: Observed,
): Promise<ReadonlySet<string> | undefined> {
  const isBuilt = ({ build, image, onHost }: MeshNode) =>
    build !== undefined && onHost === undefined && observed.images[image] !== undefined;
  const built = build === 'missing' ? wanted.filter((name) => isBuilt(nodeOf(mesh, name))) : [];
  return built.length === 0 ? undefined : await opened.outdated?.(mesh, built);
}

/** Two checkouts of one name would take each other's containers for strays. */
export function checkOwner(project: Project, observed: Observed): void {
  const own = realpath(path.join(project.root, 'compose'));
  const other = observed.instances.find(
    // A folder that was moved or deleted owns nothing any more.
    ({ workingDir }) => workingDir !== undefined && realpath(workingDir) !== own && existsSync(workingDir),
  );
  if (other?.workingDir === undefined) return;
  const root = path.dirname(other.workingDir);
  const isThere = existsSync(root);
  const first = isThere
    ? `take that one down first (docker compose -p ${project.mesh.project} down)`
    : 'remove what is left of it, its data included (mesh dev prune)';
  throw new MeshError(
    `the project ${project.mesh.project} runs already, from ${root}${isThere ? '' : ', which is gone'}`,
    {
      code: 'MESH2009',
      hint: `${first}, or give this one a name of its own: --instance NAME`,
    },
  );
}

function realpath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
