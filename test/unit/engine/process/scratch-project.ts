import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { EngineEvent } from '../../../../src/engine/engine.ts';
import { createProcessEngine, type ProcessEngine } from '../../../../src/engine/process/create-process-engine.ts';
import { findAvailable } from '../../../../src/engine/process/find-available.ts';
import { pathsIn, projectPaths } from '../../../../src/engine/process/state/project-paths.ts';
import { readLock } from '../../../../src/engine/process/supervisor/lock.ts';
import type { Mesh } from '../../../../src/mesh/mesh.ts';
import type { Instance } from '../../../../src/plan/observed.ts';
import { systemClock } from '../../../../src/time/clock.ts';
import { until } from '../../../../src/time/until.ts';
import { meshOf } from './mesh-of.ts';

/** A project folder of its own, with an engine; all that it started ends with it. */
export interface ScratchProject extends AsyncDisposable {
  readonly root: string;
  readonly engine: ProcessEngine;
  readonly mesh: Mesh;
  readonly events: readonly EngineEvent[];
  /** Another command on the same project. */
  openEngine(): ProcessEngine;
  /** Creates and starts all nodes, in their order. */
  up(engine?: ProcessEngine): Promise<void>;
  instance(node: string): Promise<Instance>;
  lines(node: string): Promise<string[]>;
  supervisorPid(): number | undefined;
  /** Waits for an answer, at most ten seconds. */
  eventually<T>(ask: () => Promise<T | undefined>): Promise<T>;
}

export const NEVER = new AbortController().signal;

export async function openScratchProject(
  manifest: string,
  files: Readonly<Record<string, string>>,
  under = 'mesh-',
): Promise<ScratchProject> {
  const mesh = meshOf(manifest);
  const root = mkdtempSync(path.join(tmpdir(), under));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  const supervisorEntry = bundleSupervisor(root);
  const available = findAvailable();
  const engines: ProcessEngine[] = [];
  const openEngine = () => {
    const secrets = (name: string) => `the ${name}`;
    const engine = createProcessEngine({
      root,
      mesh,
      available,
      secrets,
      variables: () => undefined,
      clock: systemClock,
      supervisorEntry,
    });
    engines.push(engine);
    return engine;
  };
  const engine = openEngine();
  const events: EngineEvent[] = [];
  const watching = new AbortController();
  const paths = projectPaths(root, mesh.project);
  const observe = async () => (await engine.observe(mesh.project, [])).instances;
  const instance = async (node: string) => {
    const found = (await observe()).find((candidate) => candidate.node === node);
    if (found === undefined) throw new Error(`there is no instance of ${node}`);
    return found;
  };
  return {
    root,
    engine,
    mesh,
    events,
    openEngine,
    instance,
    async up(by = engine) {
      if (!watching.signal.aborted && events.length === 0)
        await engine.watch(mesh.project, (event) => events.push(event), watching.signal);
      await by.converge({ mesh, nodes: mesh.nodes.map((node) => node.name), anew: [], remove: [] }, NEVER);
      for (const node of mesh.nodes) {
        for (const candidate of await observe())
          if (candidate.node === node.name) await by.start(candidate, mesh, NEVER);
      }
    },
    async lines(node) {
      const lines: string[] = [];
      await engine.logs(
        { project: mesh.project, nodes: [node], follow: false },
        (line) => lines.push(line.text),
        NEVER,
      );
      return lines;
    },
    supervisorPid: () => readLock(paths.lock)?.pid,
    eventually: (ask) =>
      until(ask, { clock: systemClock, backoff: { firstMs: 10, factor: 1.2, maxMs: 100 }, withinMs: 10_000 }),
    async [Symbol.asyncDispose]() {
      watching.abort();
      await engine.removeProject(mesh.project, { volumes: true });
      for (const open of engines) open.close();
      rmSync(root, { recursive: true });
      if (existsSync(pathsIn(paths.folder).socket)) throw new Error('a socket was left behind');
    },
  };
}

/** Once compiled it starts as fast as it does for users. */
export function bundleSupervisor(folder: string): string {
  const outfile = path.join(folder, 'supervisor.mjs');
  const entry = path.resolve(import.meta.dirname, '../../../../src/engine/process/supervisor/main.ts');
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}
