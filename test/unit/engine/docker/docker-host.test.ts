import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findDockerHost, parseDockerHost, publishHostOf } from '../../../../src/engine/docker/docker-host.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const id = (name: string) => createHash('sha256').update(name).digest('hex');
const context = (host: string) => JSON.stringify({ Endpoints: { docker: { Host: host } } });

describe('findDockerHost', () => {
  it('takes DOCKER_HOST first', () => {
    using home = temporaryFolder({ '.docker/config.json': '{ "currentContext": "colima" }' });
    const host = findDockerHost({ env: { DOCKER_HOST: 'unix:///tmp/x.sock' }, home: home.path, uid: 1000 });
    expect(host).toEqual({ kind: 'unix', socketPath: '/tmp/x.sock', label: 'unix:///tmp/x.sock (DOCKER_HOST)' });
  });

  it('takes the current context, and DOCKER_CONTEXT before it', () => {
    using home = temporaryFolder({
      '.docker/config.json': '{ "currentContext": "colima" }',
      [`.docker/contexts/meta/${id('colima')}/meta.json`]: context('unix:///home/me/.colima/docker.sock'),
      [`.docker/contexts/meta/${id('far')}/meta.json`]: context('ssh://me@far.example:2222'),
    });
    const inputs = { home: home.path, uid: 1000 };
    expect(findDockerHost({ env: {}, ...inputs })).toMatchObject({
      kind: 'unix',
      socketPath: '/home/me/.colima/docker.sock',
    });
    const far = findDockerHost({ env: { DOCKER_CONTEXT: 'far' }, ...inputs });
    expect(far).toMatchObject({ kind: 'ssh', destination: 'me@far.example', host: 'far.example', port: 2222 });
    expect(publishHostOf(far)).toBe('far.example');
  });

  it('names a context that does not exist', () => {
    using home = temporaryFolder();
    expect(() => findDockerHost({ env: { DOCKER_CONTEXT: 'gone' }, home: home.path, uid: 1000 })).toThrow(
      'the Docker context "gone" does not exist',
    );
  });

  it("finds Podman's socket where Docker has none", () => {
    using home = temporaryFolder({ 'run/podman/podman.sock': '' });
    const host = findDockerHost({ env: { XDG_RUNTIME_DIR: `${home.path}/run` }, home: home.path, uid: 1000 });
    // On a machine with Docker, its own socket comes first.
    expect(['/var/run/docker.sock', `${home.path}/run/podman/podman.sock`]).toContain(
      host.kind === 'unix' ? host.socketPath : '',
    );
  });
});

describe('parseDockerHost', () => {
  it.each([
    ['tcp://10.0.0.1:2375', { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: undefined }],
    ['10.0.0.1:2375', { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1' }],
    ['https://10.0.0.1', { kind: 'tcp', port: 2376, tls: {} }],
    ['ssh://me@host', { kind: 'ssh', destination: 'me@host', port: undefined }],
  ])('%s', (text, expected) => {
    expect(parseDockerHost(text, 'DOCKER_HOST')).toMatchObject(expected);
  });

  it.each(['ftp://x', 'npipe:////./pipe/x', 'tcp://'])('refuses %s and names where it comes from', (text) => {
    expect(() => parseDockerHost(text, 'DOCKER_HOST')).toThrow(
      `DOCKER_HOST is "${text}", which is no address of an engine`,
    );
  });
});
