import { describe, expect, it } from 'vitest';
import { parseConnectionString, parseKeyValues } from '../src/connection-string.ts';

const VARIABLE = 'ConnectionStrings__DefaultConnection';
const parse = (text: string) => parseConnectionString(VARIABLE, text);

describe('parseConnectionString', () => {
  it('reads the usual five', () => {
    expect(parse('Host=db;Port=5433;Database=toksa_mesh;Username=me;Password=secret')).toEqual({
      host: 'db',
      port: 5433,
      database: 'toksa_mesh',
      user: 'me',
      password: 'secret',
    });
  });

  it('fills in what may be left out', () => {
    expect(parse('Host=db;Username=me')).toEqual({
      host: 'db',
      port: 5432,
      database: 'me',
      user: 'me',
      password: undefined,
    });
  });

  it('knows other spellings, any case, blanks and unknown keywords', () => {
    const target = parse(' SERVER = db ; User Id = me ; pwd = x=y ; Pooling = true ; constructor=1 ; ');
    expect(target).toMatchObject({ host: 'db', user: 'me', password: 'x=y' });
  });

  it.each([
    ['Password="a;b"', 'a;b'],
    ['Password="say ""hi"""', 'say "hi"'],
    ["Password='it''s; fine'", "it's; fine"],
    ['Password=""', undefined],
    ['Password=a"b', 'a"b'],
  ])('reads the quoted value of %s', (pair, password) => {
    expect(parse(`Host=db;${pair};Username=me`)).toMatchObject({ password });
  });

  it.each([
    ['Username=me', 'names no Host'],
    ['Host=db', 'names no Username'],
    ['Host=db;Username=me;Port=0', 'Port'],
    ['Host=db;Username=me;Port=many', 'Port'],
    ['postgres://me:hunter2@db/x', 'no connection string'],
    ['Host=db;Username=me;Password="hunter2', undefined],
  ])('judges %s', (text, message) => {
    if (message === undefined) {
      // An opening quote without its end is part of the value, as for any other character.
      expect(parse(text).password).toBe('"hunter2');
    } else {
      expect(() => parse(text)).toThrow(new RegExp(`^${VARIABLE} .*${message}`));
    }
  });

  it('never repeats a value in its complaint', () => {
    expect(() => parse('postgres://me:hunter2@db/x')).not.toThrow(/hunter2/);
  });
});

describe('parseKeyValues', () => {
  it('takes the last of a repeated key', () => {
    expect(parseKeyValues(VARIABLE, 'Host=a;host=b').get('host')).toBe('b');
  });

  it('is quick with a long hostile text', () => {
    const begun = performance.now();
    expect(() => parseKeyValues(VARIABLE, ' '.repeat(20_000) + 'x'.repeat(20_000))).toThrow();
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
