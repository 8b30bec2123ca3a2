import { type Build, buildContext } from '../../mesh/build.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';

type MeshBuild = Exclude<Build, { kind: 'dockerfile' }>;

const NEVER_INPUT = [
  '.git',
  '.gitignore',
  '.github',
  '.vs',
  '.vscode',
  '.idea',
  '*.md',
  'Dockerfile*',
  '**/.dockerignore',
  '**/node_modules',
] as const;

const SECRETS = ['.mesh', '**/.env', '**/.env.*', '**/secrets.env'] as const;

// At the project root; in the folder of one package, such a name is the package's own.
const WRITTEN_BY_MESH = ['mesh*.yaml', 'compose', 'dockerfiles', 'k8s', 'helm'] as const;

/** What the build of a service must neither see nor be invalidated by. */
export function renderDockerignore(build: MeshBuild): string {
  return `${[
    `# ${GENERATED_NOTICE}`,
    '# Never an input of the build: a change here builds nothing anew.',
    ...NEVER_INPUT,
    ...(buildContext(build) === '.' ? WRITTEN_BY_MESH : []),
    '# Never in an image.',
    ...SECRETS,
    ...outputs(build),
  ].join('\n')}\n`;
}

function outputs(build: MeshBuild): string[] {
  if (build.kind === 'dotnet')
    return ['# Made by builds on this machine, for this machine.', '**/bin', '**/obj', '**/TestResults'];
  // Without a build script, a dist folder is a source like any other.
  if (build.script === undefined) return [];
  return ['# Made by builds on this machine, for this machine.', '**/dist', '**/*.tsbuildinfo', '**/coverage'];
}
