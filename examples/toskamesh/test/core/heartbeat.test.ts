import { describe, expect, it } from 'vitest';
import { parseHeartbeat, renderHeartbeat } from '../../src/core/heartbeat.ts';

describe('a heartbeat', () => {
  it('is one line of JSON', () => {
    const line = renderHeartbeat('10.0.0.1:11111@1', new Date(0));
    expect(line).toBe('{"silo":"10.0.0.1:11111@1","at":"1970-01-01T00:00:00.000Z"}\n');
    expect(parseHeartbeat(line)).toEqual({ silo: '10.0.0.1:11111@1', at: '1970-01-01T00:00:00.000Z' });
  });

  it.each(['', 'GET / HTTP/1.1', 'null', '[]', '{}', '{"silo":"","at":"x"}', '{"silo":1,"at":"x"}'])(
    'is not %s',
    (line) => {
      expect(parseHeartbeat(line)).toBeUndefined();
    },
  );
});
