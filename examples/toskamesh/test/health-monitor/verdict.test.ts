import { expect, it } from 'vitest';
import { nextState, UNPROBED } from '../../src/health-monitor/verdict.ts';

/** `+` is a success, `-` a failure; told is the first letter of the verdict after each. */
function verdicts(outcomes: string, thresholds = { failure: 3, recovery: 2 }): string {
  let state = UNPROBED;
  return [...outcomes]
    .map((outcome) => {
      state = nextState(state, outcome === '+' ? 'success' : 'failure', thresholds);
      return { unknown: '?', healthy: 'h', degraded: 'd', unhealthy: 'U' }[state.verdict];
    })
    .join('');
}

it.each([
  ['the first success is enough', '++', 'hh'],
  ['one that never answered stays unknown until the threshold', '---', '??U'],
  ['a healthy one degrades first', '+---', 'hddU'],
  ['a single success ends a bad moment', '+--+--', 'hddhdd'],
  ['an unhealthy one must prove itself', '---++', '??UUh'],
  ['a failure begins the proof anew', '---+-++', '??UUUUh'],
  ['a recovered one has all its tries again', '---++--', '??UUhdd'],
])('%s', (_, outcomes, expected) => {
  expect(verdicts(outcomes)).toBe(expected);
});

it('knows no degraded where one failure is enough', () => {
  expect(verdicts('+-+', { failure: 1, recovery: 1 })).toBe('hUh');
});
