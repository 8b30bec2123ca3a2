import { describe, expect, it } from 'vitest';
import { decodeHealthStatus, encodeHealthCheck, grpcStatusName } from '../../../src/probe/grpc-message.ts';

const framed = (...message: number[]) => Buffer.from([0, 0, 0, 0, message.length, ...message]);

describe('encodeHealthCheck', () => {
  it('writes the length of a long name as a varint', () => {
    const bytes = encodeHealthCheck('s'.repeat(300));
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0, 0, 0, 0x01, 0x2f, 0x0a, 0xac, 0x02]));
    expect(bytes).toHaveLength(8 + 300);
  });
});

describe('decodeHealthStatus', () => {
  it('skips fields that it does not know, of every wire type', () => {
    const varint = [0x10, 0x80, 0x01];
    const fixed64 = [0x19, 1, 2, 3, 4, 5, 6, 7, 8];
    const text = [0x22, 2, 0x08, 2];
    const fixed32 = [0x2d, 1, 2, 3, 4];
    expect(decodeHealthStatus(framed(...varint, ...fixed64, ...text, 0x08, 1, ...fixed32))).toBe('SERVING');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a message', framed(0x08, 1).subarray(0, 6)],
    ['a compressed message', Buffer.from([1, 0, 0, 0, 2, 0x08, 1])],
    ['a field that ends behind the message', framed(0x22, 200, 1, 1)],
    ['a group, which proto3 does not have', framed(0x0b)],
    ['a varint without end', framed(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ])('does not read %s', (_, bytes) => {
    expect(decodeHealthStatus(bytes)).toBeUndefined();
  });
});

describe('grpcStatusName', () => {
  it('names what the standard names', () => {
    expect([0, 5, 12, 14, 16, 17].map(grpcStatusName)).toEqual([
      'OK',
      'NOT_FOUND',
      'UNIMPLEMENTED',
      'UNAVAILABLE',
      'UNAUTHENTICATED',
      'grpc-status 17',
    ]);
  });
});
