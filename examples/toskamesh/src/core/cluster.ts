import type { KeyEntry } from '@toskamesh/shared';
import type { Silo } from './silo.ts';

/** One run of a silo process, as the others know it. */
export interface Member {
  readonly id: string;
  readonly address: string;
  readonly siloPort: number;
  readonly gatewayPort: number;
  /** ISO 8601. */
  readonly joinedAt: string;
}

/** A member with the session that its record lives by. */
export interface Enrolled extends Member {
  readonly session: string;
}

export interface Cluster {
  /** By when they joined. */
  readonly members: readonly Enrolled[];
  /** The session that holds the leader's key; undefined when nobody leads. */
  readonly leaderSession: string | undefined;
}

/** As in Orleans, the same silo started anew is another member: what was sent to the old one is not for it. */
export function createMember(silo: Silo, address: string, startedAt: Date): Member {
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    id: `${host}:${silo.siloPort}@${Math.floor(startedAt.getTime() / 1000)}`,
    address,
    siloPort: silo.siloPort,
    gatewayPort: silo.gatewayPort,
    joinedAt: startedAt.toISOString(),
  };
}

export function clusterKey(clusterId: string): string {
  return `toskamesh/core/${clusterId}/`;
}

export function leaderKey(clusterId: string): string {
  return `${clusterKey(clusterId)}leader`;
}

export function memberKey(clusterId: string, member: Member): string {
  return `${clusterKey(clusterId)}members/${encodeURIComponent(member.id)}`;
}

/** @param entries - all keys of the cluster; one that no session holds is a leftover */
export function parseCluster(clusterId: string, entries: readonly KeyEntry[]): Cluster {
  const members: Enrolled[] = [];
  let leaderSession: string | undefined;
  for (const { key, value, session } of entries) {
    if (key === leaderKey(clusterId)) {
      leaderSession = session;
    } else if (session !== undefined) {
      const member = parseMember(value);
      if (member !== undefined) {
        members.push({ ...member, session });
      }
    }
  }
  members.sort((a, b) => a.joinedAt.localeCompare(b.joinedAt) || a.id.localeCompare(b.id));
  return { members, leaderSession };
}

/** Earlier runs of the same silo: they are over, though their sessions may last some seconds more. */
export function earlierRuns({ members }: Cluster, own: Enrolled): readonly Enrolled[] {
  return members.filter(
    ({ session, address, siloPort }) => session !== own.session && address === own.address && siloPort === own.siloPort,
  );
}

function parseMember(value: string): Member | undefined {
  try {
    const { id, address, siloPort, gatewayPort, joinedAt } = JSON.parse(value) as Member;
    const hasTexts = [id, address, joinedAt].every((field) => typeof field === 'string');
    const hasPorts = [siloPort, gatewayPort].every((field) => typeof field === 'number');
    return hasTexts && hasPorts ? { id, address, siloPort, gatewayPort, joinedAt } : undefined;
  } catch {
    return undefined;
  }
}
