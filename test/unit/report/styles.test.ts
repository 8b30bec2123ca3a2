import { expect, test } from 'vitest';
import { createStyles, wantsColor } from '../../../src/report/styles.ts';

const TERMINAL = { isTTY: true };

test.each([
  [TERMINAL, {}, true],
  [{}, {}, false],
  [{ isTTY: false }, {}, false],
  [TERMINAL, { TERM: 'dumb' }, false],
  [TERMINAL, { NO_COLOR: '1' }, false],
  [TERMINAL, { NO_COLOR: '' }, true],
  [{}, { FORCE_COLOR: '1' }, true],
  [TERMINAL, { FORCE_COLOR: '0' }, false],
  [TERMINAL, { FORCE_COLOR: 'false' }, false],
  [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('%o with %o: %s', (stream, env, wanted) => {
  expect(wantsColor(stream, env)).toBe(wanted);
});

test('without colour a text stays as it is', () => {
  const styles = createStyles({ color: false });
  expect(styles.bold(styles.red('x'))).toBe('x');
  expect(createStyles({ color: true }).red('x')).toBe('\u001b[31mx\u001b[39m');
});
