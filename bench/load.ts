// Requests a second and their times through the gateway beside the same service called directly, in one run.
// All processes share this machine's processors with the load itself, so only ratios count.
// Usage: npm run bench:load [-- --upstream config|plain] [--rounds 5] [--seconds 5] [--connections 64] [--cpu-profile <folder>]
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startLoadMesh, type UpstreamKind } from './load/load-mesh.ts';
import { type LoadSample, measureLoad } from './load/measure-load.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { markdownTable } from './markdown-table.ts';
import { median } from './median.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const UPSTREAMS: Readonly<Record<UpstreamKind, string>> = {
  config: 'config-service: reads a document from PostgreSQL',
  plain: 'a service that does nothing',
};
const { values } = parseArgs({
  options: {
    upstream: { type: 'string', multiple: true, default: ['config', 'plain'] },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    'cpu-profile': { type: 'string' },
  },
});
const [ROUNDS, SECONDS, CONNECTIONS] = (['rounds', 'seconds', 'connections'] as const).map((name) => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} takes a number of 1 or more, not ${values[name]}`);
  return number;
}) as [number, number, number];

type Samples = Readonly<Record<'direct' | 'gateway', LoadSample[]>>;

execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(ROOT, 'examples/toskamesh'), stdio: 'inherit' });
const load = describeLoad(loadavg());
const sections: string[] = [];
for (const kind of values.upstream) {
  if (kind !== 'config' && kind !== 'plain') throw new Error(`--upstream must be config or plain, and not ${kind}`);
  sections.push(`## ${UPSTREAMS[kind]}`, '', ...(await measure(kind)), '');
}
const text = [
  `# ${CONNECTIONS} connections for ${SECONDS} s, directly and through the gateway in turn; medians of ${ROUNDS} rounds`,
  '',
  `${describeMachine()}; load before: ${load}. The load generator, the gateway, the service and PostgreSQL share these`,
  'processors: what the gateway uses, the service lacks. Each request is authenticated, counted against a rate limit,',
  'logged and traced by the gateway, and by the config service again.',
  '',
  ...sections,
].join('\n');
console.log(text);
mkdirSync(path.join(ROOT, 'bench/results'), { recursive: true });
writeFileSync(path.join(ROOT, 'bench/results/load.md'), text);

async function measure(kind: UpstreamKind): Promise<readonly string[]> {
  const profile = values['cpu-profile'];
  const gatewayOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`];
  const mesh = await startLoadMesh(kind, gatewayOptions);
  try {
    const pids = [mesh.gatewayPid, mesh.upstreamPid];
    const run = (url: string, seconds: number) =>
      measureLoad({ url, token: mesh.token, connections: CONNECTIONS, seconds, pids });
    // Compiles what is called often, and opens the connections.
    await run(mesh.direct, 2);
    await run(mesh.throughGateway, 3);
    const samples: Samples = { direct: [], gateway: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      process.stderr.write(`${kind}: round ${round} of ${ROUNDS}\n`);
      samples.direct.push(await run(mesh.direct, SECONDS));
      samples.gateway.push(await run(mesh.throughGateway, SECONDS));
    }
    return report(samples, mesh);
  } finally {
    await mesh.stop();
  }
}

function report(samples: Samples, { gatewayPid, upstreamPid }: { gatewayPid: number; upstreamPid: number }): string[] {
  const { direct, gateway } = samples;
  const cpuOf = (pid: number) => (sample: LoadSample) => sample.cpuMicroseconds.get(pid) ?? Number.NaN;
  const rows: readonly (readonly [what: string, digits: number, of: (sample: LoadSample) => number])[] = [
    ['requests/s', 0, (sample) => sample.requestsPerSecond],
    ['p50 (ms)', 1, (sample) => sample.p50Ms],
    ['p99 (ms)', 1, (sample) => sample.p99Ms],
    ['service, µs of processor a request', 0, cpuOf(upstreamPid)],
  ];
  const table = rows.map(([what, digits, of]) => {
    const medians = [median(direct.map(of)), median(gateway.map(of))] as const;
    // Of neighbours in time, since the machine's speed drifts.
    const ratio = median(gateway.map((sample, round) => of(sample) / of(direct[round] ?? sample)));
    return [what, ...medians.map((value) => value.toFixed(digits)), ratio.toFixed(2)];
  });
  const own = median(gateway.map(cpuOf(gatewayPid))).toFixed(0);
  return [
    ...markdownTable(
      ['', 'directly', 'through the gateway', 'gateway ÷ direct'],
      [...table, ['gateway, µs of processor a request', '', own, '']],
    ),
  ];
}
