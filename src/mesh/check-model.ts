import path from 'node:path/posix';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { findCycle, type Needs } from '../graph/topology.ts';
import { knownCalls } from './check-calls.ts';
import type { Mesh, MeshNode, Need } from './mesh.ts';

type Rule = (mesh: Mesh) => Diagnostic[];

/** What the schema cannot know, one rule each. */
const RULES: readonly Rule[] = [
  uniqueNames,
  knownNeeds,
  knownCalls,
  spareableNeeds,
  noCycles,
  meetableNeeds,
  fittingReplicas,
  endingJobs,
  knownBuildSecrets,
  packagesInWorkspaces,
];

export function checkModel(mesh: Mesh): Diagnostic[] {
  return RULES.flatMap((rule) => rule(mesh));
}

/** The needs of every node, by name; what does not exist is left out, since it is reported on its own. */
export function needsOf(nodes: readonly MeshNode[]): Needs {
  const names = new Set(nodes.map((node) => node.name));
  return new Map(
    nodes.map((node) => [node.name, node.needs.map((need) => need.node).filter((target) => names.has(target))]),
  );
}

function uniqueNames(mesh: Mesh): Diagnostic[] {
  const infrastructure = new Map(
    mesh.nodes.filter((node) => node.kind === 'infrastructure').map((node) => [node.name, node]),
  );
  return mesh.nodes
    .filter((node) => node.kind === 'service' && infrastructure.has(node.name))
    .map((node) => ({
      code: 'MESH1206',
      severity: 'error',
      message: `services.${node.name}: infrastructure has a server of that name too`,
      location: node.at,
      hint: 'rename one of them: addresses name nodes',
    }));
}

function knownNeeds(mesh: Mesh): Diagnostic[] {
  const names = mesh.nodes.map((node) => node.name);
  return forEachNeed(mesh, (node, need) => {
    if (names.includes(need.node)) return undefined;
    return {
      code: 'MESH1201',
      severity: 'error',
      message: `${node.name} needs "${need.node}", which does not exist`,
      location: need.at,
      hint: didYouMean(need.node, names) ?? `there are: ${names.join(', ')}`,
    };
  });
}

function knownBuildSecrets(mesh: Mesh): Diagnostic[] {
  const names = mesh.secrets.map((secret) => secret.name);
  return mesh.nodes.flatMap((node) =>
    (node.build?.secrets ?? [])
      .filter((name) => !names.includes(name))
      .map((name): Diagnostic => {
        const there = names.length === 0 ? 'declare it under `secrets`' : `there are: ${names.join(', ')}`;
        return {
          code: 'MESH1205',
          severity: 'error',
          message: `${node.name}: there is no secret "${name}" for its build`,
          location: buildPlace(mesh, node),
          hint: didYouMean(name, names) ?? there,
        };
      }),
  );
}

function packagesInWorkspaces(mesh: Mesh): Diagnostic[] {
  return mesh.nodes.flatMap((node): Diagnostic[] => {
    const { build } = node;
    if (build?.kind !== 'node' || build.workspace === undefined) return [];
    // The workspace itself is a package, too: one build of it can hold many services.
    if (!path.relative(build.workspace, build.context).startsWith('..')) return [];
    return [
      {
        code: 'MESH1104',
        severity: 'error',
        message: `${node.name}: its package ${build.context} is not in its workspace ${build.workspace}`,
        location: buildPlace(mesh, node),
        hint: 'name the folder that has the lock file and, below it, the package',
      },
    ];
  });
}

function buildPlace(mesh: Mesh, node: MeshNode): Location {
  return mesh.places[`${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}.build`] ?? node.at;
}

/** `without` only makes a need optional; it is none of its own. */
function spareableNeeds(mesh: Mesh): Diagnostic[] {
  return mesh.nodes.flatMap((node) => {
    const needs = node.needs.map((need) => need.node);
    const path = `${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}.without`;
    return [...node.canRunWithout.entries()]
      .filter(([, name]) => !needs.includes(name))
      .map(([index, name]) => ({
        code: 'MESH1201' as const,
        severity: 'error' as const,
        message: `${node.name} can run without "${name}", which it does not need`,
        location: mesh.places[`${path}.${index}`] ?? node.at,
        hint: didYouMean(name, needs) ?? (needs.length > 0 ? `its needs are: ${needs.join(', ')}` : 'it has no needs'),
      }));
  });
}

function noCycles(mesh: Mesh): Diagnostic[] {
  const cycle = findCycle(needsOf(mesh.nodes));
  if (cycle === undefined) return [];
  const [first, second] = cycle;
  const need = mesh.nodes.find((node) => node.name === first)?.needs.find((candidate) => candidate.node === second);
  return [
    {
      code: 'MESH1202',
      severity: 'error',
      message: `needs form a cycle: ${cycle.join(' → ')}`,
      location: need?.at,
      hint: 'remove one of these needs: each waits for the next, so none could start',
    },
  ];
}

function meetableNeeds(mesh: Mesh): Diagnostic[] {
  return forEachNeed(mesh, (node, need) => {
    const target = mesh.nodes.find((candidate) => candidate.name === need.node);
    if (target === undefined) return undefined;
    if (need.condition === 'completed' && !target.job) {
      return {
        code: 'MESH1211',
        severity: 'error',
        message: `${node.name} waits until ${target.name} has completed, but ${target.name} is not a job`,
        location: need.at,
        hint: `add \`job: true\` to ${target.name}, or wait for \`ready\``,
      };
    }
    const within = node.profiles.length > 0 && node.profiles.every((profile) => target.profiles.includes(profile));
    if (target.profiles.length === 0 || within) return undefined;
    return {
      code: 'MESH1211',
      severity: 'error',
      message: `${node.name} needs ${target.name}, which is on only with the profile ${target.profiles.join(' or ')}`,
      location: need.at,
      hint: `give ${node.name} the same profile, or take it from ${target.name}`,
    };
  });
}

/** A job that is started again after it succeeded would never be done. */
function endingJobs(mesh: Mesh): Diagnostic[] {
  return mesh.nodes
    .filter((node) => node.job && (node.restart === 'always' || node.restart === 'unless-stopped'))
    .map((node) => ({
      code: 'MESH1104',
      severity: 'error',
      message: `${node.name} is a job, which \`restart: ${node.restart}\` would run for ever`,
      location:
        mesh.places[`${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}.restart`] ?? node.at,
      hint: 'use `restart: on-failure`, or leave it out',
    }));
}

function fittingReplicas(mesh: Mesh): Diagnostic[] {
  return mesh.nodes
    .filter((node) => node.replicas > 1 && (node.job || node.volumes.length > 0))
    .map((node) => ({
      code: 'MESH1104',
      severity: 'error',
      message: node.job
        ? `${node.name} is a job and cannot have ${node.replicas} replicas`
        : `${node.name} has a volume, which ${node.replicas} replicas would write at once`,
      location:
        mesh.places[`${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}.replicas`] ?? node.at,
      hint: 'use `replicas: 1`',
    }));
}

function forEachNeed(mesh: Mesh, check: (node: MeshNode, need: Need) => Diagnostic | undefined): Diagnostic[] {
  return mesh.nodes.flatMap((node) => node.needs.flatMap((need) => check(node, need) ?? []));
}
