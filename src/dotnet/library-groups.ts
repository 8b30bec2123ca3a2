import { topologicalOrder } from '../graph/topology.ts';
import type { ProjectClosure, ProjectClosures, SourceProject } from './project-closure.ts';

/** Libraries that the same services use, compiled together. */
export interface LibraryGroup {
  /** How many services use them. */
  readonly users: number;
  /** Each after those that it refers to; the same list in every service. */
  readonly projects: readonly SourceProject[];
  /** Those that no other one of the group refers to: building these builds all. */
  readonly tops: readonly SourceProject[];
}

/**
 * For each service, the libraries that it refers to, those first that most services share. Two services that begin with
 * the same groups have the same steps up to there, and a step that is the same is run once; a library that one of them
 * does not use is in no step of it, so that a change to it leaves that service alone.
 *
 * What a library refers to is used by all who use the library, so it is in the same group or in an earlier one.
 */
export function libraryGroups(closures: ProjectClosures): ReadonlyMap<string, readonly LibraryGroup[]> {
  const users = new Map<string, string[]>();
  for (const [service, { libraries }] of closures)
    for (const { file } of libraries) users.set(file, [...(users.get(file) ?? []), service]);
  return new Map(
    [...closures].map(([service, { libraries }]) => {
      const groups = new Map<string, SourceProject[]>();
      for (const library of libraries) {
        const key = (users.get(library.file) ?? []).join('\n');
        groups.set(key, [...(groups.get(key) ?? []), library]);
      }
      const sorted = [...groups].sort(([a], [b]) => count(b) - count(a) || (a < b ? -1 : 1));
      return [service, sorted.map(([key, projects]) => groupOf(projects, count(key)))];
    }),
  );
}

/**
 * The services that are libraries of another one, which compiles them by the steps that they begin with themselves: it
 * has their groups, and then a group that is the service alone.
 */
export function compiledForOthers(
  closures: ProjectClosures,
  groups: ReadonlyMap<string, readonly LibraryGroup[]>,
): ReadonlySet<string> {
  const beginnings = new Set(
    [...groups.values()].flatMap((list) => list.map((_, end) => filesOf(list.slice(0, end + 1)))),
  );
  const own = ([name, { service }]: [string, ProjectClosure]) => [...(groups.get(name) ?? []), { projects: [service] }];
  return new Set([...closures].filter((entry) => beginnings.has(filesOf(own(entry)))).map(([name]) => name));
}

function filesOf(groups: readonly Pick<LibraryGroup, 'projects'>[]): string {
  return JSON.stringify(groups.map(({ projects }) => projects.map(({ file }) => file)));
}

function count(key: string): number {
  return key.split('\n').length;
}

function groupOf(projects: readonly SourceProject[], users: number): LibraryGroup {
  const byFile = new Map(projects.map((project) => [project.file, project]));
  const own = (project: SourceProject) => project.references.filter((file) => byFile.has(file));
  // By name first: in which order a service happens to reach them must not show.
  const needs = new Map([...byFile.keys()].sort().map((file) => [file, own(byFile.get(file) as SourceProject)]));
  const needed = new Set([...needs.values()].flat());
  const ordered = topologicalOrder(needs).map((file) => byFile.get(file) as SourceProject);
  return { users, projects: ordered, tops: ordered.filter(({ file }) => !needed.has(file)) };
}
