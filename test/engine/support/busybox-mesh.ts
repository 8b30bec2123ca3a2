/** A manifest of small servers that are ready when a test wants them to be; nothing has to be built or pulled. */
export interface BusyboxService {
  readonly name: string;
  readonly hostPort: number;
  /** Seconds before it listens. */
  readonly afterSeconds?: number;
  readonly needs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Replaces what it runs. */
  readonly command?: string;
  /** More lines of its block, indented by four spaces. */
  readonly more?: string;
}

export function busyboxMesh(services: readonly BusyboxService[], more = ''): string {
  return `name: busybox-mesh\n${more}services:\n${services.map(renderService).join('')}`;
}

function renderService(service: BusyboxService): string {
  const wait = service.afterSeconds === undefined ? '' : `sleep ${service.afterSeconds}; `;
  const command =
    service.command ?? `${wait}mkdir -p /www/health; echo ready > /www/health/ready; exec httpd -f -p 8080 -h /www`;
  const env = Object.entries(service.env ?? {}).map(([name, value]) => `      ${name}: ${JSON.stringify(value)}\n`);
  return [
    `  ${service.name}:\n`,
    '    image: busybox:latest\n',
    `    command: ${JSON.stringify(command)}\n`,
    `    endpoints: { http: { port: 8080, host: ${service.hostPort} } }\n`,
    service.needs === undefined ? '' : `    needs: [${service.needs.join(', ')}]\n`,
    env.length === 0 ? '' : `    env:\n${env.join('')}`,
    '    health: { ready: /health/ready, within: 20s }\n',
    // busybox's httpd does not end by SIGTERM as process 1.
    '    stopGrace: 1s\n',
    service.more ?? '',
  ].join('');
}
