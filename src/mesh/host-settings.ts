import type { MeshNode, Setting } from './mesh.ts';
import type { Value } from './value.ts';

/** The settings of a node as a process of this machine: what `run` says comes in the place of what all targets get. */
export function hostSettings({ env, run }: MeshNode): readonly Setting[] {
  if (run === undefined || run.env.length === 0) return env;
  const own = new Set(run.env.map(({ name }) => name));
  return [...env.filter(({ name }) => !own.has(name)), ...run.env];
}

/** All that a node reads as a process of this machine. */
export function hostValues(node: MeshNode): Value[] {
  return [...hostSettings(node).map(({ value }) => value), ...node.files.map(({ content }) => content)];
}

/** All that a node reads in a container. */
export function containerValues({ env, files }: MeshNode): Value[] {
  return [...env.map(({ value }) => value), ...files.map(({ content }) => content)];
}
