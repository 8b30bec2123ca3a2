import { describe, expect, it } from 'vitest';
import { findCycle, topologicalOrder, withAncestors, withDependents } from '../../../src/graph/topology.ts';

type Edges = Readonly<Record<string, readonly string[]>>;

const graph = (edges: Edges) => new Map(Object.entries(edges));
const LENGTH = 10_000;
const chain = new Map(
  Array.from({ length: LENGTH }, (_, index) => [`n${index}`, index === 0 ? [] : [`n${index - 1}`]]),
);

describe('findCycle', () => {
  it('finds none where there is none', () => {
    expect(findCycle(graph({}))).toBeUndefined();
    expect(findCycle(graph({ a: [], b: ['a'], c: ['a', 'b'], d: ['c', 'b'] }))).toBeUndefined();
  });

  it('gives a closed path that begins at its smallest name, however the graph is written', () => {
    expect(findCycle(graph({ z: ['c'], c: ['a'], a: ['b'], b: ['c'] }))).toEqual(['a', 'b', 'c', 'a']);
    expect(findCycle(graph({ b: ['c'], a: ['b'], c: ['a'], z: ['c'] }))).toEqual(['a', 'b', 'c', 'a']);
  });

  it('sees a node that needs itself', () => {
    expect(findCycle(graph({ a: ['a'] }))).toEqual(['a', 'a']);
  });

  it('leaves out what only leads into the cycle', () => {
    expect(findCycle(graph({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
  });

  it('follows a long chain without overflowing', () => {
    expect(findCycle(chain)).toBeUndefined();
    expect(findCycle(new Map([...chain, ['n0', [`n${LENGTH - 1}`]]]))).toHaveLength(LENGTH + 1);
  });
});

describe('topologicalOrder', () => {
  it('puts needs first and keeps the order of the keys among equals', () => {
    expect(topologicalOrder(graph({ web: ['api'], zoo: [], api: ['db'], db: [], ant: [] }))).toEqual([
      'zoo',
      'db',
      'ant',
      'api',
      'web',
    ]);
  });

  it('counts a need that is listed twice once', () => {
    expect(topologicalOrder(graph({ a: [], b: ['a', 'a'] }))).toEqual(['a', 'b']);
  });

  it('orders a long chain', () => {
    expect(topologicalOrder(chain)).toEqual([...chain.keys()]);
  });
});

describe('reach', () => {
  const needs = graph({ db: [], api: ['db'], web: ['api'], job: ['db'] });

  it('goes up to what is needed', () => {
    expect(withAncestors(['web'], needs)).toEqual(new Set(['web', 'api', 'db']));
    expect(withAncestors([], needs)).toEqual(new Set());
  });

  it('goes down to what needs it', () => {
    expect(withDependents(['api'], needs)).toEqual(new Set(['api', 'web']));
    expect(withDependents(['db'], needs)).toEqual(new Set(['db', 'api', 'web', 'job']));
  });

  it('walks a long chain', () => {
    expect(withAncestors([`n${LENGTH - 1}`], chain).size).toBe(LENGTH);
    expect(withDependents(['n0'], chain).size).toBe(LENGTH);
  });
});
