import { describe, expect, test } from 'vitest';
import type { ImageFacts } from '../../../../src/engine/docker/image-store.ts';
import { inOrder, readRegistryFacts } from '../../../../src/engine/docker/registry-images.ts';

const answer = (image: object) => JSON.stringify({ name: 'x', manifest: { digest: 'sha256:1' }, image });

describe('what imagetools says of an image', () => {
  test('of one platform', () => {
    const config = {
      User: '1000',
      ExposedPorts: { '80/tcp': {} },
      Cmd: ['run'],
      Labels: { a: 'b' },
      OnBuild: ['COPY . .'],
    };
    expect(readRegistryFacts(answer({ architecture: 'amd64', config }))).toEqual({
      ...{ id: 'sha256:1', labels: { a: 'b' }, user: '1000', exposed: ['80/tcp'] },
      ...{ entrypoint: [], command: ['run'], hasTriggers: true },
    });
  });

  test('of several: what all of them say', () => {
    const one = (label: string) => ({ config: { Labels: { shared: 's', own: label } } });
    const image = { 'linux/amd64': one('a'), 'linux/arm64': one('b') };
    expect(readRegistryFacts(answer(image))?.labels).toEqual({ shared: 's' });
    expect(readRegistryFacts(answer({ ...image, 'linux/s390x': { config: {} } }))?.labels).toEqual({});
  });

  test.each(['', 'null', '{}', answer({})])('is nothing when it cannot be understood: %s', (text) => {
    expect(readRegistryFacts(text)?.labels ?? {}).toEqual({});
  });
});

test('of several places, the first that has an image counts', async () => {
  const image = (id: string): ImageFacts => ({
    ...{ id, labels: {}, user: '', exposed: [], entrypoint: [], command: [], hasTriggers: false },
  });
  const place = (id: string, ...there: readonly string[]) => ({
    inspect: async (names: readonly string[]) =>
      new Map(names.filter((name) => there.includes(name)).map((name) => [name, image(id)])),
  });
  const found = await inOrder(place('first', 'a'), place('second', 'a', 'b')).inspect(['a', 'b', 'c']);
  expect([...found].map(([name, { id }]) => [name, id]).sort()).toEqual([
    ['a', 'first'],
    ['b', 'second'],
  ]);
});
