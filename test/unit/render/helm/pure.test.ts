import { describe, expect, it } from 'vitest';
import type { Part, Value } from '../../../../src/mesh/value.ts';
import { camelCase, uniqueKeys } from '../../../../src/render/helm/camel-case.ts';
import { chartVersion } from '../../../../src/render/helm/chart-files.ts';
import { edgesOf } from '../../../../src/render/helm/edges.ts';
import { goString, indent, yamlKey, yamlText } from '../../../../src/render/helm/go-template.ts';
import { splitImage } from '../../../../src/render/helm/image-values.ts';
import { devSecret } from '../../../../src/render/helm/secret-values.ts';
import { quoteParts } from '../../../../src/render/helm/setting-form.ts';
import { branch, leaf, renderProductionValues, renderValues } from '../../../../src/render/helm/value-tree.ts';
import { yamlLines } from '../../../../src/render/helm/yaml-lines.ts';
import { AT, address, endpoint, healthWith, need, nodeWith, secret, settings, text } from '../mesh-builder.ts';

const from: Part = { kind: 'text', text: 'shop', from: { node: 'db', name: 'database' } };
const forms = (value: Value) =>
  quoteParts(value).map(({ part, quoting }) => (part.kind === 'text' && part.from === undefined ? part.text : quoting));

describe('quoteParts', () => {
  it('quotes the values of pairs, and takes away quotes that the manifest has there', () => {
    expect(forms([text('Host=h;Database='), from, text(';Password='), secret('s')])).toEqual([
      'Host=h;Database=',
      'connection',
      ';Password=',
      'connection',
    ]);
    expect(forms([text('Host=h; Password = "'), secret('s'), text('" ;Timeout=5')])).toEqual([
      'Host=h; Password = ',
      'connection',
      ' ;Timeout=5',
    ]);
    expect(forms([text("Host=h;Password='"), secret('s'), text("'")])).toEqual(['Host=h;Password=', 'connection', '']);
  });

  it('leaves alone what is only a part of the value of a pair', () => {
    expect(forms([text('Host=h;Password=pre'), secret('s'), text(';A=b')])).toEqual([
      'Host=h;Password=pre',
      'none',
      ';A=b',
    ]);
  });

  it('encodes parts of a URL', () => {
    expect(forms([text('postgres://me:'), secret('s'), text('@'), address('db', 'sql', 'address')])).toEqual([
      'postgres://me:',
      'url',
      '@',
      'none',
    ]);
    expect(forms([address('api', 'http'), text('/?key='), secret('s')])).toEqual(['none', '/?key=', 'url']);
  });

  it('takes a single pair, or any other text, as it is', () => {
    expect(forms([text('token='), secret('s')])).toEqual(['token=', 'none']);
    expect(forms([secret('s')])).toEqual(['none']);
    expect(forms([text('a; b '), secret('s')])).toEqual(['a; b ', 'none']);
  });
});

describe('edgesOf', () => {
  const db = nodeWith({
    name: 'db',
    kind: 'infrastructure',
    endpoints: [endpoint('sql', 'postgres', 5432), endpoint('admin', 'http', 8080)],
    health: healthWith({ kind: 'postgres', endpoint: 'sql' }),
  });
  const api = nodeWith({
    name: 'api',
    endpoints: [endpoint('http', 'http', 80), endpoint('grpc', 'h2c', 81)],
    needs: [need('db')],
    env: settings({ SELF: address('api', 'http') }),
  });

  it('takes endpoints from addresses, and all of a service from a need', () => {
    const web = nodeWith({ name: 'web', needs: [need('api')], env: settings({ API: address('api', 'grpc', 'host') }) });
    const worker = nodeWith({ name: 'worker', needs: [need('api')] });
    expect(edgesOf([db, api, web, worker])).toEqual([
      { from: 'api', to: 'db', endpoints: ['sql'] },
      { from: 'web', to: 'api', endpoints: ['grpc'] },
      { from: 'worker', to: 'api', endpoints: ['http', 'grpc'] },
    ]);
  });

  it('takes of a server what others call there', () => {
    const web = nodeWith({ name: 'web', env: settings({ ADMIN: address('db', 'admin') }) });
    expect(edgesOf([db, api, web])[0]).toEqual({ from: 'api', to: 'db', endpoints: ['admin'] });
  });

  it('reads files too', () => {
    const scraper = nodeWith({ name: 'scraper', files: [{ path: '/a', content: [address('api', 'http')], at: AT }] });
    expect(edgesOf([db, api, scraper])).toContainEqual({ from: 'scraper', to: 'api', endpoints: ['http'] });
  });
});

