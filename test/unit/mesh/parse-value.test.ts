import { describe, expect, it } from 'vitest';
import { joinTexts, parseReferences, textValue } from '../../../src/mesh/parse-value.ts';

const short = (text: string) =>
  parseReferences(text).map((part) => (part.kind === 'text' ? part.text : { [part.written]: part.reference }));

describe('parseReferences', () => {
  it.each([
    ['', []],
    ['plain', ['plain']],
    ['cost: $5, $HOME, $$, $', ['cost: $5, $HOME, $$, $']],
    ['$${a.b.c}', ['${a.b.c}']],
    ['$$${a}', ['$${a}']],
  ])('takes %j as text', (text, parts) => {
    expect(short(text)).toEqual(parts);
  });

  it.each([
    ['${a.b.url}', { kind: 'address', node: 'a', endpoint: 'b', property: 'url' }],
    ['${self.http.port}', { kind: 'address', node: 'self', endpoint: 'http', property: 'port' }],
    ['${secrets.jwt}', { kind: 'secret', name: 'jwt' }],
    ['${mesh.name}', { kind: 'mesh', property: 'name' }],
    ['${env.HOME}', { kind: 'variable', name: 'HOME' }],
    ['${env.HOME:-}', { kind: 'variable', name: 'HOME', fallback: '' }],
    ['${env.URL:-http://a:1/?b=c.d&e}', { kind: 'variable', name: 'URL', fallback: 'http://a:1/?b=c.d&e' }],
    ['${env.A:-two\nlines}', { kind: 'variable', name: 'A', fallback: 'two\nlines' }],
  ])('takes %j', (text, reference) => {
    expect(short(text)).toEqual([{ [text]: reference }]);
  });

  it.each([
    '${}',
    '${a}',
    '${a.b}',
    '${a.b.c.d}',
    '${.b.c}',
    '${a..c}',
    '${env.}',
    '${env.1}',
    '${env.A-b}',
    '${env.A:b}',
    '${secrets.a.b}',
    '${mesh.a.b}',
    '${mesh}',
    '${ a.b.c}',
    '${a.b.c',
    '${',
  ])('refuses %j', (text) => {
    expect(short(text)).toEqual([{ [text]: expect.objectContaining({ kind: 'malformed' }) }]);
  });

  it('takes several, with the text between them', () => {
    expect(short('a ${secrets.b}${mesh.name} c $${d} ${x}')).toEqual([
      'a ',
      { '${secrets.b}': { kind: 'secret', name: 'b' } },
      { '${mesh.name}': { kind: 'mesh', property: 'name' } },
      ' c ${d} ',
      { '${x}': expect.objectContaining({ kind: 'malformed' }) },
    ]);
  });

  it('loses no letter', () => {
    const text = 'a ${b.c.url} $d ${e';
    const written = parseReferences(text).map((part) => (part.kind === 'text' ? part.text : part.written));
    expect(written.join('')).toBe(text);
  });
});

it('joinTexts leaves no two texts side by side', () => {
  const secret = { kind: 'secret', name: 's' } as const;
  const text = (value: string) => ({ kind: 'text', text: value }) as const;
  expect(joinTexts([text('a'), text('b'), secret, text('c'), text('d')])).toEqual([text('ab'), secret, text('cd')]);
  expect(joinTexts([])).toEqual([]);
});

it('textValue has no part for no text', () => {
  expect(textValue('')).toEqual([]);
  expect(textValue('a')).toEqual([{ kind: 'text', text: 'a' }]);
});
