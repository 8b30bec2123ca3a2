// What the Dockerfiles of .NET services cost, against the form that copies everything and publishes: cold, after one line
// of one service, after one line of a shared library. Both in the same run on the same engine, each on a copy of
// test/fixtures/dotnet-mesh. The machine's speed drifts, so only ratios count. Usage: npm run bench:build [-- --rounds 2]
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readClosures } from '../src/cli/read-closures.ts';
import { readManifest } from '../src/manifest/read-manifest.ts';
import type { Mesh, MeshNode } from '../src/mesh/mesh.ts';
import { resolveMesh } from '../src/mesh/resolve.ts';
import { dockerfilePath } from '../src/render/dockerfile/dockerfile-path.ts';
import { renderDockerfiles } from '../src/render/dockerfile/render-dockerfiles.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { markdownTable } from './markdown-table.ts';
import { median } from './median.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' } } });
const ROUNDS = Number(values.rounds);
const FORMS = ['copy all', 'graph'] as const;
type Form = (typeof FORMS)[number];

interface Workspace {
  readonly mesh: Mesh;
  readonly root: string;
}

interface BakeDefinition {
  readonly target: Readonly<Record<string, unknown>>;
}

const STEPS = {
  cold: ['Directory.Build.props', '<!-- cold -->'],
  'one line of a service': ['src/Core/ToskaMesh.Gateway/Program.cs', '// edited'],
  'one line of a shared library': ['src/Shared/ToskaMesh.Common/HealthEndpoints.cs', '// edited'],
  nothing: undefined,
} as const;
type Step = keyof typeof STEPS;

const prefix = `mesh-bench-${randomBytes(3).toString('hex')}`;
const folder = mkdtempSync(path.join(tmpdir(), 'mesh-bench-'));
const loadBefore = loadavg();
const images = new Set<string>();

try {
  main();
} finally {
  removeImages();
  rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  const workspaces = new Map(FORMS.map((form) => [form, prepare(form)]));
  const seconds = new Map<string, number[]>();
  // Fills the cache of packages, which both forms share.
  measure('graph', 'cold', workspaces);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const form of FORMS) {
      for (const step of Object.keys(STEPS) as Step[]) {
        const took = measure(form, step, workspaces);
        process.stderr.write(`round ${round}, ${form}, ${step}: ${took.toFixed(1)} s\n`);
        seconds.set(`${form}, ${step}`, [...(seconds.get(`${form}, ${step}`) ?? []), took]);
      }
    }
  }
  report((form, step) => median(seconds.get(`${form}, ${step}`) ?? []));
}

/** @returns seconds */
function measure(form: Form, step: Step, workspaces: ReadonlyMap<Form, Workspace>): number {
  const workspace = workspaces.get(form);
  if (workspace === undefined) throw new Error(`there is no workspace for ${form}`);
  edit(workspace.root, step);
  const took = bake(definitionOf(form, workspace));
  rememberImages();
  return took;
}

function prepare(form: Form): Workspace {
  const root = path.join(folder, form.replace(' ', '-'));
  cpSync(path.join(ROOT, 'test/fixtures/dotnet-mesh'), root, { recursive: true });
  const read = readManifest({ cwd: root, file: path.join(root, 'mesh.yaml') });
  const mesh = resolveMesh(read).value;
  if (mesh === undefined) throw new Error('the fixture is not valid');
  for (const { path: file, text } of renderDockerfiles(mesh, readClosures({ mesh, file: read.file }).closures)) {
    const name = nodeOfFile(mesh, file);
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), form === 'graph' || name === undefined ? text : copyAll(name));
  }
  return { mesh, root };
}

function nodeOfFile(mesh: Mesh, file: string): MeshNode | undefined {
  const wanted = path.extname(file).slice(1).toLowerCase();
  return mesh.nodes.find((node) => node.name.replaceAll('-', '') === wanted);
}

