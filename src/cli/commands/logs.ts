import { INTERRUPTED } from '../../diagnostics/exit-codes.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import type { Engine } from '../../engine/engine.ts';
import { compileLogFilter } from '../../logs/log-filter.ts';
import { parseLogTime } from '../../logs/log-time.ts';
import { createLogView, type LogViewOptions } from '../../logs/log-view.ts';
import { createRedactor } from '../../logs/redact-secrets.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import { createLogStyles } from '../../report/log-styles.ts';
import { wantsColor } from '../../report/styles.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { type MeshOptions, openProject, type Project } from '../project.ts';

export interface LogsOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly follow?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
  readonly grep: readonly string[];
  readonly exclude: readonly string[];
  readonly raw?: boolean;
  readonly prefix: boolean;
  readonly json?: boolean;
}

export async function logs(options: LogsOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const filter = compileLogFilter({ grep: options.grep, exclude: options.exclude });
  if (filter.value === undefined) throw new InvalidInput(filter.diagnostics);
  const times = { since: timeOf('--since', options.since), until: timeOf('--until', options.until) };
  const { engine, secrets } = await openEngine(project, io);
  const secretValues = [...secrets.values.values()];
  let dropped = 0;
  const view = createLogView({
    output: io.stdout as LogViewOptions['output'],
    mode: options.follow === true ? 'follow' : 'once',
    form: options.json === true ? 'json' : textForm(project, options, secretValues, io),
    filter: filter.value,
    secrets: secretValues,
    onDropped: (lines) => {
      dropped += lines;
    },
  });
  const request = {
    project: project.mesh.project,
    nodes: options.services,
    follow: options.follow === true,
    tail: options.tail,
    ...times,
  };
  if (options.json !== true) await tellWhenNothingIsThere(project, engine, options, io);
  await engine.logs(request, view.push, AbortSignal.any([io.signal, view.closed]));
  await view.end();
  if (dropped > 0) io.stderr.write(`${dropped} lines were left out: the output took them too slowly\n`);
  // With -f, Ctrl-C is how one ends it; without, the log is not whole.
  return io.signal.aborted && options.follow !== true ? INTERRUPTED : 0;
}

/** An empty answer, or one that does not come, would leave one guessing. */
async function tellWhenNothingIsThere(project: Project, engine: Engine, options: LogsOptions, io: Io): Promise<void> {
  const { instances } = await engine.observe(project.mesh.project, []);
  const wanted = instances.filter(({ node }) => options.services.length === 0 || options.services.includes(node));
  if (wanted.length > 0) return;
  const what = options.services.length === 0 ? '' : `${options.services.join(', ')} of `;
  const then = options.follow === true ? '; waiting for what comes up (Ctrl-C ends it)' : '';
  io.stderr.write(`nothing of ${what}${project.mesh.project} is there${then}\n`);
}

function textForm(project: Project, options: LogsOptions, secrets: readonly string[], io: Io): LogViewOptions['form'] {
  const all = project.mesh.nodes.map((node) => node.name);
  const color = wantsColor(io.stdout, io.env);
  return {
    nodes: options.services.length > 0 ? options.services : all,
    colourOrder: all,
    prefix: options.prefix ? 'node' : 'none',
    time: 'clock',
    structured: options.raw === true ? 'raw' : 'fields',
    styles: createLogStyles(color),
    redact: createRedactor(secrets),
  } as LogViewOptions['form'];
}

function timeOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = parseLogTime(text, new Date());
  if (time !== undefined) return time;
  throw new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `${flag} "${text}" is no time`,
      hint: 'use 10m, 1h30m, 12:03, 2026-01-31T12:00:00Z or seconds since 1970',
    },
  ]);
}
