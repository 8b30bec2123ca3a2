import { expect, it } from 'vitest';
import { parseXml } from '../../../src/dotnet/parse-xml.ts';

const parse = (text: string) => parseXml({ file: 'a.csproj', text });

it('knows the place of an element and of the value of an attribute', () => {
  const root = parse(`<Project>\r\n  <Item\r\n    Include = 'a > b'\r\n    Update="" />\r\n</Project>`).value;
  const item = root?.children[0];
  expect(item?.at()).toMatchObject({ line: 2, column: 3, endLine: 4, endColumn: 17 });
  expect(item?.at('include')).toMatchObject({ file: 'a.csproj', line: 3, column: 16, endLine: 3, endColumn: 21 });
  expect(item?.at('update')).toMatchObject({ line: 4, column: 13, endColumn: 13 });
  expect(item?.at('gone')).toEqual(item?.at());
});

it('reads texts, entities, comments and CDATA as they are meant', () => {
  const root = parse('<?xml version="1.0"?><!-- c --><a B="1 &lt; 2"><b> x<![CDATA[<y>]]> </b></a>').value;
  expect(root?.attributes.get('b')).toBe('1 < 2');
  expect(root?.children[0]?.text).toBe('x<y>');
});

it.each(['', '<a>', 'text', '<a b></a>', '<a></b>'])('%j is a problem with a place', (text) => {
  const { value, diagnostics } = parse(text);
  expect(value).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: 'MESH1601', location: { file: 'a.csproj', line: 1 } }]);
});
