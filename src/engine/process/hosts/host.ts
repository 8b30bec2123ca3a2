import type { MeshNode } from '../../../mesh/mesh.ts';
import type { ProcessFile, ProcessUser, Setup, StopSignal } from '../process-spec.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';

/** What this machine has to run nodes with. */
export interface Available {
  /** Program → its path, for those that were found. */
  readonly programs: Readonly<Record<string, string>>;
  readonly embeddedPostgres?: EmbeddedPostgres | undefined;
}

/** Whether a node can run as a host process, and otherwise why not. */
export type Hosting =
  | { readonly kind: 'hosted'; readonly how: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly fix: string };

/** All that decides how a node is run. Texts are resolved already. */
export interface HostInput {
  readonly node: MeshNode;
  readonly available: Available;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly ProcessFile[];
  /** By endpoint, and by `#name` for spare ones. */
  readonly port: (endpoint: string) => number;
  /** The private folder of the node, for its data. */
  readonly home: string;
  readonly isRoot: boolean;
}

/** How a node is run. */
export interface HostCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly folders?: readonly string[] | undefined;
  readonly files?: readonly ProcessFile[] | undefined;
  readonly setup?: Setup | undefined;
  readonly user?: ProcessUser | undefined;
  readonly stopSignal?: StopSignal | undefined;
}

/** A server that mesh knows how to run without a container. */
export interface Host {
  /** Repositories of the images that it stands in for. */
  readonly images: readonly string[];
  /** Programs that it looks for on PATH. */
  readonly programs: readonly string[];
  /** Ports that the server opens beside the endpoints of the manifest. */
  readonly sparePorts: readonly string[];
  /** Its program refuses to run as root, so its data must lie where another user can get. */
  readonly refusesRoot?: boolean | undefined;
  readonly hosting: (node: MeshNode, available: Available) => Hosting;
  readonly command: (input: HostInput) => HostCommand;
}

/** The usual case: hosted when its program is on PATH. */
export function onPath(program: string): (node: MeshNode, available: Available) => Hosting {
  return (_, { programs }) =>
    programs[program] === undefined
      ? { kind: 'unavailable', reason: `${program} is not on PATH`, fix: `install ${program}, or start Docker` }
      : { kind: 'hosted', how: `${program} from PATH` };
}

/** The path of a program that `hosting` found. */
export function programPath(available: Available, program: string): string {
  const found = available.programs[program];
  if (found === undefined) throw new Error(`${program} is not available`);
  return found;
}
