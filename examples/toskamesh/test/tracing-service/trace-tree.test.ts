import { describe, expect, it } from 'vitest';
import { buildTrace, type SpanNode } from '../../src/tracing-service/trace-tree.ts';
import { span } from './spans.ts';

/** `a(b c)`: the ids, each with its children. */
function shapeOf(nodes: readonly SpanNode[]): string {
  return nodes
    .map(({ spanId, children }) => (children.length === 0 ? spanId : `${spanId}(${shapeOf(children)})`))
    .join(' ');
}

function shape(...spans: Parameters<typeof buildTrace>[0]): string {
  return shapeOf(buildTrace(spans)?.roots ?? []);
}

describe('buildTrace', () => {
  it('knows no trace without spans', () => {
    expect(buildTrace([])).toBeUndefined();
  });

  it('puts children under their parents in the order of their starts', () => {
    const later = span('c', [5, 6], { parentId: 'a' });
    const earlier = span('b', [1, 2], { parentId: 'a' });
    expect(shape(later, span('d', [5.1, 5.2], { parentId: 'c' }), earlier, span('a', [0, 10]))).toBe('a(b c(d))');
  });

  it('tells offsets from the start of the trace, to the microsecond', () => {
    const trace = buildTrace([span('a', [0, 10]), span('b', [1.2345678, 2.5], { parentId: 'a', isError: true })]);
    expect(trace).toMatchObject({
      startedAt: '2026-01-31T12:00:00.000Z',
      durationMs: 10,
      spans: 2,
      services: ['gateway'],
      error: true,
    });
    expect(trace?.roots[0]?.children[0]).toMatchObject({ offsetMs: 1.234, durationMs: 1.265, error: true });
  });

  it('shows a span whose parent is missing at the top', () => {
    expect(shape(span('a', [0, 10]), span('b', [1, 2], { parentId: 'lost' }))).toBe('a b');
  });

  it('shows spans that are each other’s parents, and those below them', () => {
    const below = span('x', [0, 1], { parentId: 'a' });
    expect(shape(below, span('a', [1, 2], { parentId: 'b' }), span('b', [2, 3], { parentId: 'a' }))).toBe('a(x b)');
    expect(shape(span('a', [0, 1], { parentId: 'a' }))).toBe('a');
  });

  it('can be written as JSON however deep it is', () => {
    const deep = Array.from({ length: 2000 }, (_, at) => span(`s${at}`, [at, 3000], { parentId: `s${at - 1}` }));
    expect(JSON.stringify(buildTrace(deep)).length).toBeGreaterThan(100_000);
  });
});
