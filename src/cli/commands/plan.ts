import { formatLocation } from '../../diagnostics/location.ts';
import type { Plan } from '../../plan/plan.ts';
import { changesOf } from '../../plan/print-plan.ts';
import { renderPlanTable } from '../../report/plan-table.ts';
import { columnsOf, stylesFor } from '../display.ts';
import { fitToEngine } from '../fit-to-engine.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { planJson } from '../plan-json.ts';
import { planUpNow } from '../plan-up-now.ts';
import { type MeshOptions, openProject, selectWanted } from '../project.ts';

export interface PlanCommandOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly profile: readonly string[];
  readonly build: 'missing' | 'always' | 'never';
  readonly engine?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

export async function plan(options: PlanCommandOptions, io: Io): Promise<number> {
  const whole = await openProject(options, io);
  const opened = await openEngine(whole, io, options);
  const asked = selectWanted(whole, { names: options.services, profiles: options.profile });
  const { project, wanted } = await fitToEngine(whole, asked, opened);
  const { plan: found } = await planUpNow(project, opened, { wanted, build: options.build });
  if (options.json === true) io.stdout.write(`${JSON.stringify(planJson(project.mesh, found))}\n`);
  else io.stdout.write(renderPlanTable(rowsOf(found), found.keep, stylesFor(io.stdout, io), columnsOf(io.stdout)));
  return options.check === true && changesOf(found).length > 0 ? 1 : 0;
}

/** Starting a node that is created anyway is no news of its own. */
function rowsOf(found: Plan): { what: string; node: string; cause: string; place: string }[] {
  const made = new Set(
    found.actions
      .filter((action) => action.kind === 'create' || action.kind === 'recreate')
      .map((action) => action.node),
  );
  return changesOf(found)
    .filter((action) => action.kind !== 'start' || !made.has(action.node))
    .map((action) => ({
      what: action.kind,
      node: action.node,
      cause: action.cause.text,
      place: action.cause.at === undefined ? '' : formatLocation(action.cause.at),
    }));
}
