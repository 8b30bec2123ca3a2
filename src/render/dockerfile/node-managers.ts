import type { Build } from '../../mesh/build.ts';
import { CA_SECRET, runStep, trustCa } from './run-step.ts';

export type NodeBuild = Extract<Build, { kind: 'node' }>;

/** How a package manager is called in a Dockerfile. */
interface Manager {
  /** What an install reads beside the package.json files. */
  readonly lockFiles: readonly string[];
  /** Where it keeps what it downloaded. */
  readonly cache: string;
  /** In the order of running; `scope` is the package in its workspace. */
  readonly install: (scope: string | undefined) => readonly string[];
  /** The same without what only development needs. */
  readonly installProduction: (scope: string | undefined) => readonly string[];
  readonly runScript: (script: string, scope: string | undefined) => string;
}

const STORE = '/root/.pnpm-store';

/**
 * Installs are exact: a lock file that does not fit package.json is an error.
 */
const MANAGERS: Readonly<Record<'npm' | 'pnpm' | 'yarn', Manager>> = {
  npm: {
    lockFiles: ['package-lock.json'],
    cache: 'type=cache,id=mesh-npm,target=/root/.npm',
    install: () => ['npm ci --no-audit --no-fund'],
    installProduction: (scope) => [
      `npm ci --omit=dev --no-audit --no-fund${scope === undefined ? '' : ` --workspace ${scope}`}`,
    ],
    runScript: (script, scope) => `npm run ${script}${scope === undefined ? '' : ` --workspace ${scope}`}`,
  },
  pnpm: {
    lockFiles: ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.cjs'],
    cache: `type=cache,id=mesh-pnpm,target=${STORE}`,
    install: () => [`pnpm install --frozen-lockfile --store-dir ${STORE}`],
    installProduction: (scope) => [
      `pnpm install --prod --frozen-lockfile --store-dir ${STORE}${scope === undefined ? '' : ` --filter '{${scope}}...'`}`,
    ],
    // What the package needs of the workspace is built before it.
    runScript: (script, scope) => `pnpm ${scope === undefined ? '' : `--filter '{${scope}}...' `}run ${script}`,
  },
  yarn: {
    lockFiles: ['yarn.lock', '.yarnrc.yml', '.yarnrc'],
    // Yarn 1 does not bear two installs at once there.
    cache: 'type=cache,id=mesh-yarn-cache,target=/root/.yarn-cache,sharing=locked',
    install: () => [
      'if [ -f .yarnrc.yml ]; then yarn install --immutable; else yarn install --frozen-lockfile --non-interactive; fi',
    ],
    installProduction: (scope) => {
      const inside = scope === undefined ? '' : `cd ${scope} && `;
      return [
        `if [ -f .yarnrc.yml ]; then ${inside}yarn workspaces focus --production; else yarn install --production --frozen-lockfile --non-interactive; fi`,
      ];
    },
    runScript: (script, scope) => `${scope === undefined ? '' : `cd ${scope} && `}yarn run ${script}`,
  },
};

const NPMRC_SECRET = 'type=secret,id=npmrc,target=/root/.npmrc';

/** Where Yarn keeps downloads, as it is told; and no Plug'n'Play, which plain `node` does not know. */
const YARN_SETTINGS = 'ENV YARN_CACHE_FOLDER=/root/.yarn-cache YARN_NODE_LINKER=node-modules';

/** What npm has to install to get the manager in the version that package.json names; Yarn 2 has another name there. */
const PACKAGE_OF = {
  pnpm: `(require('./package.json').packageManager ?? 'pnpm').split('+')[0]`,
  yarn: `(([, v]) => v === undefined ? (fs.existsSync('.yarnrc.yml') ? '@yarnpkg/cli-dist' : 'yarn@1') : /^[01][.]/.test(v) ? 'yarn@' + v : '@yarnpkg/cli-dist@' + v)((require('./package.json').packageManager ?? '').split('+')[0].split('@'))`,
} as const;

