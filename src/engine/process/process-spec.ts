import type { RestartPolicy } from '../../mesh/mesh.ts';
import type { InstanceState, PublishedPort } from '../../plan/observed.ts';

/** All that the supervisor has to know to run one replica. It knows nothing of meshes, images or databases. */
export interface ProcessSpec {
  /** Changes when the instance is made anew. */
  readonly id: string;
  readonly node: string;
  readonly replica: number;
  /** `<project>-<node>-<replica>`, for messages. */
  readonly name: string;
  readonly image: string;
  /** What its program was made from; see `ImageIds`. */
  readonly imageId: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly PublishedPort[];
  readonly restart: RestartPolicy;
  readonly stopSignal: StopSignal;
  readonly stopGraceMs: number;
  /** Who runs it, where that is not the user of the supervisor. */
  readonly user?: ProcessUser | undefined;
  /** Made before it starts, private to whoever runs it. */
  readonly folders: readonly string[];
  /** Written before every start. */
  readonly files: readonly ProcessFile[];
  readonly setup?: Setup | undefined;
}

export type StopSignal = 'SIGTERM' | 'SIGINT';

export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

export interface ProcessFile {
  readonly path: string;
  readonly text: string;
}

/** What has to be done once before the first start. When it was interrupted, it begins again from nothing. */
export interface Setup {
  /** The file that shows that it was done. */
  readonly marker: string;
  /** The folder that it fills; emptied before each try. */
  readonly fills: string;
  readonly steps: readonly SetupStep[];
}

export interface SetupStep {
  /** For messages: `initdb`. */
  readonly title: string;
  readonly argv: readonly string[];
  readonly input?: string | undefined;
  /** A regular expression; output that it matches is a failure, for programs whose exit code does not tell. */
  readonly refuse?: string | undefined;
}

/** One replica as the supervisor holds it, and as it stands in the state file. */
export interface ProcessRecord {
  readonly spec: ProcessSpec;
  readonly state: InstanceState;
  /** Of the process group's leader, or of the one that sets up. */
  readonly process?: ProcessIdentity | undefined;
  /** Whether the process is the program itself or a step of its setup. */
  readonly phase?: 'setup' | 'run' | undefined;
  /** ISO times. */
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  /** As a shell says it: 128 and the signal's number when a signal ended it. */
  readonly exitCode?: number | undefined;
  /** Since it was last started on request. */
  readonly restarts: number;
  readonly error?: string | undefined;
}

/** A process id alone names another process sooner or later; with its start time it names one for ever. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The boot and the time since then on Linux, a date elsewhere. */
  readonly startedAt: string;
}
