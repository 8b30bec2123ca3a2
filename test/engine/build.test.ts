import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { events } from '../support/mesh-cli.ts';
import { openBuildLog } from './support/build-log.ts';
import { docker, inspect } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { imagePrefix, wordsInImage } from './support/images.ts';
import { type TemporaryMesh, temporaryMesh } from './support/temporary-mesh.ts';

const REGISTRY = process.env.MESH_TEST_REGISTRY ?? '';

interface Service {
  readonly name: string;
  /** A step of its Dockerfile. */
  readonly step?: string;
  /** More of its block in the manifest. */
  readonly more?: string;
}

/** Small services of one file each, whose images serve it. */
function openServices(prefix: string, services: readonly Service[], more = ''): TemporaryMesh {
  const blocks = services.map(
    ({ name, more: own = '' }) => `  ${name}:
    image: ${prefix}-${name}
    build: { dockerfile: ${name}/Dockerfile${own} }
    endpoints: { http: { port: 8080, host: auto } }
    health: { ready: /file, within: 20s }
`,
  );
  const subject = temporaryMesh(`name: builds\nversion: 1.2.3\nservices:\n${blocks.join('')}${more}`);
  for (const { name, step } of services) {
    subject.write(dockerfile(prefix, step), `${name}/Dockerfile`);
    subject.write(`first ${prefix}`, `${name}/src/file`);
  }
  return subject;
}

function dockerfile(prefix: string, step = 'true'): string {
  return [
    'FROM busybox:latest',
    `LABEL test=${prefix}`,
    'WORKDIR /www',
    'COPY src .',
    `RUN ${step}`,
    'USER 1000',
    'EXPOSE 8080',
    'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n',
  ].join('\n');
}

/** What was told of each service at last. */
function results(output: Awaited<ReturnType<TemporaryMesh['run']>>): Record<string, string> {
  const told = events(output).filter(({ type }) => type === 'node:built' || type === 'node:failed');
  return Object.fromEntries(
    told.map(({ node, type, upToDate }) => [
      node,
      type === 'node:failed' ? 'failed' : upToDate ? 'up to date' : 'built',
    ]),
  );
}

