import { describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../../src/engine/process/listen-on-loopback.ts';

const ports = new Map([
  [80, 5001],
  [50051, 20_007],
]);

describe('listenOnLoopback', () => {
  test.each([
    ['http://+:5001', 'http://127.0.0.1:5001'],
    ['http://*:5001', 'http://127.0.0.1:5001'],
    ['https://0.0.0.0:5001', 'https://127.0.0.1:5001'],
    ['http://[::]:5001', 'http://127.0.0.1:5001'],
    ['http://+', 'http://127.0.0.1'],
    ['http://+:5001;http://+:20007', 'http://127.0.0.1:5001;http://127.0.0.1:20007'],
  ])('%s → %s', (written, wanted) => {
    expect(listenOnLoopback(written, ports)).toBe(wanted);
  });

  test('a port that is written as a number is the one inside the container', () => {
    expect(listenOnLoopback('http://+:80', ports)).toBe('http://127.0.0.1:5001');
  });

  test('a port that no endpoint has stays', () => {
    expect(listenOnLoopback('http://+:9999', ports)).toBe('http://127.0.0.1:9999');
  });

  test.each(['http://consul:8500', 'http://10.0.0.0.0:1', 'a + b', 'Host=0.0.0.0;Port=5'])(
    '%s stays as it is',
    (text) => {
      expect(listenOnLoopback(text, ports)).toBe(text);
    },
  );
});
