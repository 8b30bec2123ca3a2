import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { events, ROOT } from '../support/mesh-cli.ts';
import { type BuildLog, openBuildLog } from './support/build-log.ts';
import { docker, inspect, lines } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { type TemporaryMesh, temporaryMesh } from './support/temporary-mesh.ts';
import { TOSKAMESH_ENDPOINTS } from './support/toskamesh-endpoints.ts';

const FIXTURE = path.join(ROOT, 'test/fixtures/dotnet-mesh');
const ALL = TOSKAMESH_ENDPOINTS.map(([, name]) => name as string).sort();
const SERVICES = TOSKAMESH_ENDPOINTS.filter(([section]) => section === 'services')
  .map(([, name]) => name as string)
  .sort();

/** The preset as a checkout of ToskaMesh would use it, with images and ports of the test's own. */
function checkoutManifest(project: string): string {
  const section = (wanted: string) =>
    TOSKAMESH_ENDPOINTS.filter(([name]) => name === wanted).map(([, node, endpoints]) => {
      const image = wanted === 'services' ? `image: ${project}-${node}, ` : '';
      const ports = endpoints.map((endpoint) => `${endpoint}: { host: auto }`).join(', ');
      return `  ${node}: { ${image}endpoints: { ${ports} } }`;
    });
  const lines = ['infrastructure:', ...section('infrastructure'), 'services:', ...section('services')];
  return ['extends: toskamesh', `name: ${project}`, ...lines, ''].join('\n');
}

/** What one `mesh build` did: which images are new, and which commands ran for projects, such as `restore Api`. */
interface Built {
  readonly rebuilt: readonly string[];
  readonly ran: readonly string[];
}

