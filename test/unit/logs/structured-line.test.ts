import { describe, expect, it } from 'vitest';
import { parseStructured } from '../../../src/logs/structured-line.ts';

function read(value: unknown): string | undefined {
  const line = parseStructured(typeof value === 'string' ? value : JSON.stringify(value));
  if (line === undefined) return undefined;
  const fields = line.fields.map(([key, field]) => ` ${key}=${JSON.stringify(field)}`).join('');
  return `${line.level}: ${line.message}${fields}${line.detail === undefined ? '' : `\n${line.detail}`}`;
}

describe('parseStructured', () => {
  it('reads plain JSON', () => {
    expect(read({ at: '2026-11-24T12:00:00Z', level: 'warning', message: 'slow', ms: 12 })).toBe('warn: slow ms=12');
  });

  it('reads Serilog, compact', () => {
    const at = { '@t': '2026-11-24T12:00:00Z' };
    expect(read({ ...at, '@m': 'Hello', '@l': 'Error', '@x': 'System.Exception: x\n   at y', '@i': 'a1' })).toBe(
      'error: Hello\nSystem.Exception: x\n   at y',
    );
    expect(read({ ...at, '@mt': 'Hello {Name}, {@Order} {Gone} {constructor}', Name: 'you', Order: { id: 1 } })).toBe(
      'info: Hello you, {"id":1} {Gone} {constructor} Name="you" Order={"id":1}',
    );
  });

  it('reads Serilog, long names', () => {
    expect(
      read({ Timestamp: '2026-11-24', Level: 'Fatal', MessageTemplate: 'at {Port}', Properties: { Port: 80 } }),
    ).toBe('fatal: at 80 Port=80');
  });

  it('reads pino', () => {
    const line = {
      level: 50,
      time: 1795521600000,
      pid: 1,
      hostname: 'x',
      msg: 'no',
      err: { type: 'E', stack: 'E: no\n at f' },
    };
    expect(read(line)).toBe('error: no\nE: no\n at f');
  });

  it("reads .NET's JSON console", () => {
    const State = { Message: 'on 80', '{OriginalFormat}': 'on {port}', port: 80 };
    expect(read({ EventId: 0, LogLevel: 'Information', Category: 'Host', Message: 'on 80', State, Scopes: [] })).toBe(
      'info: on 80 port=80 Category="Host"',
    );
  });

  it.each([
    'text',
    '{not json}',
    '{}',
    '[]',
    '{"message":"neither level nor time"}',
    '{"level":"info"}',
    '{"level":"constructor","message":"x"}',
    '{"level":"info","message":',
  ])('leaves %s alone', (text) => {
    expect(parseStructured(text)).toBeUndefined();
  });
});