/** The form that needs no knowledge of references, and can keep nothing when anything changes. */
function copyAll({ build }: MeshNode): string {
  if (build?.kind !== 'dotnet') throw new Error('the fixture has .NET services only');
  const project = `${build.project}/${build.assembly}.csproj`;
  const packages = '--mount=type=cache,id=mesh-nuget,target=/root/.nuget/packages';
  const feed =
    '--mount=type=secret,id=nuget,target=/root/.nuget/NuGet/NuGet.Config --mount=type=secret,id=ca,target=/run/secrets/ca.pem';
  return [
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
  ].join('\n');
}

function definitionOf(form: Form, { root, mesh }: Workspace): BakeDefinition {
  const secret = [
    ['nuget', path.join(homedir(), '.nuget/NuGet/NuGet.Config')] as const,
    ['ca', process.env.NODE_EXTRA_CA_CERTS ?? process.env.SSL_CERT_FILE] as const,
  ]
    .filter(([, file]) => file !== undefined && existsSync(file))
    .map(([id, file]) => `type=file,id=${id},src=${file}`);
  const target = mesh.nodes.flatMap(({ name, build }) => {
    if (build === undefined) return [];
    const dockerfile = path.join(root, dockerfilePath(name, build));
    return [[name, { context: root, dockerfile, tags: [`${prefix}-${form.replace(' ', '-')}-${name}`], secret }]];
  });
  return { target: Object.fromEntries(target) };
}

/** A line that no build has seen yet. */
function edit(root: string, step: Step): void {
  const [file, line] = STEPS[step] ?? [];
  if (file === undefined || line === undefined) return;
  appendFileSync(
    path.join(root, file),
    line.replace(/\w+/, (word) => `${word} ${randomBytes(4).toString('hex')}`),
  );
}

/** @returns seconds */
function bake(definition: BakeDefinition): number {
  const file = path.join(folder, 'bake.json');
  writeFileSync(file, JSON.stringify(definition));
  const begin = performance.now();
  const names = Object.keys(definition.target);
  const args = ['buildx', 'bake', '--file', file, '--progress', 'plain', '--allow', 'fs.read=*', ...names];
  const result = spawnSync('docker', args, { encoding: 'utf8', cwd: folder, maxBuffer: 64 * 2 ** 20 });
  if (result.status !== 0) throw new Error(result.stderr.slice(-4000));
  return (performance.now() - begin) / 1000;
}

function report(of: (form: Form, step: Step) => number): void {
  const ratio = (step: Step) => of('graph', step) / of('copy all', step);
  const rows: readonly (readonly [what: string, value: number, target: number])[] = [
    ['cold', ratio('cold'), 0.4],
    ['one line of a service', ratio('one line of a service'), 0.25],
  ];
  const lines = [
    `# Eight .NET services and five libraries; medians of ${ROUNDS} rounds, packages already in the cache mount`,
    '',
    `${describeMachine()}. Load before: ${describeLoad(loadBefore)}.`,
    '',
    ...markdownTable(
      ['seconds', ...FORMS, 'graph ÷ copy all'],
      (Object.keys(STEPS) as Step[]).map((step) => [
        step,
        ...FORMS.map((form) => of(form, step).toFixed(1)),
        ratio(step).toFixed(2),
      ]),
    ),
    '',
    ...markdownTable(
      ['ratio', 'value', 'target', ''],
      rows.map(([what, value, target]) => [
        what,
        value.toFixed(2),
        `≤ ${target}`,
        value <= target ? 'reached' : 'missed',
      ]),
    ),
    '',
  ];
  console.log(lines.join('\n'));
  mkdirSync(path.join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(path.join(ROOT, 'bench/results/build.md'), lines.join('\n'));
}

/** Each build takes the names from the images of the one before, which would stay without any. */
function rememberImages(): void {
  const args = ['images', '--quiet', '--no-trunc', '--filter', `reference=${prefix}-*`];
  const listed = spawnSync('docker', args, { encoding: 'utf8' }).stdout ?? '';
  for (const id of listed.split('\n').filter(Boolean)) images.add(id);
}

function removeImages(): void {
  if (images.size > 0) spawnSync('docker', ['rmi', '--force', ...images], { stdio: 'ignore' });
}
