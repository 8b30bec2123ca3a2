import { createStamper } from '../logs/stored-line.ts';
import type { ProcessRecord, ProcessSpec } from '../process-spec.ts';
import { endMarked } from '../state/process-group.ts';
import type { ProjectPaths } from '../state/project-paths.ts';
import { readRecords, writeRecords } from '../state/state-file.ts';
import { createForwards, type Forwards } from './forwards.ts';
import type { News } from './protocol.ts';
import { createSupervised, type Supervised, type SupervisedContext } from './supervised.ts';

/** All replicas of one project, and what leads to them. */
export interface Supervisor {
  readonly records: () => readonly ProcessRecord[];
  readonly find: (id: string) => Supervised | undefined;
  /** Makes an instance known. Throws when a new one cannot be recorded: nobody would find it after a crash. */
  readonly put: (spec: ProcessSpec) => Supervised;
  readonly remove: (id: string) => Promise<void>;
  readonly forwards: Forwards;
  /** Ends the forwards too. */
  readonly stopAll: () => Promise<void>;
  /** Writes the state that could not be written before. */
  readonly saveAgain: () => void;
  /** Whether anything runs or is about to, or is forwarded. */
  readonly isBusy: () => boolean;
}

/** Takes up what the state file holds, with the processes that still run. */
export function createSupervisor(paths: ProjectPaths, onNews: (news: News) => void): Supervisor {
  const held = new Map<string, Supervised>();
  const forwards = createForwards(paths.forwards);
  let failure: unknown;
  const save = () => {
    try {
      writeRecords(paths.state, records());
      failure = undefined;
    } catch (error) {
      // A full disk must not end what runs; it is tried again until there is room.
      failure = error;
    }
  };
  const records = () => [...held.values()].map((supervised) => supervised.record());
  const context: SupervisedContext = {
    paths,
    stamp: createStamper(Date.now),
    onChange: save,
    onEvent: (event) => onNews({ news: 'event', event }),
    onStandstill: (id) => onNews({ news: 'ended', id }),
    onLines: (id, lines) => {
      for (const line of lines) onNews({ news: 'line', id, line });
    },
  };
  const known = readRecords(paths.state);
  for (const record of known) held.set(record.spec.id, createSupervised(record, context));
  for (const supervised of held.values()) supervised.adopt();
  endMarked(records().flatMap((record) => (record.process === undefined ? record.spec.id : [])));

  return {
    records,
    forwards,
    saveAgain() {
      if (failure !== undefined) save();
    },
    find: (id) => held.get(id),
    put(spec) {
      const known = held.get(spec.id);
      const supervised = known ?? createSupervised({ spec, state: 'created', restarts: 0 }, context);
      held.set(spec.id, supervised);
      supervised.put(spec);
      if (known === undefined && failure !== undefined) {
        held.delete(spec.id);
        void supervised.remove();
        throw failure;
      }
      return supervised;
    },
    async remove(id) {
      const supervised = held.get(id);
      if (supervised === undefined) return;
      await supervised.remove();
      held.delete(id);
      save();
    },
    async stopAll() {
      await Promise.all([...held.values()].map((supervised) => supervised.stop(supervised.record().spec.stopGraceMs)));
      // They are closed with the supervisor anyway; this is so that none opens them again.
      await forwards.set([]).catch(() => {});
    },
    isBusy: () =>
      forwards.list().length > 0 ||
      records().some(
        (record) => record.state === 'running' || record.state === 'restarting' || record.phase === 'setup',
      ),
  };
}
