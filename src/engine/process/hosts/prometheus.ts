import path from 'node:path';
import { firstEndpoint } from './first-endpoint.ts';
import { type Host, onPath, programPath } from './host.ts';

const CONFIG = '/etc/prometheus/prometheus.yml';

export const prometheus: Host = {
  images: ['prom/prometheus'],
  programs: ['prometheus'],
  sparePorts: [],
  hosting: onPath('prometheus'),
  command: ({ node, available, port, home, files }) => {
    const config = path.join(home, 'prometheus.yml');
    return {
      argv: [
        programPath(available, 'prometheus'),
        `--config.file=${config}`,
        `--storage.tsdb.path=${path.join(home, 'data')}`,
        `--web.listen-address=127.0.0.1:${port(firstEndpoint(node, 'http'))}`,
      ],
      cwd: home,
      folders: [home],
      files: [{ path: config, text: files.find((file) => file.path === CONFIG)?.text ?? '' }],
    };
  },
};
