import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Build } from '../mesh/build.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';

/** Something that a build step may read and that ends up in no layer. */
export interface BuildSecret {
  readonly id: string;
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    /** A variable of the build command alone, so that what is made for it never lies on a disk. */
    | { readonly kind: 'variable'; readonly name: string };
}

export interface FoundSecrets {
  readonly of: (build: Build) => readonly BuildSecret[];
  /** The files among them. */
  readonly files: readonly string[];
  /** What must not be shown, should a step print it. */
  readonly tokens: readonly string[];
  /** The values of the variables. */
  readonly env: Readonly<Record<string, string>>;
}

export interface SecretSources {
  readonly mesh: Mesh;
  readonly nodes: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly signal: AbortSignal;
  /** The value of a secret of the mesh. */
  readonly secret: (name: string) => string;
}

const PUBLIC_NPM = 'https://registry.npmjs.org/';
const NPMRC_VARIABLE = 'MESH_BUILD_NPMRC';

/**
 * What this machine's package managers know and a build needs too: the npm registry with its credentials, NuGet's
 * feeds, and a certificate authority that only this machine trusts; and those secrets of the mesh that its builds ask
 * for. Handed over as BuildKit secrets, so that they end up in no layer.
 */
export async function findBuildSecrets(sources: SecretSources): Promise<FoundSecrets> {
  const { mesh, nodes, env, home, signal, secret } = sources;
  const builds = nodes.flatMap((name) => nodeOf(mesh, name).build ?? []);
  const ca = existing('ca', env.NODE_EXTRA_CA_CERTS ?? env.SSL_CERT_FILE);
  const settings = builds.some(({ kind }) => kind === 'node') ? await npmSettings(env, home, signal) : '';
  const npmrc: BuildSecret[] =
    settings === '' ? [] : [{ id: 'npmrc', from: { kind: 'variable', name: NPMRC_VARIABLE } }];
  const nuget = existing('nuget', path.join(home, '.nuget', 'NuGet', 'NuGet.Config'));
  const asked = [...new Set(builds.flatMap((build) => build.secrets ?? []))];
  const carriers = new Map(mesh.secrets.map(({ name, variable }) => [name, variable]));
  return {
    of: (build) => [
      ...(build.kind === 'node' ? npmrc : []),
      ...(build.kind === 'dotnet' ? nuget : []),
      ...(trustOf(build) === 'host' ? ca : []),
      ...(build.secrets ?? []).map(
        (id): BuildSecret => ({ id, from: { kind: 'variable', name: carriers.get(id) ?? id } }),
      ),
    ],
    files: [...ca, ...nuget].flatMap(({ from }) => (from.kind === 'file' ? [from.path] : [])),
    tokens: [...settings.matchAll(/(?:_authToken|_auth|_password)\s*=\s*"?([^\s"]{6,})/g)].map(
      ([, token = '']) => token,
    ),
    env: {
      ...(settings === '' ? {} : { [NPMRC_VARIABLE]: settings }),
      ...Object.fromEntries(asked.map((name) => [carriers.get(name) ?? name, secret(name)])),
    },
  };
}

/** A Dockerfile that mesh did not write gets nothing that it does not ask for. */
function trustOf(build: Build): 'host' | 'none' {
  return build.trust ?? (build.kind === 'dockerfile' ? 'none' : 'host');
}

function existing(id: string, file: string | undefined): BuildSecret[] {
  return file !== undefined && existsSync(file) ? [{ id, from: { kind: 'file', path: file } }] : [];
}

/** The user's own .npmrc, with the registry that npm would really use: it may come from a global file or a variable. */
async function npmSettings(env: NodeJS.ProcessEnv, home: string, signal: AbortSignal): Promise<string> {
  const file = env.NPM_CONFIG_USERCONFIG ?? env.npm_config_userconfig ?? path.join(home, '.npmrc');
  const own = expandVariables(existsSync(file) ? readFileSync(file, 'utf8') : '', env);
  const registry = await npmRegistry(env, signal);
  const settings =
    registry === undefined || registry === PUBLIC_NPM || /^registry=/m.test(own)
      ? own
      : `${own.trimEnd()}\nregistry=${registry}\n`;
  return settings.trim() === '' ? '' : settings.trimStart();
}

/**
 * A token often stands there as `${NODE_AUTH_TOKEN}`, and that variable does not exist where the build runs.
 * Source: https://docs.npmjs.com/cli/configuring-npm/npmrc
 */
function expandVariables(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(/(?<!\\)\$\{([^${}]+)\}/g, (whole, name: string) => env[name] ?? whole);
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