/** By npm and not by Corepack, which knows neither tokens nor registries without signatures. */
function getManager(manager: 'npm' | 'pnpm' | 'yarn'): string[] {
  if (manager === 'npm') return [];
  const install = `npm install --global --force --no-audit --no-fund "$(node -p "${PACKAGE_OF[manager]}")"`;
  return [registryStep('npm', [install])];
}

function registryStep(manager: 'npm' | 'pnpm' | 'yarn', commands: readonly string[]): string {
  // Yarn 2 takes its registry from no .npmrc.
  const registry =
    'if [ -f .yarnrc.yml ] && ! grep -q npmRegistryServer .yarnrc.yml; then export YARN_NPM_REGISTRY_SERVER="$(npm config get registry)"; fi';
  return runStep(
    [MANAGERS[manager].cache, NPMRC_SECRET, CA_SECRET],
    trustCa('NODE_EXTRA_CA_CERTS'),
    ...(manager === 'yarn' ? [registry] : []),
    ...commands,
  );
}

/** An install would run it, and it would need sources that are not there yet. What is no package stays as it is. */
const REMOVE_PREPARE = `RUN find . -name package.json -exec node -e "for (const file of process.argv.slice(1)) try { const json = JSON.parse(fs.readFileSync(file)); delete json.scripts?.prepare; fs.writeFileSync(file, JSON.stringify(json)); } catch (error) { }" {} +`;

/**
 * The stages of a package that is part of a workspace, or that pnpm or Yarn installs, up to `production` and `build`:
 * what is shipped is installed on its own, since not every manager can take away what only development needs.
 */
export function managedStages(build: NodeBuild, scope: string | undefined): string[] {
  const manager = build.manager ?? 'npm';
  const { lockFiles, install, installProduction, runScript } = MANAGERS[manager];
  const compile = build.script === undefined ? [] : [`RUN ${runScript(build.script, scope)}`];
  // Services that are built by the root of a workspace need the package.json of its members, too.
  const inWorkspace = build.workspace !== undefined;
  return [
    ...(inWorkspace ? collectManifests(lockFiles) : []),
    'FROM base AS manifests',
    ...(manager === 'yarn' ? [YARN_SETTINGS] : []),
    ...(inWorkspace ? ['COPY --from=collected /manifests ./'] : copyManifests(lockFiles)),
    ...getManager(manager),
    '',
    'FROM manifests AS production',
    registryStep(manager, installProduction(scope)),
    '',
    'FROM manifests AS build',
    ...(build.script === undefined ? [] : [registryStep(manager, install(scope))]),
    'COPY . .',
    ...compile,
    "# The final stage has the production stage's.",
    "RUN find . -name node_modules -type d -prune -exec rm -rf '{}' +",
  ];
}

function copyManifests(lockFiles: readonly string[]): string[] {
  return [
    '# Installed before the sources are there, so that a change to them installs nothing anew.',
    `COPY package.json .npmrc* ${lockFiles.map((file) => `${file}*`).join(' ')} ./`,
    REMOVE_PREPARE,
  ];
}

/**
 * A workspace has a package.json in many folders, and a COPY would put them all into one. A stage of its own, since what
 * is copied from one counts by its content: steps behind a mount would run again whenever a source changes.
 */
function collectManifests(lockFiles: readonly string[]): string[] {
  const names = ['package.json', '.npmrc', ...lockFiles].map((name) => `-name ${name}`).join(' -o ');
  const own =
    "-o -path './.yarn/releases/*' -o -path './.yarn/plugins/*' -o -path './.yarn/patches/*' -o -path './patches/*'";
  return [
    'FROM base AS collected',
    '# Only what an install reads, so that a change to the sources installs nothing anew.',
    'WORKDIR /manifests',
    `RUN --mount=type=bind,target=/workspace \\
    cd /workspace && \\
    find . -name node_modules -prune -o -type f \\( ${names} ${own} \\) -print | tar -cf - -T - | tar -xf - -C /manifests`,
    REMOVE_PREPARE,
    '',
  ];
}
