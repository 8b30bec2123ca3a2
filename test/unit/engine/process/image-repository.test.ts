import { expect, test } from 'vitest';
import { imageRepository } from '../../../../src/engine/process/hosts/image-repository.ts';

test.each([
  ['postgres:15-alpine', 'postgres'],
  ['postgres', 'postgres'],
  ['docker.io/library/postgres:15@sha256:0123', 'postgres'],
  ['hashicorp/consul:1.16', 'hashicorp/consul'],
  ['localhost:5000/postgres', 'localhost:5000/postgres'],
  ['localhost:5000/postgres:15', 'localhost:5000/postgres'],
])('%s → %s', (image, repository) => {
  expect(imageRepository(image)).toBe(repository);
});