describeEngine('mesh build', () => {
  it('builds what changed and nothing else, and needs no builder when nothing did', async () => {
    await using images = imagePrefix();
    await using subject = openServices(images.prefix, [{ name: 'a' }, { name: 'b' }]);
    expect(results(await subject.run(['build', '--json']))).toEqual({ a: 'built', b: 'built' });
    const before = await inspect<string>(`${images.prefix}-a`, '.Id');

    // A docker command that fails shows that none is run.
    const broken = path.join(subject.folder, 'bin');
    mkdirSync(broken);
    writeFileSync(path.join(broken, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { PATH: `${broken}:${process.env.PATH}` };
    const again = await subject.run(['build', '--json'], { env });
    expect(results(again)).toEqual({ a: 'up to date', b: 'up to date' });
    expect(again.exitCode).toBe(0);
    expect(await inspect<string>(`${images.prefix}-a`, '.Id')).toBe(before);

    subject.write(`second ${images.prefix}`, 'b/src/file');
    subject.write('read by nobody', 'a/README');
    const plan = await subject.run(['build', '--dry-run']);
    expect(plan.stdout).toContain('its inputs changed');
    expect(results(await subject.run(['build', '--json']))).toEqual({ a: 'up to date', b: 'built' });
    expect(await docker('run', '--rm', `${images.prefix}-b`, 'cat', '/www/file')).toBe(`second ${images.prefix}`);
  });

  it('is what up does with an image of which the sources changed, and with no other', async () => {
    await using images = imagePrefix();
    await using subject = openServices(images.prefix, [{ name: 'a' }, { name: 'b' }]);
    expect((await subject.run(['dev', 'up'])).exitCode).toBe(0);
    subject.write(`second ${images.prefix}`, 'b/src/file');
    expect((await subject.run(['dev', 'up', '--no-build'])).stdout).toContain('nothing changed');
    const up = await subject.run(['dev', 'up', '--json']);
    const created = events(up).filter(({ type }) => type === 'node:created');
    expect(created.map(({ node }) => node)).toEqual(['b']);
    expect(await docker('run', '--rm', `${images.prefix}-b`, 'cat', '/www/file')).toBe(`second ${images.prefix}`);
    expect((await subject.run(['dev', 'up'])).stdout).toContain('nothing changed');
    // One that somebody else built is theirs.
    await docker('build', '--tag', `${images.prefix}-a`, path.join(subject.folder, 'a'));
    subject.write(`third ${images.prefix}`, 'a/src/file');
    expect((await subject.run(['dev', 'up', '--dry-run'])).stdout).not.toContain('build a');
  });

  it('goes on with the others when one fails, and shows its log and the line of its Dockerfile', async () => {
    await using images = imagePrefix();
    const bad = 'echo this is why; sleep 1; exit 3';
    await using subject = openServices(images.prefix, [
      { name: 'bad', step: bad },
      { name: 'slow', step: 'sleep 3' },
      { name: 'good' },
    ]);
    const summary = path.join(subject.folder, 'summary.md');
    const env = { GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: path.dirname(subject.folder) };
    const result = await subject.run(['build', '--output', 'github'], { env });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('::error file=a project/bad/Dockerfile,line=5,title=bad could not be built::');
    expect(result.stdout).toContain('\nthis is why\n');
    expect(readFileSync(summary, 'utf8')).toMatch(/\| bad \| ❌ failed[\s\S]*2 of 3 in/);
    expect(await inspect<string>(`${images.prefix}-slow`, '.Config.User')).toBe('1000');
    const again = await subject.run(['build', '--json', '--jobs', '1']);
    expect(results(again)).toEqual({ bad: 'failed', slow: 'up to date', good: 'up to date' });
  });

  it('verifies what it built', async () => {
    await using images = imagePrefix();
    await using subject = openServices(images.prefix, [{ name: 'fine' }, { name: 'root' }]);
    subject.write(dockerfile(images.prefix).replace('USER 1000', 'USER root'), 'root/Dockerfile');
    const result = await subject.run(['build', '--verify']);
    expect(result.stdout).toMatch(/✔ fine .*runs as 1000 · ready: 200/);
    expect(result.stdout).toMatch(/✘ root[\s\S]*wrong: a process of it runs as root\n1 of 2 verified/);
    expect(result.exitCode).toBe(1);
    expect(await docker('ps', '--all', '--quiet', '--filter', `label=dev.mesh.trial=${images.prefix}-fine`)).toBe('');
  });

  describe('secrets', () => {
    it('of npm, NuGet, the machine and the mesh are in no layer, history or log', async () => {
      await using images = imagePrefix();
      const secret = (name: string) => `${name}-${images.prefix}-secret`;
      await using subject = openServices(
        images.prefix,
        [
          {
            name: 'own',
            more: ', secrets: [feed], trust: host',
            step: '--mount=type=secret,id=feed --mount=type=secret,id=ca test -s /run/secrets/feed && test -s /run/secrets/ca && cat /run/secrets/feed',
          },
        ],
        `  web:
    image: ${images.prefix}-web
    build: { node: web, entry: a.js, script: build, base: node:22-bookworm-slim }
  net:
    image: ${images.prefix}-net
    build: { dotnet: net, context: net, sdk: ${images.prefix}-sdk, runtime: ${images.prefix}-sdk }
secrets: { feed: { variable: FEED_TOKEN } }
`,
      );
      await buildSdk(images.prefix, subject);
      const probe = 'cat /root/.npmrc && test -s /run/secrets/ca.pem';
      const scripts = { build: 'true', preinstall: probe };
      subject.write(JSON.stringify({ name: 'web', version: '1.0.0', scripts }), 'web/package.json');
      subject.write('console.log(1)', 'web/a.js');
      const home = path.join(subject.folder, 'home');
      subject.write(`//npm.example.com/:_authToken=\${NPM_TOKEN}\n`, 'home/.npmrc');
      subject.write(`<!-- ${secret('nuget')} -->`, 'home/.nuget/NuGet/NuGet.Config');
      subject.write(`${readCa()}\n# ${secret('ca')}\n`, 'home/ca.pem');
      const env = {
        HOME: home,
        NPM_CONFIG_USERCONFIG: path.join(home, '.npmrc'),
        NODE_EXTRA_CA_CERTS: path.join(home, 'ca.pem'),
        NPM_TOKEN: secret('npm'),
        FEED_TOKEN: secret('feed'),
        DOCKER_CONFIG: process.env.DOCKER_CONFIG ?? path.join(process.env.HOME ?? '', '.docker'),
      };
      const json = await subject.run(['build', '--json', '--no-cache'], { env });
      expect(results(json)).toEqual({ own: 'built', web: 'built', net: 'built' });
      const printed = await subject.run(['build', '--print'], { env });
      const failing = dockerfile(images.prefix, '--mount=type=secret,id=feed cat /run/secrets/feed && exit 1');
      subject.write(failing, 'own/Dockerfile');
      const failed = await subject.run(['build', 'own'], { env });
      expect(failed.stderr).toContain('own could not be built');

      const hidden = ['npm', 'nuget', 'ca', 'feed'].map(secret);
      const texts = [json, printed, failed].map(({ stdout, stderr }) => stdout + stderr);
      const histories = await Promise.all(
        ['own', 'web', 'net'].map((name) => docker('history', '--no-trunc', `${images.prefix}-${name}`)),
      );
      for (const [index, text] of [...texts, ...histories].entries())
        for (const word of hidden) expect(text.includes(word), `${word} in text ${index}`).toBe(false);
      // The search finds what is there, and nothing else.
      const first = `first ${images.prefix}`;
      expect(await wordsInImage(`${images.prefix}-own`, [...hidden, first])).toEqual([first]);
      expect(await wordsInImage(`${images.prefix}-net`, [...hidden, 'published'])).toEqual(['published']);
      expect(await wordsInImage(`${images.prefix}-web`, [...hidden, 'console.log(1)'])).toEqual(['console.log(1)']);
    });

    it('that have no value are asked for before anything is built', async () => {
      await using images = imagePrefix();
      await using subject = openServices(
        images.prefix,
        [{ name: 'own', more: ', secrets: [feed]' }],
        'secrets: { feed: { variable: FEED_TOKEN } }\n',
      );
      const result = await subject.run(['build']);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain('MESH2062 the build of own asks for the secret "feed", which has no value');
    });
  });

  describe.skipIf(REGISTRY === '')(`a registry (MESH_TEST_REGISTRY${REGISTRY === '' ? ' is not set' : ''})`, () => {
    it('gets the images under the tags that were asked for, and gives them back by digest', async () => {
      await using images = imagePrefix();
      await using subject = openServices(images.prefix, [{ name: 'a' }]);
      const metadata = path.join(subject.folder, 'metadata.json');
      const args = [
        '--push',
        '--registry',
        `${REGISTRY}/${images.prefix}/team`,
        '--tag',
        '{version}',
        '--tag',
        'x-{version}',
      ];
      const result = await subject.run(['build', '--json', ...args, '--metadata', metadata]);
      expect(results(result)).toEqual({ a: 'built' });
      const { a } = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, Record<string, string>>;
      const digest = a?.['containerimage.digest'] ?? '';
      expect(digest).toMatch(/^sha256:/);
      const name = `${REGISTRY}/${images.prefix}/team/${images.prefix}-a`;
      await docker('rmi', `${name}:1.2.3`, `${name}:x-1.2.3`);
      await docker('pull', '--quiet', `${name}@${digest}`);
      expect(await docker('run', '--rm', `${name}@${digest}`, 'cat', '/www/file')).toBe(`first ${images.prefix}`);
      await docker('rmi', `${name}@${digest}`);
    });

    it('is asked what it has: that is not built again, and gets the names that it lacks', async () => {
      await using images = imagePrefix();
      await using subject = openServices(images.prefix, [{ name: 'a' }, { name: 'b' }]);
      using log = openBuildLog();
      const metadata = path.join(subject.folder, 'metadata.json');
      const push = async (...tags: readonly string[]) => {
        const tagged = tags.flatMap((tag) => ['--tag', tag]);
        const where = ['--registry', `${REGISTRY}/${images.prefix}`, '--metadata', metadata];
        const result = await subject.run(['build', '--json', '--push', ...where, ...tagged], { env: log.env });
        expect(result.stderr).toBe('');
        const told = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, Record<string, string>>;
        return { result: results(result), ran: log.take().length > 0, digest: told.a?.['containerimage.digest'] };
      };
      const pushed = await push('one');
      expect(pushed.result).toEqual({ a: 'built', b: 'built' });
      // What this machine has does not count.
      await docker(
        'rmi',
        '--force',
        ...['a', 'b'].map((name) => `${REGISTRY}/${images.prefix}/${images.prefix}-${name}:one`),
      );
      const upToDate = { a: 'up to date', b: 'up to date' };
      expect(await push('one')).toEqual({ result: upToDate, ran: false, digest: pushed.digest });
      expect(await push('two', 'one')).toEqual({ result: upToDate, ran: false, digest: pushed.digest });
      const name = `${REGISTRY}/${images.prefix}/${images.prefix}-a`;
      const manifest = await docker('buildx', 'imagetools', 'inspect', `${name}:two`, '--format', '{{json .Manifest}}');
      expect(JSON.parse(manifest)).toMatchObject({ digest: pushed.digest });

      subject.write(`second ${images.prefix}`, 'a/src/file');
      expect((await push('one')).result).toEqual({ a: 'built', b: 'up to date' });
      expect((await push('two')).result).toEqual({ a: 'built', b: 'up to date' });
    });
  });
});

/** An image whose `dotnet` restores only with a NuGet.Config and a CA bundle; the real one takes a minute more. */
async function buildSdk(prefix: string, subject: TemporaryMesh): Promise<void> {
  const script = [
    '#!/bin/sh',
    'if [ "$1" = restore ]; then cat /root/.nuget/NuGet/NuGet.Config && test -s /run/secrets/ca.pem; exit; fi',
    'mkdir -p /app/publish && echo published > /app/publish/net.dll\n',
  ];
  subject.write(script.join('\n'), 'sdk/dotnet');
  const text = `FROM busybox:latest\nLABEL test=${prefix}\nCOPY --chmod=755 dotnet /usr/bin/dotnet\n`;
  subject.write(text, 'sdk/Dockerfile');
  subject.write('<Project Sdk="Microsoft.NET.Sdk.Web" />', 'net/net.csproj');
  await docker('build', '--quiet', '--tag', `${prefix}-sdk`, path.join(subject.folder, 'sdk'));
}

/** Authorities that the build really needs to reach its registry, where there are any. */
function readCa(): string {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  return file === undefined ? '' : readFileSync(file, 'utf8');
}
