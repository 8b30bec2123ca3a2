import path from 'node:path';
import { type Answers, stillAnswer } from '../dotnet/workspace-files.ts';
import { isCommitted } from '../mesh/compose-file.ts';
import { type ArtefactFile, digest } from '../workspace/artefact-files.ts';
import { openStateFolder, readFileIfThere, readState, STATE_FOLDER, writeCache } from '../workspace/state-folder.ts';
import type { Project } from './project.ts';

/** Which files a mesh gave, with digests of their texts. */
interface KeptArtefacts {
  readonly key: string;
  readonly digests: Readonly<Record<string, string>>;
  /** What the project files said that the Dockerfiles were made from. */
  readonly answers: Answers;
}

/** What was asked for, such as `compose dockerfiles`, → what it gave. */
type KeptByTargets = Readonly<Record<string, KeptArtefacts>>;

/** How many files the mesh gives, when all of them stand on disk as they should; then none has to be rendered. */
export function countCurrentArtefacts(project: Project, targets: readonly string[]): number | undefined {
  const kept = readKept(project)[targets.join(' ')];
  if (kept === undefined || project.key === '' || kept.key !== project.key) return undefined;
  const files = Object.entries(kept.digests);
  const current = files.every(([file, wanted]) => {
    const text = readFileIfThere(path.join(project.root, file));
    return text !== undefined && digest(text) === wanted;
  });
  return current && stillAnswer(kept.answers) ? files.length : undefined;
}

export function keepArtefacts(
  project: Project,
  targets: readonly string[],
  files: readonly ArtefactFile[],
  answers: Answers,
): void {
  const digests = Object.fromEntries(files.map(({ artefact }) => [artefact.path, digest(artefact.text)]));
  writeCache(path.join(openStateFolder(project.root), fileOf(project)), {
    ...readKept(project),
    [targets.join(' ')]: { key: project.key, digests, answers },
  } satisfies KeptByTargets);
}

function readKept(project: Project): KeptByTargets {
  return readState(path.join(project.root, STATE_FOLDER, fileOf(project)), isKeptByTargets) ?? {};
}

/** One for each copy: two in one folder would else take turns in forgetting what the other one rendered. */
function fileOf({ mesh }: Project): string {
  return isCommitted(mesh) ? 'rendered.json' : `rendered-${mesh.project}.json`;
}

function isKeptByTargets(value: unknown): value is KeptByTargets {
  return typeof value === 'object' && value !== null && Object.values(value).every(isKept);
}

function isKept(value: unknown): value is KeptArtefacts {
  return typeof value === 'object' && value !== null && 'key' in value && 'digests' in value && 'answers' in value;
}
