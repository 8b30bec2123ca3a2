import { auditCompose, auditKubernetes } from '../audit/audit-target.ts';
import { checkFile, missingFile } from '../audit/check-files.ts';
import { rawStyle } from '../audit/expect/styles.ts';
import type { Audit, Finding } from '../audit/finding.ts';
import { readObjects } from '../audit/kubernetes/objects.ts';
import type { Source } from '../diagnostics/location.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { renderTargets } from './generate-artefacts.ts';
import type { Project } from './project.ts';
import { readTargetFiles, type TargetFiles } from './verify-files.ts';

/** One target that was verified, with the texts that its findings show. */
export interface TargetAudit extends Audit {
  readonly name: string;
  readonly environment: string;
  readonly sources: readonly Source[];
}

/** The compose file and the Kubernetes manifests of a project, each held against the manifest. */
export async function verifyProject(project: Project): Promise<TargetAudit[]> {
  const compose = readTargetFiles(project.root, await renderTargets(project, ['compose']));
  return [verifyCompose(project.mesh, compose), await verifyKubernetes(project)];
}

function verifyCompose(mesh: Mesh, files: TargetFiles): TargetAudit {
  const [source] = files.sources;
  if (source === undefined) throw new Error('the mesh has no compose file');
  const audit = auditCompose(mesh, source, { target: 'compose' });
  return withFiles({ name: 'compose', environment: mesh.environment, sources: files.sources, ...audit }, files);
}

const FOLDER = 'k8s';
const INFRASTRUCTURE = `${FOLDER}/infra/`;

/** The services and the infrastructure are generated, and may be committed, apart. */
async function verifyKubernetes(project: Project): Promise<TargetAudit> {
  const { mesh, root } = project;
  const artefacts = await renderTargets(project, ['k8s', 'infra']);
  const isInfrastructure = (file: string) => file.startsWith(INFRASTRUCTURE) || file.startsWith(`${FOLDER}/local/`);
  const infrastructure = readTargetFiles(
    root,
    artefacts.filter(({ path }) => isInfrastructure(path)),
    INFRASTRUCTURE,
  );
  const services = readTargetFiles(
    root,
    artefacts.filter(({ path }) => !isInfrastructure(path)),
    FOLDER,
  );
  const own = services.sources.filter(({ file }) => !isInfrastructure(file));
  const sources = [...infrastructure.sources, ...own];
  // Only read where it is one: patches of a kustomization have no names of their own.
  const audit = auditKubernetes(mesh, readObjects(sources), { target: 'k8s', style: rawStyle(mesh) });
  const verified = { name: 'k8s', environment: mesh.environment, sources, ...audit };
  return withFiles(withFiles(verified, infrastructure), services);
}

/** What differs in a file although no fact of it does; where one does, it says more than this could. */
function withFiles(audit: TargetAudit, { pairs, missing }: TargetFiles): TargetAudit {
  const blamed = new Set(audit.findings.flatMap(({ places }) => places.map(({ at }) => at.file)));
  const differing = pairs.flatMap(({ rendered, committed }): Finding[] => {
    if (blamed.has(committed.file)) return [];
    const finding = checkFile(audit.name, rendered, committed);
    return finding === undefined ? [] : [finding];
  });
  const gone = blamed.size > 0 ? [] : missing.map((file) => missingFile(audit.name, file));
  return {
    ...audit,
    comparisons: audit.comparisons + pairs.length + gone.length,
    findings: [...audit.findings, ...differing, ...gone],
  };
}
