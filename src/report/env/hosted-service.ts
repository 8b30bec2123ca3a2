import type { Build } from '../../mesh/build.ts';

/** A service as it runs on this machine: what a shell, an IDE or a file has to know to run it in mesh's place. */
export interface HostedService {
  readonly name: string;
  readonly env: readonly EnvVariable[];
  /** Absolute. */
  readonly cwd: string;
  /** How mesh runs it. */
  readonly argv: readonly string[];
  readonly build?: Build | undefined;
  /** Absolute path of the manifest's folder, which is the workspace of VS Code. */
  readonly root: string;
}

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
}

/** Text in a format that cannot say everything. */
export interface PrintedEnv {
  readonly text: string;
  /** What the reader of the text gets wrong or not at all, one sentence each. They name variables and hold no values. */
  readonly problems: readonly string[];
}
