import { describe, expect, it } from 'vitest';
import { compileLogFilter } from '../../../src/logs/log-filter.ts';

function verdict(
  patterns: { grep?: readonly string[]; exclude?: readonly string[] },
  text: string,
): string | undefined {
  return compileLogFilter({ grep: [], exclude: [], ...patterns }).value?.(text);
}

describe('compileLogFilter', () => {
  it('shows all without patterns', () => {
    expect(verdict({}, 'anything')).toBe('shown');
  });

  it('wants any of --grep and none of --exclude', () => {
    const patterns = { grep: ['get /api', 'rabbit'], exclude: ['health', '304$'] };
    expect(verdict(patterns, 'GET /api/config')).toBe('shown');
    expect(verdict(patterns, 'rabbitmq is up')).toBe('shown');
    expect(verdict(patterns, 'POST /login')).toBe('unmatched');
    expect(verdict(patterns, 'GET /api/health')).toBe('excluded');
    expect(verdict(patterns, 'GET /api 304\n  cached')).toBe('excluded');
  });

  it.each([
    ['error', 'ERROR', 'shown'],
    ['Error', 'ERROR', 'unmatched'],
    ['\\Serror', 'xERROR', 'shown'],
    ['\\p{Lu}rror', 'xError', 'shown'],
    ['über', 'ÜBER', 'shown'],
    ['Über', 'über', 'unmatched'],
    ['(?<Name>x)', 'X', 'shown'],
  ])('smart case: %s in %s is %s', (pattern, text, expected) => {
    expect(verdict({ grep: [pattern] }, text)).toBe(expected);
  });

  it('looks at all lines of an entry, line by line', () => {
    const entry = 'Error: x\n    at config.load\n    at main';
    expect(verdict({ grep: ['config'] }, entry)).toBe('shown');
    expect(verdict({ grep: ['main$'] }, entry)).toBe('shown');
    expect(verdict({ grep: ['^at'] }, entry)).toBe('unmatched');
  });

  it('looks past the colours of a service', () => {
    expect(verdict({ grep: ['GET /api'] }, '\u001b[32mGET\u001b[0m /api')).toBe('shown');
  });

  it('says what is wrong with each pattern', () => {
    const { value, diagnostics } = compileLogFilter({ grep: ['(api', 'fine'], exclude: ['*'] });
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code, message, hint }) => `${code} ${message} (${hint})`)).toEqual([
      "MESH1501 --grep '(api' is not a regular expression: unterminated group (to find it as plain text: --grep '\\(api')",
      "MESH1501 --exclude '*' is not a regular expression: nothing to repeat (to find it as plain text: --exclude '\\*')",
    ]);
  });
});
