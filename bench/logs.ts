/**
 * Lines a second through the log pipeline, whole process on one core: `npx tsx bench/logs.ts [lines]`.
 * The output goes nowhere, so that the terminal is not what is measured.
 */
import { Writable } from 'node:stream';
import { createFrameDecoder } from '../src/engine/docker/log-frames.ts';
import type { LogLine } from '../src/engine/engine.ts';
import { plainLogStyles } from '../src/logs/format-line.ts';
import { compileLogFilter } from '../src/logs/log-filter.ts';
import { createLogView, type LogViewOptions } from '../src/logs/log-view.ts';

const COUNT = Number(process.argv[2] ?? 500_000);
const NODES = Array.from({ length: 14 }, (_, index) => `service-number-${index}`);
const SECRETS = Array.from({ length: 20 }, (_, index) => `a-secret+value/${index}-of-some-length`);
const START = Date.UTC(2026, 10, 24, 12);

const TEXTS = [
  'info: Microsoft.AspNetCore.Hosting.Diagnostics[1]',
  '      Request starting HTTP/1.1 GET http://gateway:5000/api/config?service=auth-service - - -',
  'GET /api/config 200 3 ms',
  '{"@t":"2026-11-24T12:00:00Z","@m":"Handled GET /api/config in 3 ms","@l":"Warning","Status":200,"Path":"/api/config"}',
  'connected with secret a-secret+value/7-of-some-length to rabbitmq:5672 as toskamesh',
];

function stampOf(index: number): string {
  return new Date(START + Math.floor(index / 100))
    .toISOString()
    .replace('Z', `${String(index % 100).padStart(2, '0')}0000Z`);
}

function lineAt(index: number): LogLine {
  const text = `${TEXTS[Math.floor(index / NODES.length) % TEXTS.length]}`;
  return { node: NODES[index % NODES.length] ?? '', replica: 1, stream: 'stdout', at: stampOf(index), text };
}

function frameOf({ at, text }: LogLine): Buffer {
  const payload = Buffer.from(`${at} ${text}\n`);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** What sockets deliver: 64 KiB of one instance at a time. */
function chunksOf(lines: readonly LogLine[]): { readonly node: string; readonly chunk: Buffer }[] {
  const perNode = NODES.map((node) => Buffer.concat(lines.filter((line) => line.node === node).map(frameOf)));
  const chunks: { node: string; chunk: Buffer }[] = [];
  for (let start = 0; perNode.some((bytes) => start < bytes.length); start += 65_536) {
    for (const [index, bytes] of perNode.entries()) {
      const chunk = bytes.subarray(start, start + 65_536);
      if (chunk.length > 0) chunks.push({ node: NODES[index] ?? '', chunk });
    }
  }
  return chunks;
}

async function measure(name: string, chunks: ReturnType<typeof chunksOf>, options: Omit<LogViewOptions, 'output'>) {
  let written = 0;
  const output = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      written += chunk.length;
      done();
    },
  });
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const view = createLogView({ ...options, output });
  const decoders = new Map(
    NODES.map((node) => [
      node,
      createFrameDecoder({
        tty: false,
        onLine: (stream, at, text) => view.push({ node, replica: 1, stream, at, text }),
      }),
    ]),
  );
  for (const { node, chunk } of chunks) {
    decoders.get(node)?.push(chunk);
    // As between two reads of a socket: timers must get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const decoder of decoders.values()) decoder.end();
  await view.end();
  const tookMs = performance.now() - startedAt;
  const used = process.cpuUsage(cpu);
  const cpuMs = (used.user + used.system) / 1000;
  const rate = (ms: number) =>
    Math.round((COUNT / ms) * 1000)
      .toLocaleString('en')
      .padStart(9);
  console.log(
    `${name.padEnd(44)} ${rate(tookMs)} lines/s  ${rate(cpuMs)} lines/cpu-s  ${(written / 1e6).toFixed(0)} MB out`,
  );
}

const chunks = chunksOf(Array.from({ length: COUNT }, (_, index) => lineAt(index)));
const filter = compileLogFilter({ grep: ['api/(config|auth)', 'rabbitmq'], exclude: ['health'] }).value;
const text = { nodes: NODES, prefix: 'node', time: 'clock', structured: 'fields', styles: plainLogStyles } as const;

await measure('warm-up', chunks, { mode: 'once', form: text });
await measure('decode + merge + text', chunks, { mode: 'once', form: text });
await measure('decode + merge + raw text', chunks, { mode: 'once', form: { ...text, structured: 'raw' } });
await measure('decode + merge + json', chunks, { mode: 'once', form: 'json' });
await measure('decode + redact + merge + filter + text', chunks, {
  mode: 'once',
  form: text,
  filter,
  secrets: SECRETS,
});
await measure('the same, following', chunks, { mode: 'follow', form: text, filter, secrets: SECRETS });
console.log(
  `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, ${Math.round(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0) / 1e6)} MB of it input`,
);
