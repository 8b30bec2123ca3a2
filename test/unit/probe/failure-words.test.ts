import { describe, expect, it } from 'vitest';
import { failureWords, timedOutWords } from '../../../src/probe/failure-words.ts';

describe('failureWords', () => {
  it.each([
    ['EPIPE', 'connection closed'],
    ['EAI_AGAIN', 'name not found: no name server answers'],
    ['EHOSTUNREACH', 'host unreachable'],
    ['EMFILE', 'too many open files in this process'],
  ])('%s', (code, words) => {
    expect(failureWords(Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code }))).toBe(words);
  });

  it('lets other errors speak for themselves, in one line', () => {
    expect(failureWords(Object.assign(new Error('no\n luck'), { code: 'EODD' }))).toBe('no luck');
    expect(failureWords('why')).toBe('why');
  });
});

describe('timedOutWords', () => {
  it.each([
    [1000, 'timed out after 1 s'],
    [1500, 'timed out after 1.5 s'],
    [50, 'timed out after 0.05 s'],
  ])('%i ms', (timeoutMs, words) => {
    expect(timedOutWords(timeoutMs)).toBe(words);
  });
});
