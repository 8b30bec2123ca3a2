import { endpointAt, firstEndpoint } from './first-endpoint.ts';
import { type Host, onPath, programPath } from './host.ts';

/** Consul's own defaults; every one of them is given another port, so that a Consul of the machine is not met. */
const DNS_PORT = 8600;

export const consul: Host = {
  images: ['hashicorp/consul', 'consul'],
  programs: ['consul'],
  sparePorts: ['server', 'serf-lan', 'serf-wan', 'grpc', 'grpc-tls', 'dns'],
  hosting: onPath('consul'),
  command: ({ node, available, port, home }) => ({
    argv: [
      programPath(available, 'consul'),
      ...['agent', '-server', '-ui', '-bootstrap-expect=1', '-node=mesh', `-data-dir=${home}`],
      ...['-bind=127.0.0.1', '-client=127.0.0.1', `-http-port=${port(firstEndpoint(node, 'http'))}`],
      `-dns-port=${port(endpointAt(node, DNS_PORT) ?? '#dns')}`,
      ...[
        `-server-port=${port('#server')}`,
        `-serf-lan-port=${port('#serf-lan')}`,
        `-serf-wan-port=${port('#serf-wan')}`,
      ],
      ...[`-grpc-port=${port('#grpc')}`, `-grpc-tls-port=${port('#grpc-tls')}`],
    ],
    cwd: home,
    folders: [home],
    // SIGTERM would be a crash to its peers; SIGINT leaves the cluster in order.
    stopSignal: 'SIGINT',
  }),
};
