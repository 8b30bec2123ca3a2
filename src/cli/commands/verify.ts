import { joinAudits, sortFindings } from '../../audit/finding.ts';
import type { Source } from '../../diagnostics/location.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { renderVerification, type Verification, verificationJson } from '../../report/verify-report.ts';
import { columnsOf, stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { type MeshOptions, openProject } from '../project.ts';

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
  const { verifyChart } = await import('../verify-chart.ts');
  const meshes = { dev: project.mesh, prod: await productionOf(options, io) };
  const [own, chart] = await Promise.all([
    verifyProject(project),
    verifyChart({ meshes, root: project.root, helm: options.helm }, io),
  ]);
  const audits = [...own, ...chart.audits];
  const all = joinAudits(audits);
  return {
    ...all,
    targets: audits.map(({ name, environment, comparisons, findings }) => {
      return { name, environment, comparisons, findings: findings.length };
    }),
    notes: chart.notes,
    sources: new Map([
      ...project.sources,
      ...audits.flatMap(({ sources }) => sources).map((source) => [source.file, source] as const),
    ]),
  };
}

const PRODUCTION = 'prod';

/** The model of production, where the manifest declares it. */
async function productionOf(options: VerifyOptions, io: Io): Promise<Mesh | undefined> {
  try {
    return (await openProject({ ...options, environment: PRODUCTION }, io, 'main')).mesh;
  } catch (error) {
    if (error instanceof InvalidInput && error.diagnostics.every(({ code }) => code === 'MESH1208')) return undefined;
    throw error;
  }
}
