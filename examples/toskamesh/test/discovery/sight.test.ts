import type { ListedInstance } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { afterFailure, afterRead, type Sight } from '../../src/discovery/sight.ts';

/** `a` is there, `-a` is silent, `!` stands for a store that does not answer. */
function look(sight: Sight, text: string, nowMs: number): { readonly sight: Sight; readonly expired: string } {
  if (text === '!') {
    return { sight: afterFailure(sight), expired: '' };
  }
  const step = afterRead(sight, text.split(' ').filter(Boolean).map(instance), nowMs);
  return { sight: step.sight, expired: step.expired.map(({ id }) => id).join(' ') };
}

function instance(text: string): ListedInstance {
  const silent = text.startsWith('-');
  const id = text.replace('-', '');
  return {
    id,
    service: id,
    address: 'h',
    port: 1,
    scheme: 'http',
    healthPath: '',
    passing: !silent,
    silent,
    metadata: {},
  };
}

/** What each look finds, four seconds after the one before. */
function story(...looks: readonly string[]): readonly string[] {
  let sight: Sight = { kind: 'unseen' };
  return looks.map((text, index) => {
    const step = look(sight, text, index * 4000);
    sight = step.sight;
    return step.expired === '' ? sight.kind : `${sight.kind}, expired ${step.expired}`;
  });
}

describe('the sight of the registry', () => {
  it('knows nothing before the first answer', () => {
    expect(story('!', '!', 'a')).toEqual(['unseen', 'unseen', 'clear']);
  });

  it('tells once of each that falls silent, and not of those that were taken out', () => {
    expect(story('a b c', 'a -b', 'a -b', 'a')).toEqual(['clear', 'clear, expired b', 'clear', 'clear']);
  });

  it('is clear again as soon as nobody is missing after an outage', () => {
    expect(story('a b', '!', 'a b c')).toEqual(['clear', 'away', 'clear']);
  });

  it('gives those who are missing after an outage ten seconds to come back', () => {
    expect(story('a b', '!', '', 'a', 'a b')).toEqual(['clear', 'away', 'settling', 'settling', 'clear']);
    expect(story('a b', '!', 'a -b', 'a -b', 'a -b', 'a -b')).toEqual([
      'clear',
      'away',
      'settling',
      'settling',
      'settling',
      'clear, expired b',
    ]);
  });

  it('does not wait for those who were silent before', () => {
    expect(story('a -b', '!', 'a')).toEqual(['clear', 'away', 'clear']);
  });

  it('waits anew when the store goes away while it settles', () => {
    expect(story('a', '!', '', '!', '', '', '', '')).toEqual([
      'clear',
      'away',
      'settling',
      'away',
      'settling',
      'settling',
      'settling',
      'clear, expired a',
    ]);
  });
});
