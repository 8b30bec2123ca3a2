import type { Tree } from '../../manifest/tree.ts';
import { http, readHealthcheck } from '../compose/read-healthcheck.ts';
import { type Fact, textValue } from '../facts.ts';
import { field, fieldEntry, itemsOf, numberOf, textOf } from '../read-documents.ts';
import { type ContainerPort, resolvePort } from './containers.ts';

const PROBES = { ready: 'readinessProbe', live: 'livenessProbe', startup: 'startupProbe' } as const;

/** The probes of a container: what each asks, and how often. */
export function readProbes(container: Tree, ports: readonly ContainerPort[]): Fact[] {
  return Object.entries(PROBES).flatMap(([key, name]): Fact[] => {
    const probe = fieldEntry(container, name);
    if (probe === undefined) return [];
    return [
      { aspect: 'probe', key, value: textValue(probeText(probe.tree, ports)), at: probe.keyAt },
      { aspect: 'probe', key: `${key} timing`, value: textValue(timingOf(probe.tree)), at: probe.keyAt },
    ];
  });
}

function probeText(probe: Tree, ports: readonly ContainerPort[]): string {
  const request = field(probe, 'httpGet');
  const port = (tree: Tree | undefined) => {
    const written = textOf(field(tree, 'port')) ?? '';
    return resolvePort(written, ports) ?? written;
  };
  if (request !== undefined) return http(port(request), textOf(field(request, 'path')) ?? '/');
  const socket = field(probe, 'tcpSocket');
  if (socket !== undefined) return `tcp :${port(socket)}`;
  const grpc = field(probe, 'grpc');
  if (grpc !== undefined) return `grpc :${port(grpc)} ${textOf(field(grpc, 'service')) ?? ''}`.trimEnd();
  return readHealthcheck(['CMD', ...itemsOf(field(probe, 'exec', 'command')).map((item) => textOf(item) ?? '')]);
}

/** What Kubernetes takes where nothing is said. Source: Probe v1 core of the API reference. */
const DEFAULTS = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };

export interface ProbeTiming {
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

function timingOf(probe: Tree): string {
  const of = (key: keyof ProbeTiming) => numberOf(field(probe, key)) ?? DEFAULTS[key];
  return probeTiming({
    initialDelaySeconds: of('initialDelaySeconds'),
    periodSeconds: of('periodSeconds'),
    timeoutSeconds: of('timeoutSeconds'),
    failureThreshold: of('failureThreshold'),
  });
}

export function probeTiming(timing: ProbeTiming): string {
  return `after ${timing.initialDelaySeconds}s, every ${timing.periodSeconds}s, at most ${timing.timeoutSeconds}s, ${timing.failureThreshold} tries`;
}

/** The port that a probe asks, as it is written, with its place; none for a command. */
export function probePorts(
  container: Tree,
): { readonly probe: string; readonly port: string; readonly at: Tree['at'] }[] {
  return Object.values(PROBES).flatMap((probe) =>
    ['httpGet', 'tcpSocket', 'grpc'].flatMap((kind) => {
      const port = field(container, probe, kind, 'port');
      const text = textOf(port);
      return port === undefined || text === undefined ? [] : [{ probe, port: text, at: port.at }];
    }),
  );
}
