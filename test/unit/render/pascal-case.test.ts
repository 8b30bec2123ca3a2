import { expect, test } from 'vitest';
import { pascalCase } from '../../../src/render/pascal-case.ts';

test.each([
  ['gateway', 'Gateway'],
  ['auth-service', 'AuthService'],
  ['s3_proxy.v2', 'S3ProxyV2'],
])('%s becomes %s', (name, expected) => {
  expect(pascalCase(name)).toBe(expected);
});
