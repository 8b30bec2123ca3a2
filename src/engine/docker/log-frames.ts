import type { LogLine } from '../engine.ts';

/** More of one line is not kept: a service that never prints a line end must not fill this process's memory. Bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Docker's own buffer for one message; a longer line arrives as several messages. Bytes. */
const DOCKER_MESSAGE_BYTES = 16 * 1024;
const HEADER_BYTES = 8;
const FIRST_PENDING_BYTES = 4096;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

type Stream = LogLine['stream'];

export interface FrameDecoderOptions {
  /** Whether the container has a terminal: its log is then raw text, without frames, all of it stdout. */
  readonly tty: boolean;
  /** One line without its end. `at` is the engine's stamp as written, or `''` as long as the engine sent none. */
  readonly onLine: (stream: Stream, at: string, text: string) => void;
}

export interface FrameDecoder {
  push(chunk: Buffer): void;
  /** The stream is over: a last line without a line end is a line too. */
  end(): void;
}

/**
 * Decodes the body of Docker's `GET /containers/{id}/logs?timestamps=1`, cut into chunks at any byte.
 *
 * Frames are only taken apart here; the lines are found in the text of each stream, so a line may span frames and a
 * frame may hold several lines. A stream that does not begin with a frame is read as raw text, whatever `tty` says.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerAttach (stream format)
 */
export function createFrameDecoder(options: FrameDecoderOptions): FrameDecoder {
  const out = createLineCutter((at, text) => options.onLine('stdout', at, text));
  const err = createLineCutter((at, text) => options.onLine('stderr', at, text));
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let payloadBytes = 0;
  let cutter = out;
  let raw = options.tty;

  /** @returns where the header ends in the chunk */
  const readHeader = (chunk: Buffer, from: number): number => {
    const copied = chunk.copy(header, headerBytes, from, from + HEADER_BYTES - headerBytes);
    headerBytes += copied;
    if (!looksLikeHeader(header, headerBytes)) {
      raw = true;
      cutter = out;
      cutter.push(header, 0, headerBytes);
    } else if (headerBytes === HEADER_BYTES) {
      headerBytes = 0;
      payloadBytes = header.readUInt32BE(4);
      // 0 and 1 are stdin and stdout; 3 carries the engine's own errors.
      cutter = (header[0] ?? 0) >= 2 ? err : out;
    }
    return from + copied;
  };

  return {
    push(chunk) {
      let position = 0;
      while (position < chunk.length) {
        if (!raw && payloadBytes === 0) {
          position = readHeader(chunk, position);
          continue;
        }
        const end = raw ? chunk.length : Math.min(position + payloadBytes, chunk.length);
        cutter.push(chunk, position, end);
        if (!raw) payloadBytes -= end - position;
        position = end;
      }
    },
    end() {
      out.end();
      err.end();
    },
  };
}

/** A header is one byte for the stream (0 to 3), three zeros and the size. Judged on as much of it as there is. */
function looksLikeHeader(header: Buffer, bytes: number): boolean {
  if ((header[0] ?? 0) > 3) return false;
  for (let index = 1; index < Math.min(bytes, 4); index++) {
    if (header[index] !== 0) return false;
  }
  return true;
}

interface LineCutter {
  push(bytes: Buffer, start: number, end: number): void;
  end(): void;
}

