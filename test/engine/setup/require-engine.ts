import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the engine tests are skipped; empty when they run. */
    skipReason: string;
  }
}

/** Engine tests run when they are asked for (`npm run test:engine`); then a missing engine is a failure, not a skip. */
export function setup(project: TestProject): void {
  const answer = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  const engine = answer.status === 0 ? answer.stdout.trim() : undefined;
  const required = process.env.MESH_REQUIRE_ENGINE !== undefined;
  if (required && engine === undefined)
    throw new Error(`the engine tests need a Docker engine: ${answer.stderr ?? answer.error?.message}`);
  const reason = required
    ? ''
    : engine === undefined
      ? 'no Docker engine answers'
      : 'run them with: npm run test:engine';
  if (reason !== '') process.stderr.write(`engine tests are skipped: ${reason}\n`);
  project.provide('skipReason', reason);
}
