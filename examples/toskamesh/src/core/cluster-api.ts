import type { App } from '@toskamesh/shared';
import type { Membership } from './membership.ts';
import type { PeerLinks } from './peer-links.ts';
import type { Silo } from './silo.ts';

export interface ClusterApiOptions {
  readonly silo: Silo;
  readonly membership: Membership;
  readonly peers: PeerLinks;
}

/** Who is in the cluster, as this silo sees it: Consul's last answer while Consul is away, and then without a leader. */
export function addClusterApi(app: App, { silo, membership, peers }: ClusterApiOptions): void {
  app.get('/cluster', { config: { public: true } }, async () => {
    const { members, self, leader, asOf } = membership.status();
    return {
      clusterId: silo.clusterId,
      serviceId: silo.serviceId,
      membership: membership.kind,
      current: membership.dependencies.every((dependency) => dependency.ok),
      asOf: asOf?.toISOString() ?? null,
      self: self ?? null,
      leader: leader ?? null,
      members: members.map((member) => ({
        ...member,
        leader: member.id === leader,
        self: member.id === self,
        heardAt: peers.heardAt(member.id)?.toISOString() ?? null,
      })),
    };
  });
}
