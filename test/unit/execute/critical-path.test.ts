import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../src/execute/critical-path.ts';

const NEEDS: Readonly<Record<string, readonly string[]>> = { api: ['db', 'cache'], web: ['api'], jobs: [] };
const needs = (node: string) => NEEDS[node] ?? [];
const times = (entries: Readonly<Record<string, readonly [startedMs: number, readyMs: number]>>) =>
  new Map(Object.entries(entries).map(([node, [startedMs, readyMs]]) => [node, { startedMs, readyMs }]));

describe('criticalPath', () => {
  it('goes back from the last node through the need that was ready last', () => {
    const path = criticalPath(
      times({ db: [0, 300], cache: [0, 50], api: [300, 420.4], web: [421, 500], jobs: [0, 499] }),
      needs,
    );
    expect(path).toEqual([
      { node: 'db', ms: 300 },
      { node: 'api', ms: 120 },
      { node: 'web', ms: 79 },
    ]);
  });

  it('ends where a node was up before the run', () => {
    expect(criticalPath(times({ cache: [0, 50], web: [0, 90] }), needs)).toEqual([{ node: 'web', ms: 90 }]);
  });

  it('is empty when nothing was started', () => {
    expect(criticalPath(new Map(), needs)).toEqual([]);
  });
});
