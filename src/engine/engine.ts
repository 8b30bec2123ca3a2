import type { Mesh } from '../mesh/mesh.ts';
import type { Instance, InstanceState, Observed } from '../plan/observed.ts';

export type EngineKind = 'docker' | 'process' | 'fake';

/** What only a closer look tells; asked for one instance at a time, mostly after a failure. */
export interface InstanceDetail {
  readonly state: InstanceState;
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restarts: number;
  readonly outOfMemory: boolean;
  /** Bytes; 0 is no limit. */
  readonly memoryLimit: number;
  /** The engine's own words when it could not start. */
  readonly error: string;
  /** On this machine; missing for a container and for what does not run. */
  readonly pid?: number | undefined;
}

export interface EngineInfo {
  readonly kind: EngineKind;
  /** `docker 28.5`, as the headline shows it. */
  readonly label: string;
  /** The host where published ports are reached from here. */
  readonly publishHost: string;
}

/** Something that happened to an instance, pushed by the engine. */
export interface EngineEvent {
  /** `lost`: the engine itself went away; such an event is about no instance. */
  readonly type: 'started' | 'exited' | 'out-of-memory' | 'removed' | 'restarted' | 'lost';
  readonly id: string;
  readonly node: string;
  readonly replica: number;
  readonly exitCode?: number | undefined;
  /** ISO time, the engine's. */
  readonly at: string;
}

export interface LogLine {
  readonly node: string;
  readonly replica: number;
  readonly stream: 'stdout' | 'stderr';
  /** ISO time with nanoseconds, as the engine stamped it. */
  readonly at: string;
  readonly text: string;
}

export interface LogRequest {
  readonly project: string;
  /** Empty: all nodes. */
  readonly nodes: readonly string[];
  readonly follow: boolean;
  /** Lines an instance; all when missing. */
  readonly tail?: number | undefined;
  /** ISO times. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** What brings the engine's instances into the wanted form, without starting any of them. */
export interface ConvergeRequest {
  readonly mesh: Mesh;
  /** The nodes to create, or to recreate where they differ. */
  readonly nodes: readonly string[];
  /** Those of them that must become new instances, whatever the engine thinks of the difference. */
  readonly anew: readonly string[];
  /** Instances that no longer belong to the project. */
  readonly remove: readonly Instance[];
}

export interface ExecRequest {
  readonly instance: Instance;
  readonly command: readonly string[];
  /** `inherit` gives the command this process's terminal. */
  readonly stdio: 'inherit' | 'capture';
  readonly tty?: boolean | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly env?: readonly string[] | undefined;
}

export interface ExecResult {
  readonly exitCode: number;
  /** stdout and stderr as they came; empty with `inherit`. */
  readonly output: string;
}

export interface InstanceStats {
  readonly id: string;
  /** Of one core: 100 is one core busy. */
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes; 0 is no limit. */
  readonly memoryLimit: number;
}

/**
 * Where nodes run. Does things and decides nothing: each call is one operation on the engine.
 *
 * Every method throws {@link MeshError}: MESH2001 when the engine cannot be reached, MESH2006 when it refuses, and where
 * they apply MESH2002 (no docker command), MESH2004 (no such image), MESH2007 (gone meanwhile), MESH3008 (removed).
 */
export interface Engine {
  readonly info: EngineInfo;
  observe(project: string, images: readonly string[]): Promise<Observed>;
  inspect(id: string): Promise<InstanceDetail>;
  /** Pulls one image; `onProgress` gets short words for people. */
  pull(image: string, onProgress: (text: string) => void, signal: AbortSignal): Promise<void>;
  converge(request: ConvergeRequest, signal: AbortSignal): Promise<void>;
  /** Starts a created or stopped instance, with its config files in place. */
  start(instance: Instance, mesh: Mesh, signal: AbortSignal): Promise<void>;
  /** Asks it to stop, and kills it after the grace period. An instance that does not run is left as it is. */
  stop(instance: Instance, graceMs: number): Promise<void>;
  remove(instance: Instance): Promise<void>;
  /** Removes what belongs to the project beside its instances: networks, and volumes on request. */
  removeProject(project: string, what: { readonly volumes: boolean }): Promise<readonly string[]>;
  /** Until the signal; the subscription is in place when the promise resolves. */
  watch(project: string, onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void>;
  /** In the order of each instance; merging is the caller's. Ends with the signal, or when no instance is left to follow. */
  logs(request: LogRequest, onLine: (line: LogLine) => void, signal: AbortSignal): Promise<void>;
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  /** The instance of any project that publishes this host port, in words; nothing when it is none of the engine's. */
  portHolder(port: number): Promise<string | undefined>;
  stats(instances: readonly Instance[]): Promise<readonly InstanceStats[]>;
  /** Frees sockets; the engine object is not used afterwards. */
  close(): void;
}
