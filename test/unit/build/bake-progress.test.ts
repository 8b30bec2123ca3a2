import { describe, expect, test } from 'vitest';
import { createBakeProgress } from '../../../src/build/bake-progress.ts';

const vertex = (digest: string, name: string, more: object = {}) =>
  JSON.stringify({ vertexes: [{ digest, name, ...more }] });
const log = (digest: string, text: string) =>
  JSON.stringify({ logs: [{ vertex: digest, data: Buffer.from(text).toString('base64') }] });

describe('steps', () => {
  test.each([
    [1, '[build 3/5] RUN npm ci', { target: '', stage: 'build', position: '3/5', text: 'RUN npm ci' }],
    [1, '[2/2] COPY a b', { target: '', stage: '', position: '2/2', text: 'COPY a b' }],
    [2, '[web 2/2] COPY a b', { target: 'web', stage: '', position: '2/2', text: 'COPY a b' }],
    [2, '[web linux/arm64 build 1/2] RUN x', { target: 'web', stage: 'build', position: '1/2', text: 'RUN x' }],
    [
      2,
      '[web build 2/3] RUN --mount=type=cache,target=/c if [ -f /run/secrets/ca.pem ]; then export A=/run/secrets/ca.pem; fi &&     npm ci',
      { target: 'web', stage: 'build', position: '2/3', text: 'RUN npm ci' },
    ],
    [2, '[web internal] load build context', undefined],
  ])('of %i targets: %s', (targets, name, step) => {
    expect(createBakeProgress(targets).push(vertex('a', name, { started: 'now' })).step).toEqual(step);
  });

  test('an image is there when it is exported', () => {
    const progress = createBakeProgress(2);
    expect(progress.push(vertex('x', '[web] exporting to image', { started: 'now' }))).toEqual({});
    expect(progress.push(vertex('x', '[web] exporting to image', { completed: 'now' }))).toEqual({ exported: 'web' });
    expect(createBakeProgress(1).push(vertex('x', 'exporting to image', { completed: 'now' }))).toEqual({
      exported: '',
    });
  });
});

test('a step that fails belongs to all targets that need it; what was cancelled did not fail', () => {
  const progress = createBakeProgress(3);
  progress.push(vertex('deps', '[web build 2/4] RUN npm ci', { started: 'now' }));
  progress.push(vertex('deps', '[api build 2/4] RUN npm ci'));
  progress.push(vertex('copy', '[job final 2/2] COPY --from=build', { inputs: ['deps'] }));
  progress.push(
    vertex('other', '[other 2/2] RUN sleep', { error: 'exit code: 137: context canceled: context canceled' }),
  );
  progress.push(log('deps', 'npm error one\n'));
  progress.push(log('deps', 'npm error two\n'));
  progress.push(vertex('deps', '[api build 2/4] RUN npm ci', { completed: 'now', error: 'exit code: 1' }));
  progress.push('ERROR: target web: failed to solve');
  expect(progress.failures()).toMatchObject([
    {
      targets: ['web', 'api', 'job'],
      text: 'RUN npm ci',
      error: 'exit code: 1',
      logs: ['npm error one', 'npm error two'],
    },
  ]);
  expect(progress.words()).toEqual(['ERROR: target web: failed to solve']);
});

test('a target is cached when all of its steps are, whatever others do', () => {
  const progress = createBakeProgress(2);
  progress.push(vertex('a', '[web 2/2] COPY a b', { cached: true }));
  progress.push(vertex('b', '[api 2/2] COPY a b', { completed: 'now' }));
  expect([progress.cached('web'), progress.cached('api')]).toEqual([true, false]);
});

test('a step that never ran, since another one of the same content took its place, makes nothing new', () => {
  const progress = createBakeProgress(2);
  progress.push(vertex('own', '[web 2/2] COPY a b'));
  progress.push(vertex('same', '[api 2/2] COPY a b'));
  progress.push(vertex('same', '[api 2/2] COPY a b', { started: 'now', completed: 'now', cached: true }));
  progress.push(vertex('same', '[web 2/2] COPY a b', { started: 'now', completed: 'now', cached: true }));
  expect([progress.cached('web'), progress.cached('api')]).toEqual([true, true]);
});
