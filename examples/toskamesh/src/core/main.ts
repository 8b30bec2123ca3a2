import { runService, WebServer } from '@toskamesh/shared';
import { addClusterApi } from './cluster-api.ts';
import { ConsulMembership } from './consul-membership.ts';
import type { Membership } from './membership.ts';
import { memoryMembership } from './memory-membership.ts';
import { PeerLinks } from './peer-links.ts';
import { membershipAddress, siloOf } from './silo.ts';
import { SiloPort } from './silo-port.ts';

await runService('core', async ({ service, settings, log }) => {
  const silo = siloOf(settings);
  const consul = membershipAddress(settings, log);
  if (consul === undefined) {
    log.warn('membership is in memory: this silo is alone in its cluster and leads it');
  }
  const membership: Membership =
    consul === undefined ? memoryMembership(silo) : new ConsulMembership(silo, consul, log);
  const peers = new PeerLinks(log);
  const siloPort = new SiloPort({ port: silo.siloPort, self: () => membership.status().self, log });

  // ToskaMesh's silo has no web host. Its gateway port answers a few requests here, so that one can look into a cluster.
  const web = new WebServer({
    service,
    log,
    addresses: [
      {
        host: undefined,
        port: silo.gatewayPort,
        url: `http://+:${silo.gatewayPort}`,
        variable: 'Orleans__GatewayPort',
      },
    ],
    dependencies: membership.dependencies,
    metrics: 'none',
    facts: () => {
      const { members, self, leader } = membership.status();
      return { membership: membership.kind, members: members.length, leader: self !== undefined && leader === self };
    },
  });
  addClusterApi(web.app, { silo, membership, peers });
  await web.listen();
  peers.start();
  // An open silo port is what tells the orchestrator that the silo is ready, so it opens once the silo has joined. It
  // stays open when Consul is lost. A port that is taken ends the process, as a rejection that nobody handles does.
  membership.start(
    () => void siloPort.listen(),
    (status) => peers.meet(status),
  );

  return {
    async stop() {
      web.drain();
      peers.close();
      await Promise.all([siloPort.close(), membership.leave()]);
      await web.close();
    },
  };
});
