import { describe, expect, test } from 'vitest';
import { jobsFor, refuseUnable } from '../../../src/build/engine-fit.ts';

const NOTHING = { platforms: [], cacheTo: [], sbom: false, provenance: undefined, push: false, load: false };
const GIB = 1024 ** 3;

describe('what a builder cannot do', () => {
  test.each([
    [{ platforms: ['linux/amd64', 'linux/arm64'] }, 'several platforms (linux/amd64, linux/arm64)'],
    [{ cacheTo: ['type=gha', 'type=inline'] }, '--cache-to type=gha'],
    [{ sbom: true, provenance: '' }, '--sbom, --provenance'],
  ])('on overlay2: %j', (wish, words) => {
    expect(() => refuseUnable({ ...NOTHING, ...wish }, { driver: 'docker', store: 'overlay2' })).toThrow(
      `the image store of this engine (overlay2) cannot do ${words}`,
    );
    expect(() => refuseUnable({ ...NOTHING, ...wish }, { driver: 'docker', store: 'containerd' })).not.toThrow();
  });

  test('one platform, an inline cache and no provenance are fine everywhere', () => {
    const wishes = { ...NOTHING, platforms: ['linux/arm64'], cacheTo: ['type=inline'], provenance: 'false' };
    expect(() => refuseUnable(wishes, { driver: 'docker', store: 'overlay2' })).not.toThrow();
  });

  test('a builder in a container loads one platform only', () => {
    const wishes = { ...NOTHING, platforms: ['linux/amd64', 'linux/arm64'] };
    const builder = { driver: 'docker-container', store: 'overlay2' };
    expect(() => refuseUnable(wishes, builder)).toThrow('cannot load images of several platforms');
    expect(() => refuseUnable({ ...wishes, push: true }, builder)).not.toThrow();
  });
});

test('as many at once as fit into memory, and at least one', () => {
  expect([1, 4, 24].map((gib) => jobsFor(gib * GIB))).toEqual([1, 2, 12]);
});