describe('names', () => {
  it('become keys that templates can name', () => {
    expect(['auth-service', 'a', 'a-1', 'a--b'].map(camelCase)).toEqual(['authService', 'a', 'a1', 'aB']);
    expect([...uniqueKeys(['a-1', 'a1', 'ingress'], ['ingress']).values()]).toEqual(['a1', 'a12', 'ingress2']);
  });

  it('of images are split where the tag begins', () => {
    expect(splitImage('registry:5000/a/b:1.2')).toEqual({ repository: 'registry:5000/a/b', tag: '1.2' });
    expect(splitImage('registry:5000/a/b')).toEqual({ repository: 'registry:5000/a/b', tag: undefined });
    expect(splitImage('a:1@sha256:00')).toEqual({ repository: 'a', tag: 'sha256:00' });
  });

  it('of versions become those that Helm takes', () => {
    expect(['1.2.3', '1.0', '2', 'v1.2.3-rc.1+5', '01.2.3', 'main', '1.2.3.4'].map(chartVersion)).toEqual([
      '1.2.3',
      '1.0.0',
      '2.0.0',
      '1.2.3-rc.1+5',
      '1.2.3',
      '0.0.0',
      '0.0.0',
    ]);
  });

  it('of secrets become texts that nobody takes for one, long enough for programs', () => {
    const of = (minLength: number, fallback?: string) =>
      devSecret({
        name: 'jwt',
        key: 'jwt',
        path: ['secrets', 'jwt'],
        dev: { name: 'jwt', variable: 'JWT', minLength, fallback, at: AT },
      });
    expect(of(40)).toBe('insecure-development-jwt----------------');
    expect(of(0)).toBe('insecure-development-jwt');
    expect(of(0, 'guest')).toBe('guest');
  });
});

describe('texts in templates', () => {
  it('are never taken for an action, or another type', () => {
    expect(yamlText('a {{ b }}')).toBe('{{ "a {{ b }}" | quote }}');
    expect(yamlText('a "b"\u007f')).toBe('"a \\"b\\"\\u007f"');
    expect(goString('a\n"b"\\')).toBe('"a\\n\\"b\\"\\\\"');
    expect(['y', 'No', 'plain', 'A.b-c', '1a', 'on'].map(yamlKey)).toEqual([
      '"y"',
      '"No"',
      'plain',
      'A.b-c',
      '"1a"',
      '"on"',
    ]);
    expect(yamlLines({ a: 'yes', b: ['x', '1'], c: [{ d: 1, e: {} }, { f: { g: true } }], h: [] })).toBe(
      'a: "yes"\nb: [x, "1"]\nc:\n  - d: 1\n    e: {}\n  - f:\n      g: true\nh: []',
    );
  });

  it('move to the right with what templates put in there', () => {
    expect(indent('a:\n  {{- toYaml . | nindent 2 }}\n', 4)).toBe('    a:\n      {{- toYaml . | nindent 6 }}\n');
  });
});

describe('values', () => {
  const tree = branch('', {
    shared: leaf({ comment: 'The same.', schema: {}, dev: 'a' }),
    own: branch('Others.\nIn two lines.', {
      on: leaf({ comment: 'A word of YAML.', schema: {}, dev: 1, prod: 2 }),
      env: leaf({ comment: 'A map.', schema: {}, dev: { A: '1', B: 'no', D: 'x' }, prod: { A: '1', B: 'y', C: '3' } }),
    }),
  });

  it('have their comments above them', () => {
    expect(renderValues(tree)).toBe(`
# The same.
shared: "a"

# Others.
# In two lines.
own:
  # A word of YAML.
  "on": 1
  # A map.
  env:
    A: "1"
    B: "no"
    D: "x"
`);
  });

  it('of production are what differs, with null for what goes', () => {
    expect(renderProductionValues(tree)).toBe(`
# Others.
# In two lines.
own:
  # A word of YAML.
  "on": 2
  # A map.
  env:
    B: "y"
    D: null
    C: "3"
`);
  });
});