/** Cuts the bytes of one stream into lines. Whole lines are decoded where they lie; only the rest of a chunk is copied. */
function createLineCutter(onLine: (at: string, text: string) => void): LineCutter {
  let pending = Buffer.alloc(0);
  let pendingBytes = 0;
  let lostBytes = 0;
  let lastAt = '';

  const keep = (bytes: Buffer, start: number, end: number) => {
    const wanted = Math.min(end - start, MAX_LINE_BYTES - pendingBytes);
    lostBytes += end - start - wanted;
    if (pendingBytes + wanted > pending.length) {
      const size = Math.max(FIRST_PENDING_BYTES, pending.length * 2, pendingBytes + wanted);
      const larger = Buffer.allocUnsafe(Math.min(size, MAX_LINE_BYTES));
      pending.copy(larger, 0, 0, pendingBytes);
      pending = larger;
    }
    bytes.copy(pending, pendingBytes, start, start + wanted);
    pendingBytes += wanted;
  };

  const emit = (bytes: Buffer, start: number, lineEnd: number) => {
    let end = lineEnd;
    while (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
    const stamp = stampBytes(bytes, start, end);
    if (stamp === 0) {
      onLine(lastAt, bytes.toString('utf8', start, end));
      return;
    }
    if (end - start > DOCKER_MESSAGE_BYTES) {
      lastAt = bytes.toString('latin1', start, start + stamp - 1);
      const text = withoutStamp(bytes.subarray(start, end), bytes.subarray(start, start + stamp));
      onLine(lastAt, text.toString());
      return;
    }
    const line = bytes.toString('utf8', start, end);
    lastAt = line.slice(0, stamp - 1);
    onLine(lastAt, line.slice(stamp));
  };

  const emitPending = () => {
    const end = lostBytes > 0 ? wholeCharacters(pending, pendingBytes) : pendingBytes;
    const suffix = lostBytes > 0 ? Buffer.from(` … [${lostBytes + pendingBytes - end} bytes cut]`) : undefined;
    emit(
      suffix === undefined ? pending : Buffer.concat([pending.subarray(0, end), suffix]),
      0,
      end + (suffix?.length ?? 0),
    );
    if (pending.length > DOCKER_MESSAGE_BYTES * 4) pending = Buffer.alloc(0);
    pendingBytes = 0;
    lostBytes = 0;
  };

  return {
    push(bytes, start, end) {
      let position = start;
      while (position < end) {
        const lineEnd = bytes.indexOf(LINE_FEED, position);
        if (lineEnd === -1 || lineEnd >= end) {
          keep(bytes, position, end);
          return;
        }
        if (pendingBytes === 0) {
          emit(bytes, position, lineEnd);
        } else {
          keep(bytes, position, lineEnd);
          emitPending();
        }
        position = lineEnd + 1;
      }
    },
    end() {
      if (pendingBytes > 0) emitPending();
    },
  };
}

/** The bytes of `2026-11-24T12:00:00.000000000Z ` at the start of a line, blank included; 0 when no stamp is there. */
function stampBytes(bytes: Buffer, start: number, end: number): number {
  const shaped = bytes[start + 4] === 0x2d && bytes[start + 10] === 0x54 && bytes[start + 13] === 0x3a;
  if (!shaped || start + 20 > end) return 0;
  // The longest has nanoseconds and a numeric zone. An empty line may have lost its blank to a trim on the way.
  const last = Math.min(start + 36, end);
  for (let index = start + 19; index < last; index++) {
    if (bytes[index] === 0x20) return index + 1 - start;
  }
  return 0;
}

/**
 * Docker splits a long line into messages and stamps each of them with the time of the first, so the same stamp stands
 * in the middle of the text as often as it was split. Taken out before decoding: a character may lie across the split.
 */
function withoutStamp(line: Buffer, stamp: Buffer): Buffer {
  const parts: Buffer[] = [];
  let position = stamp.length;
  for (let next = line.indexOf(stamp, position); next !== -1; next = line.indexOf(stamp, position)) {
    parts.push(line.subarray(position, next));
    position = next + stamp.length;
  }
  parts.push(line.subarray(position));
  return parts.length === 1 ? line.subarray(stamp.length) : Buffer.concat(parts);
}

/** The length without a last UTF-8 character that the cut went through. */
function wholeCharacters(bytes: Buffer, length: number): number {
  let start = length - 1;
  while (start > length - 4 && start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  let size = 1;
  if (lead >= 0xf0) size = 4;
  else if (lead >= 0xe0) size = 3;
  else if (lead >= 0xc0) size = 2;
  return start + size > length ? start : length;
}
