import { createHmac } from 'node:crypto';
import { InvalidInput, MeshError } from '../diagnostics/mesh-error.ts';
import { createRedactor } from '../logs/redact-secrets.ts';
import { containerAddress } from '../mesh/address.ts';
import { joinValue, type Value } from '../mesh/value.ts';
import { digestKey } from '../workspace/digest-key.ts';
import { readRunState } from '../workspace/run-state.ts';
import { loadSecrets, readSecrets } from '../workspace/secrets-file.ts';
import type { Io } from './io.ts';
import type { EngineBase, OpenEngine } from './opened-engine.ts';
import type { Project } from './project.ts';

export type EngineName = 'docker' | 'process';
export const ENGINE_NAMES: readonly EngineName[] = ['docker', 'process'];

export interface EngineOptions {
  /** `--engine` */
  readonly engine?: string | undefined;
  /** `make` what is missing, before something starts; only `read` otherwise. */
  readonly secrets?: 'make' | 'read' | undefined;
}

/**
 * The engine that is asked for; else the one that this mesh runs on now; else Docker where it answers; else host
 * processes, which need nothing.
 *
 * @throws MeshError MESH2001 when Docker is asked for and does not answer; InvalidInput when a secret is too short
 */
export async function openEngine(project: Project, io: Io, options: EngineOptions = {}): Promise<OpenEngine> {
  const base = createBase(project, io, options.secrets ?? 'read');
  const asked = engineName(options.engine ?? (io.env.MESH_ENGINE || undefined));
  const remembered = readRunState(project.root, project.mesh.project).engine;
  const wanted = asked ?? remembered;
  if (wanted === 'process')
    return openProcesses(base, asked === undefined ? 'as before; --engine docker changes that' : undefined);
  if (wanted === 'docker') return openContainers(base);
  try {
    return await openContainers(base);
  } catch (error) {
    // A named engine that does not answer is a mistake to be told, and not a reason to do something else.
    const named = (io.env.DOCKER_HOST || io.env.DOCKER_CONTEXT || '') !== '';
    if (named || !(error instanceof MeshError) || error.code !== 'MESH2001') throw error;
    return openProcesses(base, error.message);
  }
}

function createBase(project: Project, io: Io, mode: 'make' | 'read'): EngineBase {
  const load = mode === 'make' ? loadSecrets : readSecrets;
  const secrets = load(project.root, project.mesh, io.env);
  const key = digestKey(project.root, mode);
  const secret = (name: string) => secrets.values.get(name) ?? '';
  const variable = (name: string) => io.env[name];
  const text = (value: Value) =>
    joinValue(value, {
      text: (part) => part.text,
      secret: (part) => secret(part.name),
      variable: (part) => variable(part.name) ?? part.fallback ?? '',
      address: (part) => containerAddress(project.mesh, part),
    });
  const digest = (value: string) => createHmac('sha256', key).update(value).digest('hex').slice(0, 16);
  return {
    project,
    io,
    secrets,
    redact: createRedactor([...secrets.values.values()]),
    secret,
    variable,
    text,
    secretDigest: (name) => digest(`secret ${name} ${secret(name)}`),
    variableDigest: (name) => {
      const value = variable(name);
      return value === undefined ? undefined : digest(`variable ${name} ${value}`);
    },
  };
}

function engineName(text: string | undefined): EngineName | undefined {
  if (text === undefined) return undefined;
  const found = ENGINE_NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidInput([
    {
      code: 'MESH1501',
      severity: 'error',
      message: `there is no engine "${text}"`,
      hint: `there are: ${ENGINE_NAMES.join(', ')}`,
    },
  ]);
}

/** With host processes beside them, where something was moved to the host. */
async function openContainers(base: EngineBase): Promise<OpenEngine> {
  const { openDocker } = await import('./open-docker.ts');
  const docker = await openDocker(base);
  if (base.project.placement === undefined) return docker;
  const { openHybrid } = await import('./open-hybrid.ts');
  return openHybrid(base, docker);
}

async function openProcesses(base: EngineBase, because: string | undefined): Promise<OpenEngine> {
  const processes = await import('./open-processes.ts');
  return processes.openProcesses(base, because);
}
