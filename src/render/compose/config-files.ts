import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { composeText, composeValue } from './compose-value.ts';

/** A file that Compose puts into the container. */
export interface ComposeConfigMount {
  readonly source: string;
  readonly target: string;
  /** Octal. */
  readonly mode: string;
}

export interface ComposeConfig {
  readonly content: string;
}

const READ_ONLY_FOR_ALL = '0444';

/** The node's part of the top-level `configs`: the texts of its files. */
export function renderComposeConfigs(mesh: Mesh, node: MeshNode): Record<string, ComposeConfig> {
  return Object.fromEntries(
    node.files.map((file, index) => [configName(node, index), { content: composeValue(mesh, file.content) }]),
  );
}

/** Where in the container those files go. */
export function composeConfigMounts(node: MeshNode): ComposeConfigMount[] {
  return node.files.map((file, index) => ({
    source: configName(node, index),
    target: composeText(file.path),
    mode: READ_ONLY_FOR_ALL,
  }));
}

function configName(node: MeshNode, index: number): string {
  return `${node.name}-${index + 1}`;
}
