import type { DockerHost } from '../engine/docker/docker-host.ts';
import type { Engine } from '../engine/engine.ts';
import type { ProcessEngine } from '../engine/process/create-process-engine.ts';
import type { Emit } from '../execute/emit.ts';
import type { BuildOutcome } from '../execute/run-context.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { SecretValues } from '../workspace/secrets-file.ts';
import type { Io } from './io.ts';
import type { Project } from './opened-project.ts';

/** An engine with what a run needs to know to use it. */
export interface OpenEngine {
  readonly engine: Engine;
  /** Where the Docker engine answers; host processes have no such place. */
  readonly host: DockerHost | undefined;
  readonly secrets: SecretValues;
  /** Hides the values of secrets in whatever is shown. */
  readonly redact: (text: string) => string;
  /** Why it is this one, where that is not obvious. */
  readonly because: string | undefined;
  /** A value with secrets and variables in it; addresses as containers see them. */
  readonly text: (value: Value) => string;
  /** Tell whether a secret or a variable changed, and nothing more. */
  readonly secretDigest: (name: string) => string;
  readonly variableDigest: (name: string) => string | undefined;
  /** Set where some services run on the host beside containers. */
  readonly hosted?: HostedPart | undefined;
  /** The nodes whose images were built from other inputs than there are now; an engine that has no images tells none. */
  readonly outdated?: ((mesh: Mesh, nodes: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
  readonly build: (
    mesh: Mesh,
    nodes: readonly string[],
    emit: Emit,
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, BuildOutcome>>;
}

/** The processes of a mesh of which the rest runs in containers. */
export interface HostedPart {
  readonly processes: ProcessEngine;
  /** Opens the way from containers to the services on the host, where it is not open yet. */
  readonly connect: (mesh: Mesh) => Promise<void>;
}

/** What both kinds of engine are opened with. */
export interface EngineBase
  extends Pick<OpenEngine, 'secrets' | 'redact' | 'text' | 'secretDigest' | 'variableDigest'> {
  readonly project: Project;
  readonly io: Io;
  readonly secret: (name: string) => string;
  readonly variable: (name: string) => string | undefined;
}
