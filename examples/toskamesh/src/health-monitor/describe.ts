import type { Change, Status, Watched } from './watched.ts';

const MAX_RECENT = 20;

/** An instance as the API tells it. */
export interface InstanceView {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly status: Status;
  readonly since: string;
  readonly probedAt: string | undefined;
  readonly tookMs: number | undefined;
  /** What the last probe failed with. */
  readonly reason: string | undefined;
}

export interface ChangeView {
  readonly at: string;
  readonly from: Status;
  readonly to: Status;
  readonly reason: string | undefined;
}

export interface ServiceView {
  readonly service: string;
  readonly status: Status;
  readonly instances: readonly InstanceView[];
}

export interface MeshView {
  readonly status: Status;
  /** How many instances have each status that some have. */
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  readonly services: readonly ServiceView[];
  /** The newest first. */
  readonly changes: readonly (ChangeView & { readonly id: string })[];
}

export function describeInstance({ instance, status, since, probedAt, last }: Watched): InstanceView {
  const { id, service, address, port } = instance;
  return {
    id,
    service,
    address: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    status,
    since: new Date(since).toISOString(),
    probedAt: probedAt === undefined ? undefined : new Date(probedAt).toISOString(),
    tookMs: last?.tookMs,
    reason: last?.reason,
  };
}

export function describeChange({ at, from, to, reason }: Change): ChangeView {
  return { at: new Date(at).toISOString(), from, to, reason };
}

export function describeMesh(watched: readonly Watched[]): MeshView {
  const counts: Partial<Record<Status, number>> = {};
  const byService = new Map<string, Watched[]>();
  for (const each of watched) {
    counts[each.status] = (counts[each.status] ?? 0) + 1;
    byService.set(each.instance.service, [...(byService.get(each.instance.service) ?? []), each]);
  }
  const services = [...byService].map(([service, all]) => ({
    service,
    status: serviceStatus(all.map(({ status }) => status)),
    instances: all.map(describeInstance),
  }));
  const changes = watched
    .flatMap(({ instance, history }) => history.map((change) => ({ id: instance.id, change })))
    .sort((a, b) => b.change.at - a.change.at)
    .slice(0, MAX_RECENT)
    .map(({ id, change }) => ({ id, ...describeChange(change) }));
  return { status: meshStatus(services.map(({ status }) => status)), counts, services, changes };
}

/** What a caller of the service meets: it works as long as some instance does. */
export function serviceStatus(all: readonly Status[]): Status {
  const present = all.filter((status) => status !== 'gone');
  if (present.length === 0) return 'gone';
  if (present.every((status) => status === 'healthy')) return 'healthy';
  if (present.some((status) => status === 'healthy' || status === 'degraded')) return 'degraded';
  return present.every((status) => status === 'unknown') ? 'unknown' : 'unhealthy';
}

/** The worst of them. */
export function meshStatus(services: readonly Status[]): Status {
  const worstFirst = ['unhealthy', 'gone', 'degraded', 'unknown', 'healthy'] as const;
  return worstFirst.find((status) => services.includes(status)) ?? 'unknown';
}
