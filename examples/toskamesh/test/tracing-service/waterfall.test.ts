import { expect, it } from 'vitest';
import type { StoredSpan } from '../../src/tracing-service/span.ts';
import { buildTrace } from '../../src/tracing-service/trace-tree.ts';
import { renderWaterfall } from '../../src/tracing-service/waterfall.ts';
import { span } from './spans.ts';

function render(...spans: readonly StoredSpan[]): string {
  const trace = buildTrace(spans);
  return trace === undefined ? '' : `\n${renderWaterfall(trace)}`;
}

it('draws each span where it was in the time of the whole', () => {
  const config = { service: 'config-service', name: 'GET /api/config/:service' };
  const text = render(
    span('a', [0, 40]),
    span('b', [2, 38], { parentId: 'a', name: 'GET config-service', kind: 'client' }),
    span('c', [10, 30], { parentId: 'b', ...config, isError: true, message: 'HTTP 503' }),
    span('d', [39.99, 40], { parentId: 'a', name: 'log' }),
  );
  expect(text).toMatchInlineSnapshot(`
    "
    trace  0af7651916cd43dd8448eb211c80319c  2026-01-31T12:00:00.000Z  40.00 ms  4 spans

    gateway         GET /api/*                    |========================================|  40.00 ms
    gateway           GET config-service          |  ====================================  |  36.00 ms
    config-service      GET /api/config/:service  |          !!!!!!!!!!!!!!!!!!!!          |  20.00 ms  ERROR HTTP 503
    gateway           log                         |                                       =|   0.01 ms
    "
  `);
});

it('draws a trace that took no time', () => {
  expect(render(span('a', [0, 0]))).toMatchInlineSnapshot(`
    "
    trace  0af7651916cd43dd8448eb211c80319c  2026-01-31T12:00:00.000Z  0.00 ms  1 span

    gateway  GET /api/*  |=                                       |  0.00 ms
    "
  `);
});

it('lets no name move the cursor of a terminal, nor push the bars off it', () => {
  const name = `\u001b[2Jcleared ${'x'.repeat(100)}`;
  expect(render(span('a', [0, 1500], { name }))).toMatchInlineSnapshot(`
    "
    trace  0af7651916cd43dd8448eb211c80319c  2026-01-31T12:00:00.000Z  1.50 s  1 span

    gateway  �[2Jcleared xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…  |========================================|  1.50 s
    "
  `);
});
