import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/logs/redact-secrets.ts';

describe('createRedactor', () => {
  it('replaces every secret, and nothing without one', () => {
    const redact = createRedactor(['hunter22', 'a.b*c(d']);
    expect(redact('hunter22 and a.b*c(d and hunter22')).toBe('•••• and •••• and ••••');
    expect(redact('aXbbc(d')).toBe('aXbbc(d');
  });

  it('leaves short values alone, and works without any', () => {
    expect(createRedactor(['admin', ''])('admin')).toBe('admin');
    expect(createRedactor([])('admin')).toBe('admin');
  });

  it('takes the longest of secrets that begin alike', () => {
    expect(createRedactor(['secret', 'secret-long'])('secret-long secret')).toBe('•••• ••••');
  });

  it('finds a secret in JSON, in JSON of .NET, and in a URL', () => {
    const secret = 'pa"ss+w/ör&d\\';
    const redact = createRedactor([secret]);
    expect(redact(JSON.stringify({ secret }))).toBe('{"secret":"••••"}');
    expect(redact('{"secret":"pa\\u0022ss\\u002Bw/\\u00F6r\\u0026d\\\\"}')).toBe('{"secret":"••••"}');
    expect(redact(`amqp://u:${encodeURIComponent(secret)}@rabbitmq`)).toBe('amqp://u:••••@rabbitmq');
  });

  it('takes each line of a secret with several', () => {
    const redact = createRedactor(['-----BEGIN KEY-----\nabcdefgh\r\nxyz\n']);
    expect(['-----BEGIN KEY-----', 'abcdefgh', 'xyz'].map(redact)).toEqual(['••••', '••••', 'xyz']);
  });
});
