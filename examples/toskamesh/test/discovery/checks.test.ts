import { Problem } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { checkedInstance } from '../../src/discovery/checks.ts';

const instance = {
  id: 'a-1',
  service: 'a',
  address: '10.0.0.1',
  port: 80,
  scheme: '',
  healthPath: '',
  passing: true,
  metadata: {},
};

function problemsOf(change: object): readonly string[] {
  try {
    checkedInstance({ ...instance, ...change });
    return [];
  } catch (error) {
    return error instanceof Problem ? (error.errors?.map(({ field }) => field) ?? []) : [String(error)];
  }
}

describe('what may be registered', () => {
  it('is probed over HTTP when it does not say how', () => {
    expect(checkedInstance(instance)).toEqual({ ...instance, scheme: 'http' });
  });

  it.each(['10.0.0.1', 'fe80::1', '::1', '::ffff:10.0.0.1', 'host', 'a_b.example.com', 'tracing-service'])(
    'has an address such as %s',
    (address) => {
      expect(problemsOf({ address })).toEqual([]);
    },
  );

  it.each([
    '',
    '0.0.0.0',
    '::',
    '10.0.0.256',
    '10.0.0',
    'a b',
    '-a',
    'a..b',
    'http://a',
    'a:80',
    'a/b',
    'x'.repeat(64),
  ])('has no address such as "%s"', (address) => {
    expect(problemsOf({ address })).toEqual(['/address']);
  });

  it.each([
    [{ id: '' }, ['/id']],
    [{ id: 'a/b' }, ['/id']],
    [{ service: 'A' }, ['/service']],
    [{ service: 'x'.repeat(64) }, ['/service']],
    [{ port: 0 }, ['/port']],
    [{ port: 65_536 }, ['/port']],
    [{ scheme: 'https' }, ['/scheme']],
    [{ healthPath: 'health' }, ['/healthPath']],
    [{ metadata: { key: 'x'.repeat(513) } }, ['/metadata/key']],
    [{ id: '', service: '', address: '', port: 0 }, ['/id', '/service', '/address', '/port']],
  ])('is refused with %o', (change, fields) => {
    expect(problemsOf(change)).toEqual(fields);
  });

  it('is refused with metadata that Consul could not hold', () => {
    expect(problemsOf({ metadata: { scheme: 'x' } })).toContain('/metadata');
    expect(problemsOf({ metadata: { 'a key': 'x' } })).toContain('/metadata');
  });

  it('is refused when it is nothing', () => {
    expect(() => checkedInstance(null)).toThrow(Problem);
  });
});
