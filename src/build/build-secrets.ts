import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Build } from '../mesh/mesh.ts';
import { openTemporaryFolder } from '../workspace/temporary-folder.ts';
import type { BuildSecret, BuildSecrets } from './bake-definition.ts';

export interface FoundSecrets extends BuildSecrets, Disposable {}

const PUBLIC_NPM = 'https://registry.npmjs.org/';

/**
 * What this machine's package managers know and a build needs too: the npm registry with its credentials, NuGet's
 * feeds, and a certificate authority that only this machine trusts. Handed over as BuildKit secrets, so that they end
 * up in no layer. On a machine with none of these, there are none.
 */
export async function findBuildSecrets(
  kinds: ReadonlySet<Build['kind']>,
  env: NodeJS.ProcessEnv,
  home: string,
  signal: AbortSignal,
): Promise<FoundSecrets> {
  const folder = openTemporaryFolder('mesh-build-');
  const ca = existing('ca', env.NODE_EXTRA_CA_CERTS ?? env.SSL_CERT_FILE);
  const npm = kinds.has('node') ? await npmSettings(folder.path, env, home, signal) : [];
  const nuget = kinds.has('dotnet') ? existing('nuget', path.join(home, '.nuget', 'NuGet', 'NuGet.Config')) : [];
  return {
    node: [...npm, ...ca],
    dotnet: [...nuget, ...ca],
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function existing(id: string, file: string | undefined): BuildSecret[] {
  return file !== undefined && existsSync(file) ? [{ id, source: file }] : [];
}

/** The user's own .npmrc, with the registry that npm would really use: it may come from a global file or a variable. */
async function npmSettings(
  folder: string,
  env: NodeJS.ProcessEnv,
  home: string,
  signal: AbortSignal,
): Promise<BuildSecret[]> {
  const file = env.NPM_CONFIG_USERCONFIG ?? env.npm_config_userconfig ?? path.join(home, '.npmrc');
  const own = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const registry = await npmRegistry(env, signal);
  const settings =
    registry === undefined || registry === PUBLIC_NPM || /^registry=/m.test(own)
      ? own
      : `${own.trimEnd()}\nregistry=${registry}\n`;
  if (settings.trim() === '') return [];
  const source = path.join(folder, 'npmrc');
  writeFileSync(source, settings.trimStart(), { mode: 0o600 });
  return [{ id: 'npmrc', source }];
}

async function npmRegistry(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string | undefined> {
  try {
    // Outside any project: its own .npmrc is part of the build context already.
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { env, cwd: tmpdir(), signal });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
