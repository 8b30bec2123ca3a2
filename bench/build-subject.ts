import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { findBuildSecrets } from '../src/build/build-secrets.ts';
import { readManifest } from '../src/manifest/read-manifest.ts';
import type { Mesh, MeshNode } from '../src/mesh/mesh.ts';
import { resolveMesh } from '../src/mesh/resolve.ts';
import { dockerfilePath } from '../src/render/dockerfile/dockerfile-path.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Of what a build takes apart, the files that are edited. Of several, the first that is there. */
export interface BuildSubject {
  readonly name: string;
  /** Relative to the root of this repository. */
  readonly folder: string;
  readonly edits: Readonly<Record<Edit, readonly string[]>>;
}

export type Edit = 'cold' | 'one line of a service' | 'one line of a shared library';

export const SUBJECTS: readonly BuildSubject[] = [
  {
    name: 'eight .NET services and five libraries',
    folder: 'test/fixtures/dotnet-mesh',
    edits: {
      cold: ['Directory.Build.props'],
      'one line of a service': ['src/Core/ToskaMesh.Gateway/Program.cs'],
      'one line of a shared library': ['src/Shared/ToskaMesh.Common/HealthEndpoints.cs'],
    },
  },
  {
    name: 'the reference mesh: eight Node.js services',
    folder: 'examples/toskamesh',
    edits: {
      cold: ['package.json'],
      'one line of a service': ['services/gateway/src/main.ts', 'src/gateway/main.ts'],
      'one line of a shared library': ['shared/src/settings.ts', 'src/shared/settings.ts'],
    },
  },
];

/**
 * `copy all`: Dockerfiles that know nothing of what a service is made from, built by `docker compose build`. The others
 * build the same Dockerfiles, from the same compose file.
 */
export const FORMS = ['copy all', 'docker compose build', 'mesh build'] as const;
export type Form = (typeof FORMS)[number];

/** A copy of a subject that one form builds, and no other one. */
export interface Workspace {
  readonly edit: (edit: Edit) => void;
  /** A whole process, as it is typed. */
  readonly build: () => Promise<void>;
}

/** Made here, or never an input. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.mesh', 'compose', 'dockerfiles', 'k8s', 'helm', 'bin', 'obj']);

/** @param prefix begins the names of all images */
export async function openWorkspace(
  subject: BuildSubject,
  form: Form,
  { prefix, folder: top }: { readonly prefix: string; readonly folder: string },
): Promise<Workspace> {
  const project = `${prefix}-${SUBJECTS.indexOf(subject)}-${FORMS.indexOf(form)}`;
  const folder = path.join(top, project);
  const filter = (file: string) => !LEFT_OUT.has(path.basename(file));
  cpSync(path.join(ROOT, subject.folder), folder, { recursive: true, filter });
  const mesh = renameImages(folder, project);
  await run(process.execPath, [path.join(ROOT, 'bin/mesh.js'), 'generate', 'compose', 'dockerfiles'], { cwd: folder });
  if (form === 'copy all') for (const node of mesh.nodes) copyEverything(folder, node);
  const edit = (what: Edit) => editFile(folder, subject.edits[what]);
  if (form === 'mesh build') {
    const build = () => run(process.execPath, [path.join(ROOT, 'bin/mesh.js'), 'build'], { cwd: folder });
    return { edit, build };
  }
  const { env, args } = await composeCommand(folder, mesh);
  return { edit, build: () => run('docker', args, { cwd: folder, env }) };
}

/** The same manifest with images of its own. */
function renameImages(folder: string, project: string): Mesh {
  const base = path.join(folder, 'base.yaml');
  renameSync(path.join(folder, 'mesh.yaml'), base);
  const built = readMesh(folder, base).nodes.filter(({ build }) => build !== undefined);
  const services = Object.fromEntries(built.map(({ name }) => [name, { image: `${project}-${name}` }]));
  const file = path.join(folder, 'mesh.yaml');
  writeFileSync(file, stringify({ extends: './base.yaml', name: project, services }));
  return readMesh(folder, file);
}

