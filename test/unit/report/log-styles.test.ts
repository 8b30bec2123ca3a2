import { expect, test } from 'vitest';
import { createLogStyles } from '../../../src/report/log-styles.ts';

test('a service keeps its colour, and there are enough colours for any number of services', () => {
  const styles = createLogStyles(true);
  expect(styles.colours).toBe('keep');
  expect(styles.service(0, 'gateway')).toBe('\u001b[36mgateway\u001b[39m');
  expect(styles.service(1, 'gateway')).not.toBe(styles.service(0, 'gateway'));
  expect(styles.service(800, 'gateway')).toBe(styles.service(0, 'gateway'));
});

test('without colour a text stays as it is, and a service loses its own', () => {
  const styles = createLogStyles(false);
  expect(styles.colours).toBe('strip');
  expect([styles.service(3, 'a'), styles.dim('b'), styles.red('c'), styles.yellow('d')]).toEqual(['a', 'b', 'c', 'd']);
});
