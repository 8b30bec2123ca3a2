import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endGroup, missingDocker } from '../engine/docker/compose-command.ts';
import type { Emit } from '../execute/emit.ts';
import type { BuildOutcome } from '../execute/run-context.ts';
import type { Build, Mesh } from '../mesh/mesh.ts';
import { nodeOf } from '../mesh/mesh.ts';
import type { Clock } from '../time/clock.ts';
import { openTemporaryFolder } from '../workspace/temporary-folder.ts';
import { type BakeDefinition, bakeDefinition } from './bake-definition.ts';
import { type BakeProgress, createBakeProgress } from './bake-progress.ts';
import { findBuildSecrets } from './build-secrets.ts';

export interface BuildOptions {
  readonly mesh: Mesh;
  readonly root: string;
  readonly nodes: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly noCache?: boolean | undefined;
}

/** Builds the images of the nodes with one `docker buildx bake`, and tells which step runs. */
export async function buildImages(options: BuildOptions): Promise<ReadonlyMap<string, BuildOutcome>> {
  const { mesh, nodes, clock } = options;
  const kinds = new Set(
    nodes.flatMap((name): Build['kind'][] => {
      const { build } = nodeOf(mesh, name);
      return build === undefined ? [] : [build.kind];
    }),
  );
  using secrets = await findBuildSecrets(kinds, options.env, options.home, options.signal);
  const definition = bakeDefinition(mesh, nodes, secrets, options.env);
  const progress = createBakeProgress();
  const begin = clock.now();
  const exitCode = await runBake(definition, progress, options);
  const tookMs = Math.round(clock.now() - begin);
  const only = nodes.length === 1 ? '' : undefined;
  return new Map(
    nodes.map((name): [string, BuildOutcome] => [
      name,
      exitCode === 0
        ? { ok: true, tookMs, cached: progress.cached(only ?? name) }
        : describeFailedBuild(name, nodes, progress),
    ]),
  );
}

async function runBake(definition: BakeDefinition, progress: BakeProgress, options: BuildOptions): Promise<number> {
  using folder = openTemporaryFolder('mesh-bake-');
  const file = path.join(folder.path, 'bake.json');
  writeFileSync(file, JSON.stringify(definition), { mode: 0o600 });
  const flags = options.noCache === true ? ['--no-cache'] : [];
  // The definition stands outside the project, so bake asks for leave to read the secrets' files; they are named above.
  const args = [
    'buildx',
    'bake',
    '--file',
    file,
    '--progress',
    'rawjson',
    '--allow',
    'fs.read=*',
    ...flags,
    ...options.nodes,
  ];
  return await new Promise<number>((resolve, reject) => {
    options.signal.throwIfAborted();
    const child = spawn('docker', args, {
      cwd: options.root,
      env: options.env,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const onAbort = () => endGroup(child.pid);
    options.signal.addEventListener('abort', onAbort, { once: true });
    createInterface({ input: child.stderr }).on('line', (line) => tellStep(line, progress, options));
    child.on('error', (error) => reject(missingDocker(error)));
    child.on('close', (code) => {
      options.signal.removeEventListener('abort', onAbort);
      if (options.signal.aborted) reject(options.signal.reason);
      else resolve(code ?? 1);
    });
  });
}

function tellStep(line: string, progress: BakeProgress, options: BuildOptions): void {
  const step = progress.push(line);
  if (step === undefined) return;
  const node = options.nodes.length === 1 ? options.nodes[0] : step.target;
  if (node !== undefined && options.nodes.includes(node))
    options.emit({ type: 'node:building', node, step: step.text });
}

function describeFailedBuild(name: string, nodes: readonly string[], progress: BakeProgress): BuildOutcome {
  const failed = progress.failed();
  const words = progress.words();
  const target = nodes.length === 1 ? name : failed?.target;
  if (target !== undefined && target !== '' && target !== name) {
    return {
      ok: false,
      reason: `not built, because the build of ${target} failed`,
      hint: `mend ${target} first`,
      logs: [],
    };
  }
  const last = words.at(-1)?.replace(/^ERROR: (target \S+: )?(failed to solve: )?/, '');
  const place = words.map((word) => /^(\S*Dockerfile\S*:\d+)$/.exec(word)?.[1]).find((found) => found !== undefined);
  const step = failed === undefined ? '' : `: ${failed.text}`;
  return {
    ok: false,
    reason: `its build failed${place === undefined ? '' : ` at ${place}`}${step}`,
    hint: last === undefined ? 'run it by hand to see more: docker buildx bake' : shorten(last),
    logs: failed === undefined || failed.logs.length === 0 ? words.slice(-20) : failed.logs,
  };
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
