import { existsSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../../../diagnostics/mesh-error.ts';
import type { Build } from '../../../mesh/build.ts';
import type { MeshNode } from '../../../mesh/mesh.ts';
import { readJson, writeJson } from '../state/state-file.ts';
import { type BuildRecord, type BuildState, buildKey, buildState } from './build-steps.ts';
import { runBuildStep } from './run-build-step.ts';

export interface HostBuilds {
  /**
   * What the program of a node is made from, as an image id would say it; nothing when it has to be built first.
   * Nodes without a build are always there.
   */
  imageId(node: MeshNode): string | undefined;
  /**
   * Builds what is missing or older than its inputs; nodes that share a build share its one run.
   *
   * @throws MeshError MESH2005 without sources, MESH3006 when a step fails
   */
  build(node: MeshNode, onStep: (text: string) => void, signal: AbortSignal): Promise<void>;
}

export interface HostBuildOptions {
  readonly root: string;
  /** Where it is remembered what was built. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The id of what needs no build. */
export const READY_MADE = 'host';

export function createHostBuilds({ root, file, env }: HostBuildOptions): HostBuilds {
  const running = new Map<string, Promise<void>>();
  // One dotnet build at a time: they share projects, whose results they would write over each other.
  let lastDotnet: Promise<unknown> = Promise.resolve();

  const stateOf = (build: Build): BuildState => buildState(build, root, readRecord(file)[buildKey(build)] ?? {});

  const perform = async (node: MeshNode, build: Build, onStep: (text: string) => void, signal: AbortSignal) => {
    requireSources(node, build, root);
    for (const step of stateOf(build).steps) {
      onStep(step.argv.slice(0, 3).join(' '));
      await runBuildStep(step, { node: node.name, env, onStep, signal });
      const records = readRecord(file);
      writeJson(file, { ...records, [buildKey(build)]: { ...records[buildKey(build)], ...step.done } });
    }
  };

  const once = (build: Build, run: () => Promise<void>): Promise<void> => {
    const key = buildKey(build);
    const shared = running.get(key);
    if (shared !== undefined) return shared;
    const before = build.kind === 'dotnet' ? lastDotnet : Promise.resolve();
    const own = before
      .catch(() => {})
      .then(run)
      .finally(() => running.delete(key));
    if (build.kind === 'dotnet') lastDotnet = own;
    running.set(key, own);
    return own;
  };

  return {
    imageId({ build }) {
      if (build === undefined || build.kind === 'dockerfile') return READY_MADE;
      const { steps, inputs } = stateOf(build);
      return steps.length > 0 ? undefined : inputs;
    },
    async build(node, onStep, signal) {
      const { build } = node;
      if (build === undefined || build.kind === 'dockerfile') return;
      await once(build, () => perform(node, build, onStep, signal));
      requireResult(node, build, root);
    },
  };
}

function requireSources(node: MeshNode, build: Build, root: string): void {
  const wanted =
    build.kind === 'node' ? path.join(build.context, 'package.json') : build.kind === 'dotnet' ? build.project : '.';
  if (existsSync(path.resolve(root, wanted))) return;
  throw new MeshError(`${node.name} is built from ${wanted}, which does not exist`, {
    code: 'MESH2005',
    location: node.at,
    hint: `mend the \`build\` of ${node.name}, or run from a checkout that has the sources`,
  });
}

/** A build that succeeds and yet lacks the program would show as a service that crashes for ever. */
function requireResult(node: MeshNode, build: Build, root: string): void {
  if (build.kind !== 'node' || existsSync(path.resolve(root, build.context, build.entry))) return;
  throw new MeshError(`${node.name}: the build made no ${path.join(build.context, build.entry)}`, {
    code: 'MESH3006',
    location: node.at,
    hint: 'mend `build.entry`, or the script that should make it',
  });
}

function readRecord(file: string): Record<string, BuildRecord> {
  const value = readJson(file);
  return typeof value === 'object' && value !== null ? (value as Record<string, BuildRecord>) : {};
}