describeEngine('ToskaMesh built from its project graph', () => {
  let subject: TemporaryMesh;
  let log: BuildLog;
  const images = new Set<string>();

  const edit = (file: string, change: (text: string) => string) => {
    const whole = path.join(subject.folder, file);
    writeFileSync(whole, change(readFileSync(whole, 'utf8')));
  };

  const build = async (): Promise<Built> => {
    const result = await subject.run(['build', '--json'], { env: log.env });
    expect(result.stderr).toBe('');
    expect(result.exitCode).toBe(0);
    const told = events(result);
    for (const id of await lines('images', '--no-trunc', '--quiet', '--filter', `reference=${subject.project}-*`))
      images.add(id);
    const built = told.filter((event) => event.type === 'node:built');
    return {
      rebuilt: built
        .filter((event) => event.cached !== true)
        .map((event) => String(event.node))
        .sort(),
      ran: log.take().flatMap(commandOf).sort(),
    };
  };

  beforeAll(() => {
    log = openBuildLog();
    subject = temporaryMesh('');
    cpSync(FIXTURE, subject.folder, { recursive: true });
    subject.write(checkoutManifest(subject.project), 'mesh.yaml');
    // Nothing that another run has built already.
    edit('Directory.Build.props', (text) => `${text}<!-- ${subject.project} -->\n`);
  });

  afterAll(async () => {
    log?.[Symbol.dispose]();
    await subject?.[Symbol.asyncDispose]();
    if (images.size > 0) await docker('rmi', '--force', ...images);
  });

  it('builds all of them, and each shared library once', async () => {
    const { rebuilt, ran } = await build();
    expect(rebuilt).toEqual(SERVICES);
    expect(ran.filter((command) => command.startsWith('build '))).toEqual(['build Discovery', 'build Telemetry']);
    expect(ran.filter((command) => command.startsWith('publish '))).toHaveLength(8);
  });

  it('the images hold what runs, as a user who is nobody, and no tools', async () => {
    const config = await inspect<{ User: string; Entrypoint: string[]; ExposedPorts: object }>(
      `${subject.project}-discovery`,
      '.Config',
    );
    expect([config.User, config.Entrypoint, Object.keys(config.ExposedPorts).sort()]).toEqual([
      '1654',
      ['dotnet', 'ToskaMesh.Discovery.dll'],
      ['50051/tcp', '80/tcp'],
    ]);
    const shell = 'cat appsettings.json; dotnet --list-sdks; ls /src /root/.nuget 2>/dev/null';
    const image = `${subject.project}-health-monitor`;
    // It refers to Discovery, which has settings of its own under the same name.
    expect(JSON.parse(await docker('run', '--rm', '--entrypoint', 'sh', image, '-c', `${shell} || true`))).toEqual({
      About: 'health-monitor',
    });
  });

  it('builds nothing when nothing changed', async () => {
    expect(await build()).toEqual({ rebuilt: [], ran: [] });
  });

  it('a change to a service builds this one and restores nothing', async () => {
    edit('src/Core/ToskaMesh.Gateway/Program.cs', (text) => text.replace('"gateway"', '"the gateway"'));
    expect(await build()).toEqual({ rebuilt: ['gateway'], ran: ['publish Gateway'] });
  });

  it('a change to a service that another one refers to compiles it once, and builds both', async () => {
    const program = 'src/Core/ToskaMesh.Discovery/Program.cs';
    edit(program, (text) => `${text}// ${subject.project}\n`);
    expect(await build()).toEqual({
      rebuilt: ['discovery', 'health-monitor'],
      ran: ['build Discovery', 'publish Discovery', 'publish HealthMonitor'],
    });
  });

  it('a change to a shared library builds all that refer to it and restores nothing', async () => {
    edit('src/Shared/ToskaMesh.Common/HealthEndpoints.cs', (text) => text.replace('is healthy', 'is well'));
    const { rebuilt, ran } = await build();
    expect(rebuilt).toEqual(SERVICES);
    expect(ran.filter((command) => command.startsWith('restore '))).toEqual([]);
    expect(ran.filter((command) => command.startsWith('build '))).toEqual(['build Discovery', 'build Telemetry']);
  });

  it('a project reference makes one Dockerfile stale, and one service is restored and built', async () => {
    const library = 'src/Shared/ToskaMesh.Tokens';
    subject.write('<Project Sdk="Microsoft.NET.Sdk" />\n', `${library}/ToskaMesh.Tokens.csproj`);
    subject.write('namespace ToskaMesh.Tokens;\n\npublic static class Token { }\n', `${library}/Token.cs`);
    const service = 'src/Services/ToskaMesh.AuthService';
    edit(`${service}/ToskaMesh.AuthService.csproj`, (text) =>
      text.replace(
        '<ItemGroup>',
        '<ItemGroup>\n    <ProjectReference Include="..\\..\\Shared\\ToskaMesh.Tokens\\ToskaMesh.Tokens.csproj" />',
      ),
    );
    appendFileSync(path.join(subject.folder, service, 'Program.cs'), '_ = typeof(ToskaMesh.Tokens.Token);\n');
    const check = await subject.run(['generate', '--check', '--json', 'dockerfiles']);
    expect(events(check)).toMatchObject([
      { ok: false, differing: [{ path: 'dockerfiles/Dockerfile.AuthService', state: 'stale' }] },
    ]);
    expect(await build()).toEqual({
      rebuilt: ['auth-service'],
      ran: ['build Tokens', 'publish AuthService', 'restore AuthService', 'restore Tokens'],
    });
  });

  it('a service that is compiled otherwise when it is published is so for those that refer to it, too', async () => {
    const project = 'src/Core/ToskaMesh.Discovery/ToskaMesh.Discovery.csproj';
    const before = readFileSync(path.join(subject.folder, project), 'utf8');
    const properties = '<PropertyGroup><PublishReadyToRun>true</PublishReadyToRun></PropertyGroup>';
    edit(project, (text) => text.replace('</Project>', `${properties}</Project>`));
    expect((await build()).rebuilt).toEqual(['discovery', 'health-monitor']);
    edit(project, () => before);
    await build();
  });

  it('a reference to nothing is told with its line, before anything is built', async () => {
    const project = 'src/Services/ToskaMesh.ConfigService/ToskaMesh.ConfigService.csproj';
    const before = readFileSync(path.join(subject.folder, project), 'utf8');
    edit(project, (text) => text.replace('ToskaMesh.Common.csproj', 'ToskaMesh.Gone.csproj'));
    const result = await subject.run(['build']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(`${project}:3:32 error MESH1602`);
    edit(project, () => before);
  });

  it('comes up beside real servers from the images that are there, every node ready', async () => {
    const result = await subject.run(['dev', 'up', '--json', '--timeout', '3m']);
    expect(result.stderr).toBe('');
    const told = events(result);
    expect(namesOf(told, 'node:ready')).toEqual(ALL);
    expect(told.at(-1)).toMatchObject({ type: 'run:finished', ok: true, ready: 12, wanted: 12 });
    expect(namesOf(told, 'node:building')).toEqual([]);
  });

  it('services are ready because of those servers', async () => {
    await docker('stop', ...(await lines('ps', '--quiet', '--filter', `name=^${subject.project}-postgres-1$`)));
    const [address] = await lines('port', `${subject.project}-auth-service-1`, '80');
    const answer = await fetch(`http://${address}/health/ready`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('postgres:5432')]);
  });
});

function namesOf(told: readonly Record<string, unknown>[], type: string): string[] {
  return told
    .filter((event) => event.type === type)
    .map((event) => String(event.node))
    .sort();
}

/** `dotnet restore src/Core/ToskaMesh.Gateway/ToskaMesh.Gateway.csproj` → `restore Gateway`. */
function commandOf(step: string): string[] {
  // A step that compiles names a restore too, for when the cache of packages was emptied.
  const verbs = /--no-(restore|build)/.test(step) ? 'build|publish' : 'restore';
  const found = new RegExp(`dotnet (${verbs}) \\S*?ToskaMesh\\.(\\w+)\\.csproj`).exec(step);
  return found === null ? [] : [`${found[1]} ${found[2]}`];
}
