import { describe, expect, it } from 'vitest';
import { createFrameDecoder, MAX_LINE_BYTES } from '../../../../src/engine/docker/log-frames.ts';

const AT = '2026-11-24T12:00:00.123456789Z';
const LATER = '2026-11-24T12:00:01.000000001Z';

function frame(stream: 0 | 1 | 2 | 3, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function decode(chunks: readonly Buffer[], tty = false): string[] {
  const lines: string[] = [];
  const decoder = createFrameDecoder({ tty, onLine: (stream, at, text) => lines.push(`${stream} ${at} ${text}`) });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return lines;
}

/** Each way to cut the bytes in two, and one byte at a time. */
function cuts(bytes: Buffer): Buffer[][] {
  const inTwo = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [...inTwo, Array.from(bytes, (byte) => Buffer.from([byte]))];
}

describe('framed logs', () => {
  const bytes = Buffer.concat([
    frame(1, `${AT} GET /api/config 200\n`),
    frame(2, `${AT} wärn ✘ 🚀\r\n`),
    frame(1, `${LATER} \n`),
    frame(2, `${AT} a part, `),
    frame(1, `${LATER} in between\n`),
    frame(2, `${AT} and the rest\n`),
    frame(1, ''),
    frame(1, `${LATER} two\n${LATER} lines\n`),
    frame(3, 'Error grabbing logs: gone\n'),
    frame(1, `${LATER} no line end`),
  ]);
  const lines = [
    `stdout ${AT} GET /api/config 200`,
    `stderr ${AT} wärn ✘ 🚀`,
    `stdout ${LATER} `,
    `stdout ${LATER} in between`,
    `stderr ${AT} a part, ${AT} and the rest`,
    `stdout ${LATER} two`,
    `stdout ${LATER} lines`,
    `stderr ${AT} Error grabbing logs: gone`,
    `stdout ${LATER} no line end`,
  ];

  it('become the same lines wherever the stream is cut', () => {
    for (const chunks of cuts(bytes)) expect(decode(chunks)).toEqual(lines);
  });

  it('keep the stamp of an offset zone, and the time that a service wrote itself', () => {
    expect(decode([frame(1, `2026-11-24T13:00:00.123456789+01:00 ${AT} hello\n`)])).toEqual([
      `stdout 2026-11-24T13:00:00.123456789+01:00 ${AT} hello`,
    ]);
  });

  it('without stamps have no time', () => {
    expect(decode([frame(1, 'hello\n\n2026 was a year\n')])).toEqual([
      'stdout  hello',
      'stdout  ',
      'stdout  2026 was a year',
    ]);
  });

  it('are read as raw text when there are no frames after all', () => {
    const raw = Buffer.from(`${AT} hello\r\n${LATER} again\r\n`);
    for (const chunks of cuts(raw)) expect(decode(chunks)).toEqual([`stdout ${AT} hello`, `stdout ${LATER} again`]);
  });
});

describe('long lines', () => {
  const part = 'x'.repeat(16_383);
  const text = `${part}é${part}!`;
  const whole = Buffer.from(text);
  const parts = [whole.subarray(0, 16_384), whole.subarray(16_384, 32_768), whole.subarray(32_768)];
  const stamped = parts.map((bytes, index) =>
    Buffer.concat([Buffer.from(`${AT} `), bytes, Buffer.from(index === 2 ? '\n' : '')]),
  );

  it('that Docker split are joined, and so is the character across the split', () => {
    expect(decode(stamped.map((bytes) => frame(1, bytes)))).toEqual([`stdout ${AT} ${text}`]);
    expect(decode(stamped, true)).toEqual([`stdout ${AT} ${text}`]);
  });

  it('are joined wherever the stream is cut', () => {
    const bytes = Buffer.concat(stamped.map((payload) => frame(1, payload)));
    const around = [8, 40, 16_420, 16_424, 16_432, 16_440, 16_460, 32_870];
    for (const near of around) {
      for (let at = near - 12; at < near + 12; at++) {
        const chunks = [bytes.subarray(0, Math.max(0, at)), bytes.subarray(Math.max(0, at))];
        expect(decode(chunks)).toEqual([`stdout ${AT} ${text}`]);
      }
    }
  });

  it('are cut at 1 MiB, between characters, and say so; the next line is whole', () => {
    const endless = Buffer.from(`${AT} ${'✘'.repeat(500_000)}`);
    const chunks = Array.from({ length: 23 }, (_, index) => endless.subarray(index * 65_536, (index + 1) * 65_536));
    const [first = '', second] = decode([...chunks, Buffer.from(`\n${LATER} next\n`)], true);
    expect(first).toMatch(/^stdout \S+ ✘+ … \[\d+ bytes cut\]$/);
    expect(Buffer.byteLength(first)).toBeLessThan(MAX_LINE_BYTES + 100);
    const kept = Buffer.byteLength(first.replace(/^stdout /, '').replace(/ … .*/, ''));
    expect(Number(/(\d+) bytes cut/.exec(first)?.[1])).toBe(endless.length - kept);
    expect(second).toBe(`stdout ${LATER} next`);
  });
});
