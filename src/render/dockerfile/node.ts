import path from 'node:path/posix';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { execForm } from './exec-form.ts';
import { exposedPorts } from './exposed-ports.ts';
import { imageLabels } from './labels.ts';
import { managedStages, type NodeBuild } from './node-managers.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

const DOWNLOADS = 'type=cache,id=mesh-npm,target=/root/.npm';
const NPMRC_SECRET = 'type=secret,id=npmrc,target=/root/.npmrc';

/**
 * The Dockerfile of a Node.js service. All stages but the last depend on the package alone, so that services which
 * share one are built once.
 */
export function renderNodeDockerfile(mesh: Mesh, node: MeshNode, build: NodeBuild): string {
  const { manager = 'npm', workspace } = build;
  if (manager !== 'npm' || workspace !== undefined) return renderManaged(mesh, node, build);
  const compiled = build.script !== undefined;
  const npmFlags = `${compiled ? '' : ' --omit=dev'} --no-audit --no-fund`;
  return `${[
    ...headLines(build),
    'FROM base AS build',
    '# Installed before the sources are there, so that a change to them installs nothing anew.',
    'COPY package*.json .npmrc* ./',
    '# A prepare script would need those sources, so the install does not see it.',
    runStep(
      [DOWNLOADS, NPMRC_SECRET, CA_SECRET],
      trustCa('NODE_EXTRA_CA_CERTS'),
      'npm pkg delete scripts.prepare',
      // Without a lock file there is nothing to install exactly.
      `if [ -f package-lock.json ]; then npm ci${npmFlags}; else npm install${npmFlags}; fi`,
    ),
    'COPY . .',
    ...(build.script === undefined ? [] : compileStages(build.script)),
    '',
    'FROM base AS final',
    'ENV NODE_ENV=production',
    // Before what differs between services of one package, so that they share the layer too.
    `COPY --from=${compiled ? 'publish' : 'build'} /app .`,
    ...tailLines(mesh, node, build),
  ].join('\n')}\n`;
}

function renderManaged(mesh: Mesh, node: MeshNode, build: NodeBuild): string {
  const inside = path.relative(build.workspace ?? build.context, build.context);
  const scope = build.workspace === undefined || inside === '' ? undefined : inside;
  return `${[
    ...headLines(build),
    ...managedStages(build, scope),
    '',
    'FROM base AS final',
    'ENV NODE_ENV=production',
    ...(scope === undefined ? [] : [`WORKDIR /app/${scope}`]),
    'COPY --from=production /app /app',
    'COPY --from=build /app /app',
    ...tailLines(mesh, node, build),
  ].join('\n')}\n`;
}

function headLines(build: NodeBuild): string[] {
  return [
    `# ${GENERATED_NOTICE}`,
    '# Optional secrets, for a private registry: npmrc (an .npmrc) and ca (a PEM bundle that the registry needs).',
    '',
    `FROM ${build.baseImage} AS base`,
    'WORKDIR /app',
    '',
  ];
}

function tailLines(mesh: Mesh, node: MeshNode, build: NodeBuild): string[] {
  const flags = build.script === undefined ? [] : ['--enable-source-maps'];
  return [
    imageLabels(mesh, node),
    ...exposedPorts(node),
    "# The image's user node, by number, so that Kubernetes can see that it is not root.",
    'USER 1000',
    `CMD ${execForm(['node', ...flags, build.entry])}`,
  ];
}

function compileStages(script: string): string[] {
  return [
    `RUN npm run ${script}`,
    '',
    'FROM build AS publish',
    '# Takes away instead of installing again: what is shipped is what was compiled against.',
    'RUN npm prune --omit=dev --no-audit --no-fund',
  ];
}
