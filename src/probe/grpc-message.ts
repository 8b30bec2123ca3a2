// The health protocol of gRPC, as far as one check needs it.
// Sources: https://github.com/grpc/grpc/blob/master/doc/health-checking.md and PROTOCOL-HTTP2.md beside it;
// https://protobuf.dev/programming-guides/encoding/

const HEAD_BYTES = 5;
const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const STATUS_FIELD = 1;

const GRPC_STATUS = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

/** The name of a `grpc-status`, such as `UNIMPLEMENTED` for 12. */
export function grpcStatusName(status: number): string {
  return GRPC_STATUS[status] ?? `grpc-status ${status}`;
}

/** A HealthCheckRequest in its frame. An empty service asks for the server as a whole. */
export function encodeHealthCheck(service: string): Buffer {
  const name = Buffer.from(service);
  // Field 1, length-delimited; a default value is not sent.
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...encodeVarint(name.length)]), name]);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The serving status of a framed HealthCheckResponse, such as `SERVING`; `undefined` when the bytes are none. */
export function decodeHealthStatus(bytes: Buffer): string | undefined {
  if (bytes.length < HEAD_BYTES || bytes.readUInt8(0) !== 0) return undefined;
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  if (bytes.length < end) return undefined;
  const status = readField(bytes.subarray(HEAD_BYTES, end), STATUS_FIELD);
  return status === undefined ? undefined : (SERVING_STATUS[status] ?? `status ${status}`);
}

function encodeVarint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...encodeVarint(Math.floor(value / 0x80))];
}

/** The last value of a varint field, 0 when it is not there; `undefined` when the message is malformed. */
function readField(message: Buffer, wanted: number): number | undefined {
  let value = 0;
  let at = 0;
  while (at < message.length) {
    const tag = decodeVarint(message, at);
    if (tag === undefined) return undefined;
    const next = skipField(message, tag.end, tag.value % 8);
    if (next === undefined) return undefined;
    if (tag.value === wanted * 8) value = decodeVarint(message, tag.end)?.value ?? 0;
    at = next;
  }
  return value;
}

/** Where the next field begins. Unknown fields must be skipped: a later version of the protocol may send them. */
function skipField(message: Buffer, at: number, wireType: number): number | undefined {
  const varint = wireType === 0 || wireType === 2 ? decodeVarint(message, at) : undefined;
  const ends: Readonly<Record<number, number | undefined>> = {
    0: varint?.end,
    1: at + 8,
    2: varint && varint.end + varint.value,
    5: at + 4,
  };
  const end = ends[wireType];
  return end === undefined || end > message.length ? undefined : end;
}

function decodeVarint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  // Nothing in this protocol needs more than 28 bits; no bit operations, which would overflow at 31.
  for (let at = start; at < Math.min(bytes.length, start + 4); at++) {
    const byte = bytes.readUInt8(at);
    value += (byte & 0x7f) * 0x80 ** (at - start);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
