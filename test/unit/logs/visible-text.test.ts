import { describe, expect, it } from 'vitest';
import { escapeControls, visibleText, withoutColours } from '../../../src/logs/visible-text.ts';

describe('visibleText', () => {
  it.each([
    ['plain ✔ é 🚀\ttab', 'plain ✔ é 🚀\ttab'],
    ['10 %\r20 %', '10 %␍20 %'],
    ['\u001b[2Jgone', '␛[2Jgone'],
    ['\u001b]0;title\u0007', '␛]0;title␇'],
    ['\u001b[1;1H', '␛[1;1H'],
    ['\u009b2J \u007f \u0000', '\\x9b2J ␡ ␀'],
    ['\u001b[31', '␛[31'],
    ['\u001b', '␛'],
  ])('%j', (text, expected) => {
    expect(visibleText(text, 'keep')).toBe(expected);
  });

  it('keeps colours and ends them, or strips them', () => {
    expect(visibleText('\u001b[1;31mred', 'keep')).toBe('\u001b[1;31mred\u001b[0m');
    expect(visibleText('\u001b[1;31mred\u001b[K', 'strip')).toBe('red␛[K');
    expect(withoutColours('\u001b[38:2:1:2:3mred\u001b[m')).toBe('red');
  });

  it('lets no control character through but tab, whatever the text', () => {
    for (let code = 0; code < 0xa0; code++) {
      const shown = visibleText(`a${String.fromCharCode(code)}b`, 'strip');
      expect(/\p{Cc}/u.test(shown.replaceAll('\t', ''))).toBe(false);
    }
  });
});

describe('escapeControls', () => {
  it('escapes what JSON.stringify leaves', () => {
    const text = '\u0007\u007f\u009b\n';
    const json = escapeControls(JSON.stringify(text));
    expect(json).toBe('"\\u0007\\u007f\\u009b\\n"');
    expect(JSON.parse(json)).toBe(text);
  });
});
