import type { Build, Mesh, MeshNode } from '../../mesh/mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { execForm } from './exec-form.ts';
import { exposedPorts } from './exposed-ports.ts';
import { imageLabels } from './labels.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

export type NodeBuild = Extract<Build, { kind: 'node' }>;

const DOWNLOADS = 'type=cache,id=mesh-npm,target=/root/.npm';
const NPMRC_SECRET = 'type=secret,id=npmrc,target=/root/.npmrc';

/**
 * The Dockerfile of a Node.js service. All stages but the last depend on the package alone, so that services which
 * share one are built once.
 */
export function renderNodeDockerfile(mesh: Mesh, node: MeshNode, build: NodeBuild): string {
  const compiled = build.script !== undefined;
  const npmFlags = `${compiled ? '' : ' --omit=dev'} --no-audit --no-fund`;
  const flags = compiled ? ['--enable-source-maps'] : [];
  return `${[
    `# ${GENERATED_NOTICE}`,
    '# Optional secrets, for a private registry: npmrc (an .npmrc) and ca (a PEM bundle that the registry needs).',
    '',
    `FROM ${build.baseImage} AS base`,
    'WORKDIR /app',
    '',
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
    imageLabels(mesh, node),
    ...exposedPorts(node),
    "# The image's user node, by number, so that Kubernetes can see that it is not root.",
    'USER 1000',
    `CMD ${execForm(['node', ...flags, build.entry])}`,
  ].join('\n')}\n`;
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
