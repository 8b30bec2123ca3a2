import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What BuildKit itself said of the builds of a program that was run with this environment. */
export interface BuildLog extends Disposable {
  readonly env: NodeJS.ProcessEnv;
  /** The steps that ran since the last call, and did not come from the cache. */
  readonly take: () => string[];
}

interface Progress {
  readonly vertexes?: readonly { digest: string; name: string; completed?: string; cached?: boolean }[];
}

/** A `docker` before the real one, which keeps what BuildKit reports while it hands it on. */
export function openBuildLog(): BuildLog {
  const folder = mkdtempSync(path.join(tmpdir(), 'mesh-build-log-'));
  const log = path.join(folder, 'progress.jsonl');
  const real = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
  const script = path.join(folder, 'docker');
  writeFileSync(script, `#!/bin/bash\n"${real}" "$@" 2> >(tee -a "${log}" >&2)\n`);
  chmodSync(script, 0o755);
  return {
    env: { PATH: `${folder}${path.delimiter}${process.env.PATH}` },
    take: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
      rmSync(log, { force: true });
      const steps = new Map<string, { name: string; isCached: boolean; ran: boolean }>();
      for (const line of lines.filter((candidate) => candidate.startsWith('{'))) {
        // A step that turns out to be cached may be reported as begun before, and as fetched from a cache after that.
        for (const { digest, name, completed, cached } of (JSON.parse(line) as Progress).vertexes ?? []) {
          const isCached = cached === true || steps.get(digest)?.isCached === true;
          steps.set(digest, { name, isCached, ran: completed !== undefined && !isCached });
        }
      }
      return [...steps.values()].filter(({ ran }) => ran).map(({ name }) => name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
