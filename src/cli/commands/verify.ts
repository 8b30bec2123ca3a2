import { joinAudits, sortFindings } from '../../audit/finding.ts';
import type { Source } from '../../diagnostics/location.ts';
import { renderVerification, type Verification, verificationJson } from '../../report/verify-report.ts';
import { columnsOf, stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { type MeshOptions, openProject, type Project } from '../project.ts';
import { findHelm, type HelmProgram } from '../run-helm.ts';
import type { TargetAudit } from '../verify-project.ts';

export interface VerifyOptions extends MeshOptions {
  /** Files and folders to hold against each other; those of the project against its manifest when there are none. */
  readonly artefacts: readonly string[];
  readonly helm?: string;
  readonly json?: boolean;
}

export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  const { sources, ...verification } =
    options.artefacts.length > 0 ? await verifyOthers(options, io) : await verifyOwn(options, io);
  const shown: Verification = { ...verification, findings: sortFindings(verification.findings) };
  if (options.json === true) io.stdout.write(verificationJson(shown));
  else {
    const columns = columnsOf(io.stdout);
    io.stdout.write(renderVerification(shown, { styles: stylesFor(io.stdout, io), columns, sources }));
  }
  return shown.findings.length === 0 ? 0 : 1;
}

const NO_HELM = 'helm was not compared: none on PATH (get it at helm.sh, or name it with --helm)';

interface Verified extends Verification {
  readonly sources: ReadonlyMap<string, Source>;
}

async function verifyOthers(options: VerifyOptions, io: Io): Promise<Verified> {
  const { verifyArtefacts } = await import('../verify-artefacts.ts');
  const { sources, ...verification } = verifyArtefacts(options.artefacts, io.cwd);
  return { ...verification, sources: new Map(sources.map((source) => [source.file, source])) };
}

async function verifyOwn(options: VerifyOptions, io: Io): Promise<Verified> {
  // The files are committed: they are the same in every worktree, whatever runs there.
  const project = await openProject(options, io, 'main');
  const { verifyProject } = await import('../verify-project.ts');
  const program = findHelm(options.helm, io);
  const chart = program === undefined ? [] : await verifyOwnChart(project, program, io);
  const audits = [...(await verifyProject(project)), ...chart];
  const all = joinAudits(audits);
  return {
    ...all,
    targets: audits.map(({ name, environment, comparisons, findings }) => {
      return { name, environment, comparisons, findings: findings.length };
    }),
    notes: program === undefined ? [NO_HELM] : [],
    sources: new Map([
      ...project.sources,
      ...audits.flatMap(({ sources }) => sources).map((source) => [source.file, source] as const),
    ]),
  };
}

async function verifyOwnChart(project: Project, program: HelmProgram, io: Io): Promise<readonly TargetAudit[]> {
  const { readEnvironments } = await import('../read-environments.ts');
  const { verifyChart } = await import('../verify-chart.ts');
  const meshes = readEnvironments(project, io.cwd);
  return verifyChart({ meshes, root: project.root, program }, io);
}
