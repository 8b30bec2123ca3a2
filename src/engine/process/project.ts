import type { Clock } from '../../time/clock.ts';
import { type Connection, Refused } from './client/connection.ts';
import { createSupervisorLink, type SupervisorLink } from './client/supervisor-link.ts';
import { isRunning, verifiedRecords } from './observe-records.ts';
import type { ProcessRecord } from './process-spec.ts';
import { markedProcesses } from './state/process-group.ts';
import { type ProjectPaths, projectPaths } from './state/project-paths.ts';
import { readRecords } from './state/state-file.ts';

/** One project of the engine: its state, and its supervisor where there is one. */
export interface Project {
  readonly paths: ProjectPaths;
  readonly link: SupervisorLink;
  /** Every instance as it is now. Processes whose supervisor is gone get a new one first. */
  records(): Promise<readonly ProcessRecord[]>;
  /** The supervisor, when something is there that it has to do something to. */
  supervisor(): Promise<Connection | undefined>;
}

export interface ProjectOptions {
  readonly root: string;
  readonly name: string;
  readonly clock: Clock;
  readonly supervisorEntry?: string | undefined;
}

export function openProject({ root, name, clock, supervisorEntry }: ProjectOptions): Project {
  const paths = projectPaths(root, name);
  const link = createSupervisorLink({ paths, clock, entry: supervisorEntry });
  const supervisor = async (): Promise<Connection | undefined> => {
    const found = await link.find();
    if (found !== undefined) return found;
    const records = readRecords(paths.state);
    const isOrphaned = records.some(isRunning) || markedProcesses(records.map((record) => record.spec.id)).length > 0;
    return isOrphaned ? await link.reach() : undefined;
  };
  return {
    paths,
    link,
    supervisor,
    async records() {
      try {
        const connection = await supervisor();
        if (connection !== undefined) return (await connection.ask('list', {})).instances;
      } catch (error) {
        // It ended between two words; what it wrote last is as good.
        if (error instanceof Refused) throw error;
      }
      return verifiedRecords(readRecords(paths.state));
    },
  };
}

/** Whether an instance is one of this engine; ids of containers have no dot. */
export function isProcessId(id: string): boolean {
  return id.includes('.');
}

/** Instance ids begin with their project, so that one is found by its id alone. */
export function projectOfId(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')));
}
