/** Counts requests and renders the text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export class RequestMetrics {
  readonly #service: string;
  readonly #counts = new Map<string, number>();

  constructor(service: string) {
    this.#service = service;
  }

  count(method: string, status: number): void {
    const labels = `service="${this.#service}",method="${method}",code="${status}"`;
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
  }

  render(ready: boolean): string {
    const cpu = process.cpuUsage();
    const gauge = (name: string, help: string, value: number, type = 'gauge'): readonly string[] => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      `${name} ${value}`,
    ];
    const lines = [
      '# HELP http_requests_total Requests answered.',
      '# TYPE http_requests_total counter',
      ...[...this.#counts].map(([labels, value]) => `http_requests_total{${labels}} ${value}`),
      ...gauge('service_ready', 'Whether every dependency answers.', ready ? 1 : 0),
      ...gauge('process_cpu_seconds_total', 'CPU time used.', (cpu.user + cpu.system) / 1e6, 'counter'),
      ...gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
      ...gauge('process_start_time_seconds', 'Start, in Unix time.', Date.now() / 1000 - process.uptime()),
    ];
    return `${lines.join('\n')}\n`;
  }
}