function readMesh(cwd: string, file: string): Mesh {
  const mesh = resolveMesh(readManifest({ cwd, file })).value;
  if (mesh === undefined) throw new Error(`${file} is not valid`);
  return mesh;
}

/** The form that needs no knowledge of references, and can keep nothing when anything changes. */
function copyEverything(folder: string, { name, build }: MeshNode): void {
  if (build === undefined) return;
  const file = path.join(folder, dockerfilePath(name, build));
  const text = readFileSync(file, 'utf8');
  const first = /^COPY /m;
  if (!first.test(text)) throw new Error(`${file} copies nothing`);
  if (build.kind !== 'dotnet') {
    writeFileSync(file, text.replace(first, 'COPY . .\nCOPY '));
    return;
  }
  const project = `${build.project}/${build.assembly}.csproj`;
  const packages = '--mount=type=cache,id=mesh-nuget,target=/root/.nuget/packages';
  const feed =
    '--mount=type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config --mount=type=secret,id=ca,target=/run/secrets/ca.pem';
  const lines = [
    `FROM ${build.runtimeImage} AS base`,
    'WORKDIR /app',
    `FROM ${build.sdkImage} AS build`,
    'WORKDIR /src',
    'COPY . .',
    // Without it, restores that run side by side break each other's downloads.
    'ENV NUGET_SCRATCH=/root/.nuget/packages/.scratch',
    `RUN ${packages} ${feed} \\`,
    '    if [ -f /run/secrets/ca.pem ]; then export SSL_CERT_FILE=/run/secrets/ca.pem; fi && \\',
    `    dotnet restore ${project}`,
    'FROM build AS publish',
    `RUN ${packages} dotnet publish ${project} -c Release --no-restore -o /app/publish /p:UseAppHost=false /p:ErrorOnDuplicatePublishOutputFiles=false`,
    'FROM base AS final',
    'COPY --from=publish /app/publish .',
    `ENTRYPOINT ["dotnet", "${build.assembly}.dll"]`,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
}

/** The compose file that mesh writes, with what this machine knows of registries, which mesh hands over by itself. */
async function composeCommand(folder: string, mesh: Mesh): Promise<{ env: NodeJS.ProcessEnv; args: string[] }> {
  const built = mesh.nodes.flatMap(({ name, build }) => (build === undefined ? [] : [{ name, build }]));
  const found = await findBuildSecrets({
    mesh,
    nodes: built.map(({ name }) => name),
    env: process.env,
    home: homedir(),
    signal: new AbortController().signal,
    secret: (name) => name,
  });
  const idsOf = ({ build }: (typeof built)[number]) => found.of(build).map(({ id }) => id);
  const all = built.flatMap(({ build }) => found.of(build));
  const override = {
    services: Object.fromEntries(built.map((node) => [node.name, { build: { secrets: idsOf(node) } }])),
    secrets: Object.fromEntries(
      all.map(({ id, from }) => [id, from.kind === 'file' ? { file: from.path } : { environment: from.name }]),
    ),
  };
  const file = path.join(folder, 'compose', 'build-secrets.yml');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, stringify(override, { aliasDuplicateObjects: false }));
  const files = ['--file', 'compose/docker-compose.yml', '--file', file];
  return { env: found.env, args: ['compose', ...files, 'build'] };
}

/** A line that no build has seen yet. */
function editFile(folder: string, candidates: readonly string[]): void {
  const file = candidates.map((name) => path.join(folder, name)).find((name) => existsSync(name));
  if (file === undefined) throw new Error(`there is none of ${candidates.join(', ')}: name the file that is edited`);
  const word = randomBytes(4).toString('hex');
  if (file.endsWith('.json')) {
    const content = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, `${JSON.stringify({ ...content, description: word }, null, 2)}\n`);
  } else appendFileSync(file, file.endsWith('.props') ? `<!-- ${word} -->\n` : `// ${word}\n`);
}

async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  await execa(command, args, { cwd, env: { ...env, MESH_STATE_DIR: path.join(cwd, '.state') }, all: true });
}
