import path from 'node:path';
import { endpointAt, firstEndpoint } from './first-endpoint.ts';
import { type Host, onPath, programPath } from './host.ts';

const MANAGEMENT_PORT = 15_672;

/**
 * RabbitMQ cannot do without Erlang's port mapper, and would start one that daemonizes and outlives it. One that runs
 * already, in the group of the server, ends with it.
 */
const WITH_PORT_MAPPER = 'epmd & exec "$0"';

export const rabbitmq: Host = {
  images: ['rabbitmq'],
  programs: ['rabbitmq-server'],
  sparePorts: ['distribution', 'epmd'],
  hosting: onPath('rabbitmq-server'),
  command: ({ node, available, port, home, env }) => {
    const management = endpointAt(node, MANAGEMENT_PORT);
    const config = path.join(home, 'rabbitmq.conf');
    const plugins = path.join(home, 'enabled_plugins');
    return {
      argv: ['sh', '-c', WITH_PORT_MAPPER, programPath(available, 'rabbitmq-server')],
      cwd: home,
      folders: [home],
      // Only RABBITMQ_DEFAULT_* of the image are settings of the server itself.
      env: {
        HOME: home,
        RABBITMQ_NODENAME: `mesh-${port('#distribution')}@localhost`,
        RABBITMQ_CONFIG_FILE: config,
        RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
        RABBITMQ_MNESIA_BASE: path.join(home, 'mnesia'),
        RABBITMQ_LOG_BASE: path.join(home, 'log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: path.join(home, 'pid'),
        RABBITMQ_DIST_PORT: String(port('#distribution')),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        ERL_EPMD_PORT: String(port('#epmd')),
        ERL_EPMD_ADDRESS: '127.0.0.1',
      },
      files: [
        { path: plugins, text: management === undefined ? '[].\n' : '[rabbitmq_management].\n' },
        {
          path: config,
          text: [
            `listeners.tcp.1 = 127.0.0.1:${port(firstEndpoint(node, 'amqp'))}`,
            `default_user = ${env.RABBITMQ_DEFAULT_USER ?? 'guest'}`,
            `default_pass = ${env.RABBITMQ_DEFAULT_PASS ?? 'guest'}`,
            ...(management === undefined
              ? []
              : [`management.tcp.port = ${port(management)}`, 'management.tcp.ip = 127.0.0.1']),
            '',
          ].join('\n'),
        },
      ],
    };
  },
};
