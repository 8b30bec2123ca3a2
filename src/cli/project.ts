import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { findManifest } from '../manifest/find-manifest.ts';
import { hostSettings } from '../mesh/host-settings.ts';
import { instanceName } from '../mesh/instance.ts';
import type { MeshNode } from '../mesh/mesh.ts';
import { type Selection, selectNodes } from '../mesh/select-nodes.ts';
import { readRegistry, registryFile } from '../workspace/mesh-registry.ts';
import { readPlacement } from '../workspace/placement-file.ts';
import { readRunState } from '../workspace/run-state.ts';
import type { Io } from './io.ts';
import { readKeptProject } from './kept-project.ts';
import type { Project } from './opened-project.ts';
import type { Unnamed } from './place-mesh.ts';
import { placeProject } from './place-project.ts';

export type { Project } from './opened-project.ts';

/** The options that every command about a mesh takes. */
export interface MeshOptions {
  readonly file?: string | undefined;
  readonly project?: string | undefined;
  readonly instance?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * Reading, checking and resolving a manifest takes longer than everything else of a command that changes nothing, so
 * the result is kept as long as what it was made from stays the same.
 *
 * @throws InvalidInput with every problem of the manifest; MeshError when there is none or it cannot be read
 */
export async function openProject(
  options: MeshOptions,
  io: Pick<Io, 'cwd' | 'env' | 'home'>,
  unnamed: Unnamed = 'derived',
): Promise<Project> {
  const environment = options.environment ?? (io.env.MESH_ENVIRONMENT || undefined);
  const project = options.project ?? (io.env.MESH_PROJECT || undefined);
  checkProjectName(project);
  const instance = checkedInstance(
    options.instance ?? (unnamed === 'main' ? undefined : io.env.MESH_INSTANCE || undefined),
  );
  const file = findManifest({ cwd: io.cwd, file: options.file ?? (io.env.MESH_FILE || undefined) });
  const registered = readRegistry(registryFile(io.env, io.home));
  const request = { file, cwd: io.cwd, environment, project, instance, unnamed, registered };
  const resolved = readKeptProject(request) ?? (await import('./read-project.ts')).readProject(request);
  const { root, mesh } = resolved;
  // What is generated for everybody is not about what somebody moved; without containers nothing was.
  const isMoved = unnamed !== 'main' && readRunState(root, mesh.project).engine !== 'process';
  const placement = isMoved ? readPlacement(root, mesh.project) : undefined;
  return placeProject({ ...resolved, unplaced: resolved.mesh }, placement);
}

/** What has to be typed again to reach the same copy of a mesh. */
export function selectingOptions({ project, instance }: MeshOptions): string | undefined {
  if (project !== undefined) return `-p ${project}`;
  return instance === undefined ? undefined : `--instance ${/^[\w.-]+$/.test(instance) ? instance : `'${instance}'`}`;
}

/** Compose's own rule for project names. */
const PROJECT_NAME = /^[a-z0-9][a-z0-9_-]*$/;

function checkProjectName(project: string | undefined): void {
  if (project === undefined || PROJECT_NAME.test(project)) return;
  throw new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `"${project}" is no project name`,
      hint: 'use lower-case letters, digits, dashes and underscores, beginning with a letter or digit',
    },
  ]);
}

/** A branch may be called `feature/x`; its instance is then `feature-x`. */
function checkedInstance(asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined;
  const name = instanceName(asked);
  if (name !== undefined) return name;
  throw new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `"${asked}" is no name of an instance`,
      hint: 'use letters, digits, dashes and underscores',
    },
  ]);
}

/** @throws InvalidInput when a name or profile does not exist */
export function selectWanted(project: Project, selection: Selection): readonly string[] {
  const selected = selectNodes(project.mesh, selection);
  if (selected.value === undefined) throw new InvalidInput(selected.diagnostics, project.sources);
  return selected.value;
}

/** The line of a manifest at a place, without its indent. */
export function lineAt(project: Project, location: Location): string | undefined {
  return project.sources.get(location.file)?.text.split(/\r?\n/)[location.line - 1]?.trim();
}

/** @throws InvalidInput when a node needs a variable that is not set and has no default */
export function checkVariables(project: Project, wanted: readonly string[], env: NodeJS.ProcessEnv): void {
  const nodes = project.mesh.nodes.filter((node) => wanted.includes(node.name));
  const problems = nodes.flatMap((node) => missingVariables(node, env));
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
}

function missingVariables(node: MeshNode, env: NodeJS.ProcessEnv): Diagnostic[] {
  const settings = node.onHost === undefined ? node.env : hostSettings(node);
  return [...settings, ...node.files.map((file) => ({ name: file.path, value: file.content, at: file.at }))].flatMap(
    (setting) =>
      setting.value.flatMap((part): Diagnostic[] => {
        if (part.kind !== 'variable' || part.fallback !== undefined || env[part.name] !== undefined) return [];
        return [
          {
            code: 'MESH1303',
            severity: 'error',
            message: `${node.name}: ${setting.name} needs the environment variable ${part.name}, which is not set`,
            location: setting.at,
            hint: `set it, or write \${env.${part.name}:-default}`,
          },
        ];
      }),
  );
}
