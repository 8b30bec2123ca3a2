import { Counter, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { isCounter, parseMetrics } from '../../src/metrics-service/prometheus-text.ts';

const only = (line: string) => parseMetrics(line).samples[0];

describe('parseMetrics', () => {
  it('reads what prom-client writes', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ service: 'config-service' });
    const registers = [registry];
    const route = 'a "route", with \\ and\na line';
    new Counter({ name: 'requests_total', help: 'A help\nof two lines', labelNames: ['route'], registers }).inc(
      { route },
      3,
    );
    new Histogram({ name: 'seconds', help: 'b', buckets: [0.1, 1], registers }).observe(0.5);
    const { samples, types } = parseMetrics(await registry.metrics());
    expect(samples).toEqual([
      { name: 'requests_total', labels: { route, service: 'config-service' }, value: 3 },
      { name: 'seconds_bucket', labels: { le: '0.1', service: 'config-service' }, value: 0 },
      { name: 'seconds_bucket', labels: { le: '1', service: 'config-service' }, value: 1 },
      { name: 'seconds_bucket', labels: { le: '+Inf', service: 'config-service' }, value: 1 },
      { name: 'seconds_sum', labels: { service: 'config-service' }, value: 0.5 },
      { name: 'seconds_count', labels: { service: 'config-service' }, value: 1 },
    ]);
    expect(Object.fromEntries(types)).toEqual({ requests_total: 'counter', seconds: 'histogram' });
  });

  it('takes blanks, a time, a trailing comma, comments and other line ends', () => {
    expect(only('  a { b = "1" , } 2.5e-3 1395066363000 \r')).toEqual({ name: 'a', labels: { b: '1' }, value: 0.0025 });
    expect(only('a{} 1')).toEqual({ name: 'a', labels: {}, value: 1 });
    expect(parseMetrics('# a comment\n\n#HELP\n').samples).toEqual([]);
  });

  it('reads values that are no numbers of digits', () => {
    expect(['+Inf', '-Inf', 'NaN', '.5', '1.', '-3'].map((value) => only(`a ${value}`)?.value)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0.5,
      1,
      -3,
    ]);
  });

  it.each(['<html>', 'a', 'a b', 'a{b="1"', 'a{b=1} 1', 'a{b="1"c="2"} 1', 'a 0x10', 'a 1 2 3', '1a 1', 'a{b="\\"} 1'])(
    'refuses the whole of a text with the line %s',
    (line) => {
      expect(() => parseMetrics(`good 1\n${line}`)).toThrow('line 2 is no metric');
    },
  );
});

it('knows what only grows', () => {
  const { types } = parseMetrics('# TYPE a counter\n# TYPE b histogram\n# TYPE c gauge\n# TYPE d summary');
  const names = ['a', 'b_bucket', 'b_count', 'c', 'd', 'unknown'];
  expect(names.map((name) => isCounter(name, types))).toEqual([true, true, true, false, false, false]);
});
