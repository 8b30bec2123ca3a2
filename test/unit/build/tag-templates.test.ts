import { describe, expect, test } from 'vitest';
import { checkTemplates, imageNames, renderCache, renderTag } from '../../../src/build/tag-templates.ts';

const values = { version: '1.2.3+build', sha: () => 'abc1234-dirty', branch: () => 'feature/log in' };

describe('tags', () => {
  test.each([
    ['{version}', '1.2.3-build'],
    ['{sha}', 'abc1234-dirty'],
    ['{branch}-{sha}', 'feature-log-in-abc1234-dirty'],
    ['.hidden', 'hidden'],
    ['x'.repeat(200), 'x'.repeat(128)],
    ['///', 'latest'],
  ])('%s', (template, tag) => {
    expect(renderTag(template, values)).toBe(tag);
  });

  test('git is asked only for what is used', () => {
    const fail = () => {
      throw new Error('asked');
    };
    expect(renderTag('{version}', { version: '1', sha: fail, branch: fail })).toBe('1');
  });

  test('unknown names are refused, with those that there are', () => {
    expect(checkTemplates(['{sha}-{date}', '{version}'], ['version', 'sha', 'branch'])).toMatchObject([
      { message: '"{sha}-{date}" uses {date}, which does not exist', hint: 'there are: {version}, {sha}, {branch}' },
    ]);
  });
});

describe('names', () => {
  test.each([
    ['web', undefined, [], []],
    ['web', 'ghcr.io/acme', [], ['ghcr.io/acme/web:latest']],
    ['web:dev', 'ghcr.io/acme/', ['1', '2'], ['ghcr.io/acme/web:1', 'ghcr.io/acme/web:2']],
    ['old.example.com:5000/acme/web', 'ghcr.io', ['1'], ['ghcr.io/acme/web:1']],
    ['web', 'ghcr.io/Acme/Shop', ['X'], ['ghcr.io/acme/shop/web:X']],
    ['acme/web', undefined, ['1', '1'], ['acme/web:1']],
    ['localhost:5000/web', undefined, ['1'], ['localhost:5000/web:1']],
  ])('%s at %s with tags %j', (image, registry, tags, names) => {
    expect(imageNames(image, { registry, tags })).toEqual(names);
  });
});

describe('caches', () => {
  test.each([
    ['type=registry,ref=r/cache:{service}-{branch}', 'type=registry,ref=r/cache:web-feature-log-in'],
    ['type=gha', 'type=gha,scope=web'],
    ['type=gha,mode=max', 'type=gha,mode=max,scope=web'],
    ['type=gha,scope=all', 'type=gha,scope=all'],
    ['type=local,dest=/c/{service}', 'type=local,dest=/c/web'],
  ])('%s', (template, cache) => {
    expect(renderCache(template, 'web', values)).toBe(cache);
  });
});
