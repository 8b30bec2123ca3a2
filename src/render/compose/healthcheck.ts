import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { formatDuration } from '../../time/duration.ts';
import { composeText, composeValue } from './compose-value.ts';
import { type Argument, type ContainerProbe, containerProbe } from './container-probe.ts';
import type { Note } from '../note.ts';

export interface ComposeHealthcheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
  readonly start_interval: string;
}

// Failures within this time do not count, so a slow start is no illness.
const SHORTEST_START_PERIOD_MS = 60_000;

/** The health check that Compose runs inside the container; `undefined` when nothing in there can make one. */
export function composeHealthcheck(mesh: Mesh, node: MeshNode): ComposeHealthcheck | undefined {
  const probe = containerCheck(node);
  if (probe === undefined) return undefined;
  return {
    test: probe.test.map((argument) => composeArgument(mesh, argument)),
    interval: '30s',
    timeout: '5s',
    retries: 3,
    start_period: formatDuration(Math.max(SHORTEST_START_PERIOD_MS, node.health.withinMs)),
    start_interval: '2s',
  };
}

/** Why the health check is written as it is. */
export function healthcheckNotes(node: MeshNode): Note[] {
  const because = containerCheck(node)?.because;
  return because === undefined ? [] : [{ path: ['healthcheck'], place: 'above', text: because }];
}

/** Whether Compose can tell that the node is ready. */
export function hasContainerCheck(node: MeshNode): boolean {
  return containerCheck(node) !== undefined;
}

/** Why Compose cannot tell that the node is ready, in words. */
export function noContainerCheckReason(node: MeshNode): string {
  switch (node.health.ready.kind) {
    case 'log':
      return `only ${node.name}'s log shows that it is ready`;
    case 'running':
      return `${node.name} is ready as soon as it runs`;
    case 'completed':
      return `${node.name} is done when it exits`;
    default:
      return `${node.name}'s image has nothing to make a request with`;
  }
}

/** The check that runs inside the container: what the manifest says, or what fits the readiness check and the image. */
export function containerCheck(node: MeshNode): ContainerProbe | undefined {
  const own = node.health.container;
  if (own === undefined || own.length === 0) return containerProbe(node);
  return { test: /^CMD(-SHELL)?$/.test(own[0] ?? '') ? own : ['CMD', ...own] };
}

function composeArgument(mesh: Mesh, argument: Argument): string {
  return typeof argument === 'string' ? composeText(argument) : composeValue(mesh, argument);
}
