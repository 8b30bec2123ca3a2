import { expect, test } from 'vitest';
import { readBuilder } from '../../../src/build/builder-in-use.ts';

test.each([
  ['Driver:        docker\nPlatforms:        linux/amd64, linux/386\n', { driver: 'docker', platform: 'linux/amd64' }],
  [
    'Driver: docker-container\nPlatforms: linux/arm64*, linux/amd64\n',
    { driver: 'docker-container', platform: 'linux/arm64' },
  ],
  [
    'Driver: docker-container\nStatus: inactive\n',
    { driver: 'docker-container', platform: expect.stringMatching(/^linux\//) },
  ],
])('%j', (text, builder) => {
  expect(readBuilder(text)).toEqual(builder);
});
