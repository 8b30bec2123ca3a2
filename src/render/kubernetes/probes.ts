import { type Check, endpointOf, type Health, type MeshNode } from '../../mesh/mesh.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { portNameOf } from './ports.ts';

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly tcpSocket?: { readonly port: string };
  readonly grpc?: { readonly port: number; readonly service?: string };
  readonly exec?: { readonly command: readonly string[] };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold?: number;
}

export interface Probes {
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

// Of Kubernetes itself: so many failures in a row, and a container is not ready, or is started again.
const FAILURES = 3;
// One second, its default, is less than a pause of a garbage collector on a busy machine.
const TIMEOUT_SECONDS = 5;

/**
 * The probes of a node. There is a start-up probe when the liveness probe alone would end the container before the time
 * that the manifest gives it to become ready: when `within` is longer than `liveDelay` and three times `liveEvery`.
 */
export function renderProbes(node: MeshNode): Probes {
  const { health } = node;
  const live = health.live && probeAction(node, health.live);
  return dropUndefined<Probes>({
    startupProbe: live && isSlow(health) ? startupProbe(health, live) : undefined,
    readinessProbe: probe(probeAction(node, health.ready), health.readyDelayMs, health.readyEveryMs),
    livenessProbe: probe(live, health.liveDelayMs, health.liveEveryMs),
  });
}

type Action = Pick<Probe, 'httpGet' | 'tcpSocket' | 'grpc' | 'exec'>;

function isSlow({ withinMs, liveDelayMs, liveEveryMs }: Health): boolean {
  return withinMs > liveDelayMs + FAILURES * liveEveryMs;
}

/** Until it succeeds, neither of the others is asked; so it is asked as often as readiness. */
function startupProbe({ withinMs, readyEveryMs }: Health, action: Action): Probe {
  const periodSeconds = wholeSeconds(readyEveryMs);
  return {
    ...action,
    periodSeconds,
    timeoutSeconds: TIMEOUT_SECONDS,
    failureThreshold: Math.ceil(withinMs / 1000 / periodSeconds),
  };
}

function probe(action: Action | undefined, delayMs: number, everyMs: number): Probe | undefined {
  if (action === undefined) return undefined;
  return dropUndefined<Probe>({
    ...action,
    initialDelaySeconds: delayMs === 0 ? undefined : wholeSeconds(delayMs),
    periodSeconds: wholeSeconds(everyMs),
    timeoutSeconds: TIMEOUT_SECONDS,
  });
}

/**
 * What the kubelet can ask from outside of the container. It speaks HTTP and gRPC only; of a server that speaks anything
 * else it sees whether the port is open.
 */
function probeAction(node: MeshNode, check: Check): Action | undefined {
  switch (check.kind) {
    case 'http':
      if (isUnhealthyStatus(check.status)) return tcpAction(node, check.endpoint);
      return { httpGet: { path: check.path, port: portNameOf(node, endpointOf(node, check.endpoint)) } };
    case 'grpc': {
      const { port } = endpointOf(node, check.endpoint);
      return { grpc: { port, ...(check.service !== '' && { service: check.service }) } };
    }
    case 'exec':
      return { exec: { command: check.command } };
    case 'tcp':
    case 'postgres':
    case 'redis':
    case 'amqp':
    case 'consul':
      return tcpAction(node, check.endpoint);
    case 'log':
    case 'completed':
    case 'running':
      return undefined;
  }
}

function tcpAction(node: MeshNode, endpoint: string): Action {
  return { tcpSocket: { port: portNameOf(node, endpointOf(node, endpoint)) } };
}

/** The kubelet takes 200 to 399 for success and cannot be told otherwise. */
function isUnhealthyStatus(status: number | undefined): boolean {
  return status !== undefined && (status < 200 || status > 399);
}

/** No number of a probe may be below 1. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
