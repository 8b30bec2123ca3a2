import { expect, test } from 'vitest';
import { composeCpus, composeMemory, composeResources } from '../../../../src/render/compose/amounts.ts';

test.each([
  ['500m', '0.50'],
  ['100m', '0.10'],
  ['125m', '0.125'],
  ['2', '2.00'],
  ['1.5', '1.50'],
])('cpu %s is %s', (kubernetes, compose) => {
  expect(composeCpus(kubernetes)).toBe(compose);
});

test.each([
  ['128Mi', '128M'],
  ['1Gi', '1G'],
  ['1.5Gi', '1536M'],
  ['1024Mi', '1G'],
  ['64Ki', '64K'],
  ['100M', '100000000b'],
  ['134217728', '128M'],
])('memory %s is %s', (kubernetes, compose) => {
  expect(composeMemory(kubernetes)).toBe(compose);
});

test('requests become reservations, and what is not bounded is not written', () => {
  expect(composeResources({ requests: { memory: '128Mi' }, limits: {} })).toEqual({ reservations: { memory: '128M' } });
  expect(composeResources({ requests: {}, limits: {} })).toBeUndefined();
});

test('a notation that the resolver should have refused is our bug', () => {
  expect(() => composeMemory('lots')).toThrow('lots is no amount of memory');
  expect(() => composeCpus('many')).toThrow('many is no amount of cpu');
});
