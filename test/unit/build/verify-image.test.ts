import { expect, test } from 'vitest';
import { examineImage } from '../../../src/build/verify-image.ts';
import type { ImageFacts } from '../../../src/engine/docker/image-store.ts';
import type { MeshNode } from '../../../src/mesh/mesh.ts';
import { endpoint, nodeWith } from '../render/mesh-builder.ts';

const GOOD: ImageFacts = {
  ...{ id: 'sha256:1', labels: {}, user: '1000', exposed: ['8080/tcp'], entrypoint: [], command: ['node', 'a.js'] },
  hasTriggers: false,
};
const examine = (image: Partial<ImageFacts>, node: Partial<MeshNode> = {}) =>
  examineImage(nodeWith({ name: 'api', endpoints: [endpoint('http', 'http', 8080)], ...node }), { ...GOOD, ...image })
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ text }) => text);

test.each([
  ['all is well', {}, {}, []],
  ['no user', { user: '' }, {}, ['it runs as root']],
  ['root by number, with a group', { user: '0:1000' }, {}, ['it runs as root']],
  ['the manifest gives the user', { user: '' }, { user: '1000' }, []],
  ['a port is missing', { exposed: [] }, {}, ['the image does not expose 8080/tcp']],
  [
    'shell form',
    { command: ['/bin/sh', '-c', 'node a.js'] },
    {},
    ['a shell stands before the program: /bin/sh -c node a.js'],
  ],
  ['a shell that steps aside', { command: ['/bin/sh', '-c', 'exec node a.js'] }, {}, []],
  ['nothing to run', { command: [] }, {}, ['the image says nothing to run']],
  ['the manifest says what to run', { command: [] }, { command: ['node', 'b.js'] }, []],
] as const)('%s', (_, image, node, wrong) => {
  expect(examine(image, node)).toEqual(wrong);
});
