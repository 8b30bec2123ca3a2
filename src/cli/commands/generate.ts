import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { Artefact } from '../../mesh/artefact.ts';
import { isCommitted } from '../../mesh/compose-file.ts';
import { type ArtefactFile, compareArtefacts } from '../../workspace/artefact-files.ts';
import { loadSecrets } from '../../workspace/secrets-file.ts';
import {
  generateFiles,
  renderFilled,
  renderTargets,
  TARGETS,
  TARGETS_OF_UP,
  TARGETS_WITH_SECRETS,
  type Target,
} from '../generate-artefacts.ts';
import type { Io } from '../io.ts';
import { checkVariables, type MeshOptions, openProject, type Project } from '../project.ts';

export interface GenerateOptions extends MeshOptions {
  readonly targets: readonly string[];
  readonly check?: boolean;
  readonly stdout?: boolean;
  /** Fills the values of secrets and variables in; only on stdout, since files are committed. */
  readonly secrets?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function generate(options: GenerateOptions, io: Io): Promise<number> {
  const asked = checkTargets(options.targets);
  if (options.secrets === true) checkSecretsUse(asked, options);
  // The files are committed: they are the same in every worktree, unless one asks for those of an instance.
  const project = await openProject(options, io, 'main');
  if (options.secrets === true) return printFilled(project, asked, io);
  const targets = asked.length > 0 ? asked : targetsOf(project);
  if (options.stdout === true) return print(await renderTargets(project, targets), io);
  if (options.check === true) return check(project, targets, options.json === true, io);
  // Made with the files that refer to them, so that `docker compose up` on the result works at once.
  const { written, removed, unchanged } = await generateFiles(project, { targets, force: options.force === true });
  loadSecrets(project.root, project.mesh, io.env);
  if (options.json === true) io.stdout.write(`${JSON.stringify({ v: 1, written, removed, unchanged })}\n`);
  else
    io.stdout.write(
      [
        `wrote ${written.length}, unchanged ${unchanged}${removed.length > 0 ? `, removed ${removed.length}` : ''}`,
        ...written.map((path) => `  ${path}`),
        ...removed.map((path) => `  removed ${path}`),
        '',
      ].join('\n'),
    );
  return 0;
}

/** A copy of the mesh on this machine has a compose file of its own; what is deployed is the same for all copies. */
function targetsOf(project: Project): readonly Target[] {
  return isCommitted(project.mesh) ? TARGETS : TARGETS_OF_UP;
}

function checkTargets(names: readonly string[]): readonly Target[] {
  const unknown = names.filter((name) => !(TARGETS as readonly string[]).includes(name));
  if (unknown.length === 0) return names as readonly Target[];
  throw new InvalidInput(
    unknown.map((name) => ({
      code: 'MESH1501',
      severity: 'error',
      message: `there is no target "${name}"`,
      hint: didYouMean(name, TARGETS) ?? `there are: ${TARGETS.join(', ')}`,
    })),
  );
}

/** @throws InvalidInput where values of secrets would be written to files, or to files that have other means for them */
function checkSecretsUse(targets: readonly Target[], options: GenerateOptions): void {
  const message =
    options.stdout !== true
      ? '--secrets prints the values of secrets, which no generated file may hold; it goes with --stdout only'
      : targets.length === 0 || targets.some((target) => !TARGETS_WITH_SECRETS.includes(target))
        ? `--secrets is about ${TARGETS_WITH_SECRETS.join(' and ')} only: Compose reads .mesh/secrets.env itself`
        : undefined;
  if (message === undefined) return;
  const hint = 'mesh generate k8s infra --secrets --stdout | kubectl apply -f -';
  throw new InvalidInput([{ code: 'MESH1501', severity: 'error', message, hint }]);
}

function print(artefacts: readonly Artefact[], io: Io): number {
  for (const { path, text } of artefacts) {
    // The comment is one in YAML, Dockerfiles and ignore files alike.
    io.stdout.write(artefacts.length > 1 ? `# ==> ${path}\n${text}` : text);
  }
  return 0;
}

/** One stream of objects for `kubectl apply -f -`. */
async function printFilled(project: Project, targets: readonly Target[], io: Io): Promise<number> {
  const deployed = project.mesh.nodes.filter((node) => node.profiles.length === 0).map((node) => node.name);
  checkVariables(project, deployed, io.env);
  const { values } = loadSecrets(project.root, project.mesh, io.env);
  for (const text of await renderFilled(project.mesh, targets, { secrets: values, variables: io.env }))
    io.stdout.write(`---\n${text}`);
  return 0;
}

async function check(project: Project, targets: readonly Target[], json: boolean, io: Io): Promise<number> {
  const differing = compareArtefacts(project.root, await renderTargets(project, targets)).filter(
    (file) => file.state !== 'current',
  );
  if (json) {
    const files = differing.map((file) => ({ path: file.artefact.path, state: file.state }));
    io.stdout.write(`${JSON.stringify({ v: 1, ok: differing.length === 0, differing: files })}\n`);
  } else if (differing.length === 0) io.stdout.write('generated files are up to date\n');
  else tellDifferences(differing, io);
  return differing.length === 0 ? 0 : 1;
}

function tellDifferences(files: readonly ArtefactFile[], io: Io): void {
  for (const { artefact, onDisk, state } of files) {
    const from = state === 'missing' ? '/dev/null' : artefact.path;
    io.stdout.write(
      createTwoFilesPatch(
        from,
        state === 'abandoned' ? '/dev/null' : artefact.path,
        onDisk,
        artefact.text,
        undefined,
        undefined,
        {
          headerOptions: FILE_HEADERS_ONLY,
        },
      ),
    );
  }
  const count = files.length === 1 ? '1 file differs' : `${files.length} files differ`;
  const edited = files.some((file) => file.state === 'edited')
    ? ' (some were edited by hand: --force overwrites them)'
    : '';
  io.stderr.write(`${count} from what the manifest gives; run: mesh generate${edited}\n`);
}
