import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Build } from '../../../mesh/build.ts';
import { readJson } from '../state/state-file.ts';
import { digestInputs, stampOf } from './build-inputs.ts';

/** What was built last, and from what. */
export interface BuildRecord {
  readonly installed?: string | undefined;
  readonly built?: string | undefined;
}

/** One command of a build. */
export interface BuildStep {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What is true of the build once it has succeeded. */
  readonly done: BuildRecord;
}

/** What has to be run, and the name of what is there once it was. */
export interface BuildState {
  readonly steps: readonly BuildStep[];
  /** Changes with whatever the build reads. */
  readonly inputs: string;
}

/** Services that share these share one build. */
export function buildKey(build: Build): string {
  switch (build.kind) {
    case 'node':
      return `node ${build.context} ${build.script ?? ''}`;
    case 'dotnet':
      return `dotnet ${build.project}`;
    case 'dockerfile':
      return `dockerfile ${build.dockerfile}`;
  }
}

/** Compares what is there with what was last built. */
export function buildState(build: Build, root: string, last: BuildRecord): BuildState {
  switch (build.kind) {
    case 'node':
      return nodeState(build, root, last);
    case 'dotnet':
      return dotnetState(build, root, last);
    case 'dockerfile':
      return { steps: [], inputs: 'none' };
  }
}

const LOCK_FILES = { npm: 'package-lock.json', pnpm: 'pnpm-lock.yaml', yarn: 'yarn.lock' } as const;

function installCommand(manager: keyof typeof LOCK_FILES, locked: boolean): string[] {
  if (manager === 'npm') return ['npm', locked ? 'ci' : 'install', '--no-audit', '--no-fund'];
  return [manager, 'install', ...(locked ? ['--frozen-lockfile'] : [])];
}

/** In a workspace, all of its packages are installed at once, and any of their sources may be in what is compiled. */
function nodeState(build: Extract<Build, { kind: 'node' }>, root: string, last: BuildRecord): BuildState {
  const { manager = 'npm', workspace } = build;
  const context = path.resolve(root, build.context);
  const top = path.resolve(root, workspace ?? build.context);
  const lock = path.join(top, LOCK_FILES[manager]);
  const locked = existsSync(lock);
  const packages = stampOf(locked ? lock : path.join(top, 'package.json'));
  const steps: BuildStep[] = [];
  const hasPackages = existsSync(path.join(top, 'node_modules'));
  const wasInstalled = last.installed === undefined ? hasPackages : last.installed === packages;
  if ((needsPackages(context) || needsPackages(top)) && (!hasPackages || !wasInstalled)) {
    steps.push({ argv: installCommand(manager, locked), cwd: top, done: { installed: packages } });
  }
  const results = build.script === undefined ? [] : resultFolder(build.entry);
  const inputs = digestInputs(top, workspace === undefined ? { results } : { resultsAnywhere: results });
  const isBuilt = existsSync(path.join(context, build.entry)) && last.built === inputs;
  if (build.script !== undefined && (!isBuilt || steps.length > 0)) {
    const done = { installed: packages, built: inputs };
    steps.push({ argv: [manager, 'run', build.script], cwd: context, done });
  }
  return { steps, inputs };
}

/** npm makes no folder for a package without dependencies, so that one would seem never installed. */
function needsPackages(context: string): boolean {
  const value = readJson(path.join(context, 'package.json'));
  if (typeof value !== 'object' || value === null) return false;
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'];
  return Object.entries(value).some(([key, listed]) => kinds.includes(key) && Object.keys(listed ?? {}).length > 0);
}

/** `dist/gateway/main.js` → `dist`. */
function resultFolder(entry: string): string[] {
  const [first, ...rest] = path.posix.normalize(entry).split('/');
  return first === undefined || rest.length === 0 ? [] : [first];
}

function dotnetState(build: Extract<Build, { kind: 'dotnet' }>, root: string, last: BuildRecord): BuildState {
  const project = path.resolve(root, build.project);
  const inputs = digestInputs(path.resolve(root, build.context), { resultsAnywhere: ['bin', 'obj'] });
  const isBuilt = existsSync(path.join(project, 'bin', 'Release')) && last.built === inputs;
  const argv = ['dotnet', 'build', '-c', 'Release', '--nologo', '-v', 'quiet', project];
  return { steps: isBuilt ? [] : [{ argv, cwd: project, done: { built: inputs } }], inputs };
}
