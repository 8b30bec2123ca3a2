import { InvalidInput } from '../diagnostics/mesh-error.ts';
import type { HostingPlan } from '../engine/process/plan-hosting.ts';
import { hostNodesOf } from '../mesh/placement.ts';
import type { OpenEngine } from './opened-engine.ts';
import type { Project } from './project.ts';

export interface Fitted {
  readonly project: Project;
  readonly wanted: readonly string[];
  /** What the user should know: why this engine, and what it leaves out. */
  readonly notices: readonly string[];
}

/**
 * The part of the mesh that the engine can run. Docker runs all of it; without it, some servers may not be had, and the
 * services that can do without them get no address of them.
 *
 * @throws InvalidInput when a service needs what cannot be had
 */
export async function fitToEngine(project: Project, wanted: readonly string[], opened: OpenEngine): Promise<Fitted> {
  if (opened.engine.info.kind !== 'process') return fitHosted(project, wanted);
  const { findAvailable } = await import('../engine/process/find-available.ts');
  const { planHosting } = await import('../engine/process/plan-hosting.ts');
  const plan = planHosting(project.mesh, wanted, findAvailable({ root: project.root }));
  if (plan.diagnostics.length > 0) throw new InvalidInput(plan.diagnostics, project.sources);
  return { project: { ...project, mesh: plan.mesh }, wanted: plan.hosted, notices: noticesOf(opened, plan) };
}

/** What was moved to the host must be able to run there; the rest runs in containers. */
async function fitHosted(project: Project, wanted: readonly string[]): Promise<Fitted> {
  const local = hostNodesOf(project.mesh).filter((name) => wanted.includes(name));
  if (local.length === 0) return { project, wanted, notices: [] };
  const { findAvailable } = await import('../engine/process/find-available.ts');
  const { refuseUnhosted } = await import('../engine/process/plan-hosting.ts');
  const problems = refuseUnhosted(project.mesh, local, findAvailable({ root: project.root }));
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const verb = local.length === 1 ? 'runs' : 'run';
  return { project, wanted, notices: [`${local.join(', ')} ${verb} on the host`] };
}

function noticesOf(opened: OpenEngine, plan: HostingPlan): string[] {
  const why = opened.because === undefined ? 'as asked' : opened.because;
  return [
    `services run as host processes: ${why}`,
    ...plan.unavailable.map(({ node, reason, fix }) => `without ${node}: ${reason} (${fix})`),
  ];
}
