import { statSync } from 'node:fs';
import path from 'node:path';
import { comparePair, type PairSide } from '../audit/compare/compare-pair.ts';
import { readCompose } from '../audit/compose/read-compose.ts';
import { type Finding, joinAudits } from '../audit/finding.ts';
import { isHook, nameWorkloads } from '../audit/kubernetes/name-workloads.ts';
import { type KubeObject, readObjects, workloadsOf } from '../audit/kubernetes/objects.ts';
import { readKubernetes } from '../audit/kubernetes/read-kubernetes.ts';
import { checkSchema } from '../audit/schema/check-schema.ts';
import { checkStructure } from '../audit/structure/check-structure.ts';
import type { Source } from '../diagnostics/location.ts';
import { MeshError } from '../diagnostics/mesh-error.ts';
import type { Verification } from '../report/verify-report.ts';
import { readFileIfThere } from '../workspace/state-folder.ts';
import { yamlFilesIn } from './verify-files.ts';

interface ReadArtefact {
  readonly side: PairSide;
  readonly findings: readonly Finding[];
  readonly comparisons: number;
}

/**
 * Artefacts of any origin, without a manifest: each is checked in itself, and held against the first.
 *
 * @throws MeshError MESH2011 when one cannot be read; InvalidInput when one is no YAML
 */
export function verifyArtefacts(paths: readonly string[], cwd: string): Verification & { sources: readonly Source[] } {
  const files = paths.map((file) => ({ name: file, sources: readSources(file, cwd) }));
  const nodes = nodeNames(files.map(({ sources }) => sources));
  const read = files.map(({ name, sources }) => readArtefact(name, sources, nodes));
  const [first, ...others] = read;
  const pairs = first === undefined ? [] : others.map((other) => comparePair(first.side, other.side));
  const all = joinAudits([...read, ...pairs]);
  return {
    ...all,
    targets: read.map(({ side, comparisons, findings }, index) => {
      const pair = index === 0 ? undefined : pairs[index - 1];
      return {
        name: side.facts.target,
        comparisons: comparisons + (pair?.comparisons ?? 0),
        findings: findings.length + (pair?.findings.length ?? 0),
      };
    }),
    notes: pairs.flatMap(({ alone }) =>
      alone.map(({ target, services }) => `only in ${target}, so not compared: ${services.join(', ')}`),
    ),
    sources: files.flatMap(({ sources }) => sources),
  };
}

function readSources(file: string, cwd: string): Source[] {
  const absolute = path.resolve(cwd, file);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  const found = stats?.isDirectory() === true ? yamlFilesIn(cwd, path.relative(cwd, absolute)) : [file];
  return found.map((name) => {
    const text = readFileIfThere(path.resolve(cwd, name));
    if (text === undefined) throw new MeshError(`cannot read ${name}: no such file`, { code: 'MESH2011', exitCode: 2 });
    return { file: name, text };
  });
}

/** A compose file has services at its top, and objects of Kubernetes a kind. */
function isCompose({ text }: Source): boolean {
  return /^services:/m.test(text) && !/^kind:/m.test(text);
}

/**
 * What services are called: as in the compose file, or in the objects with the shortest names, since a release puts its own
 * in front of them.
 */
function nodeNames(artefacts: readonly (readonly Source[])[]): readonly string[] {
  const named = artefacts.map((sources) => {
    const compose = sources.filter(isCompose);
    if (compose.length > 0) return compose.flatMap((source) => [...readCompose(source).services.keys()]);
    return workloadsOf(readObjects(sources))
      .filter((workload) => !isHook(workload))
      .map(({ name }) => name);
  });
  const composed = named.filter((_, index) => artefacts[index]?.some(isCompose) === true);
  const lengthOf = (names: readonly string[]) => names.join('').length / Math.max(1, names.length);
  const [shortest = []] = (composed.length > 0 ? composed : named)
    .filter((names) => names.length > 0)
    .sort((a, b) => lengthOf(a) - lengthOf(b));
  return shortest;
}

function readArtefact(name: string, sources: readonly Source[], nodes: readonly string[]): ReadArtefact {
  const [compose] = sources.filter(isCompose);
  if (compose !== undefined) {
    const facts = { ...readCompose(compose), target: name };
    return { side: { kind: 'compose', facts }, findings: [], comparisons: 0 };
  }
  const objects: readonly KubeObject[] = readObjects(sources);
  const facts = readKubernetes(objects, { target: name, nodes });
  const input = { target: name, objects, workloads: nameWorkloads(workloadsOf(objects), nodes), hosts: facts.hosts };
  return { side: { kind: 'kubernetes', facts }, ...joinAudits([checkStructure(input), checkSchema(input)]) };
}
