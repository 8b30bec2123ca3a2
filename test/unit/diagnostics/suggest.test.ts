import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from '../../../src/diagnostics/suggest.ts';

describe('suggest', () => {
  it.each([
    ['gatewya', 'gateway'],
    ['gatewy', 'gateway'],
    ['gatewayy', 'gateway'],
    ['GATEWAY', 'gateway'],
    ['discvry', 'discovery'],
    ['gateway', 'gateway'],
  ])('%s means %s', (word, meant) => {
    expect(suggest(word, ['discovery', 'gateway', 'core'])).toBe(meant);
  });

  it.each([['x'], ['redis'], ['gtwy'], [''], ['zore-service']])('%j means none of them', (word) => {
    expect(suggest(word, ['discovery', 'gateway', 'core'])).toBeUndefined();
  });

  it('prefers the nearer, and the first of the alphabet among equals', () => {
    expect(suggest('prot', ['port', 'prod', 'print'])).toBe('port');
    expect(suggest('cat', ['rat', 'bat', 'hat'])).toBe('bat');
  });

  it('does not guess from almost nothing', () => {
    expect(suggest('ab', ['xy'])).toBeUndefined();
    expect(suggest('ab', ['abcd'])).toBeUndefined();
  });

  it('knows nothing among nothing', () => {
    expect(suggest('a', [])).toBeUndefined();
    expect(didYouMean('a', [])).toBeUndefined();
  });
});

it('didYouMean is ready for a message', () => {
  expect(didYouMean('helth', new Set(['health']))).toBe('did you mean "health"?');
});
