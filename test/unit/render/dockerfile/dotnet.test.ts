import { describe, expect, it } from 'vitest';
import type { ProjectClosure, ProjectClosures, SourceProject } from '../../../../src/dotnet/project-closure.ts';
import type { Build } from '../../../../src/mesh/build.ts';
import { renderDockerfiles } from '../../../../src/render/dockerfile/render-dockerfiles.ts';
import { createRandom, type Random } from '../../random.ts';
import { meshWith, nodeWith } from '../mesh-builder.ts';

const DOTNET = {
  kind: 'dotnet',
  context: '.',
  sdkImage: 'sdk',
  runtimeImage: 'aspnet',
} as const;

function projectAt(folder: string, fields: Partial<SourceProject> = {}): SourceProject {
  const file = `${folder}/${folder.split('/').at(-1)}.csproj`;
  return {
    file,
    isApplication: false,
    references: [],
    restoreInputs: [
      { path: file, kind: 'file' },
      { path: 'Directory.Build.props', kind: 'file' },
    ],
    buildInputs: [],
    ...fields,
  };
}

function dockerfiles(closures: ProjectClosures, builds: Readonly<Record<string, Partial<Build>>> = {}) {
  const nodes = [...closures].map(([name, { service }]) => {
    const project = service.file.replace(/\/[^/]+$/, '');
    const assembly = project.split('/').at(-1) ?? '';
    return nodeWith({ name, build: { ...DOTNET, project, assembly, ...builds[name] } as Build });
  });
  const artefacts = renderDockerfiles(meshWith({ nodes }), closures).filter(({ path }) => !path.endsWith('ignore'));
  return new Map([...closures.keys()].map((name, index) => [name, artefacts[index]?.text ?? '']));
}

function closure(name: string, libraries: readonly SourceProject[], fields: Partial<ProjectClosure> = {}) {
  const service = projectAt(`src/${name}`, { references: libraries.map(({ file }) => file) });
  return { from: 'projects', service, libraries, ...fields } as const;
}

const copies = (text: string) => text.split('\n').filter((line) => line.startsWith('COPY'));

describe('inputs', () => {
  it('each is copied once, at the first place that needs it, and what lies in a copied folder not at all', () => {
    const library = projectAt('src/Lib', {
      buildInputs: [
        { path: 'protos/a.proto', kind: 'file' },
        { path: 'src/Api/linked.json', kind: 'file' },
      ],
    });
    const base = closure('Api', [library]);
    const service = {
      ...base.service,
      buildInputs: [
        { path: 'protos/a.proto', kind: 'file' },
        { path: 'src/Lib/used.json', kind: 'file' },
        { path: 'assets', kind: 'folder' },
        { path: 'assets/*.json', kind: 'pattern' },
      ],
    } as const;
    expect(copies(dockerfiles(new Map([['api', { ...base, service }]])).get('api') ?? '')).toEqual([
      'COPY Directory.Build.props ./',
      'COPY src/Lib/Lib.csproj src/Lib/',
      'COPY protos/a.proto protos/',
      'COPY src/Api/linked.json src/Api/',
      'COPY src/Lib ./src/Lib',
      'COPY src/Api/Api.csproj src/Api/',
      'COPY --from=libraries /src .',
      'COPY assets/*.json assets/',
      'COPY src/Api ./src/Api',
      'COPY assets ./assets',
      'COPY --from=publish /app/publish .',
    ]);
  });

  it('names are what they say, also where COPY or the shell would read more into them', () => {
    const service = projectAt("src/My App's [new]");
    const text = dockerfiles(new Map([['api', { ...closure('x', []), service }]])).get('api') ?? '';
    expect(copies(text)).toEqual([
      'COPY Directory.Build.props ./',
      `COPY ["src/My App's [[]new]/My App's [[]new].csproj", "src/My App's [new]/"]`,
      `COPY ["src/My App's [[]new]", "./src/My App's [new]"]`,
      'COPY --from=publish /app/publish .',
    ]);
    expect(text).toContain(`dotnet restore 'src/My App'\\''s [new]/My App'\\''s [new].csproj' -m:1`);
  });

  it('paths are relative to the context', () => {
    const closures = new Map([['api', closure('Api', [projectAt('src/Lib')])]]);
    const text = dockerfiles(closures, { api: { context: 'src' } }).get('api') ?? '';
    expect(copies(text)).toContain('COPY Lib/Lib.csproj Lib/');
    expect(text).toContain('dotnet build Lib/Lib.csproj ');
  });
});

describe('stages', () => {
  it('end with base, build, publish and final, whatever comes before', () => {
    const closures = new Map([
      ['alone', closure('Alone', [])],
      ['api', closure('Api', [projectAt('src/Lib')])],
    ]);
    const stages = [...dockerfiles(closures)].map(([, text]) =>
      [...text.matchAll(/^FROM .* AS (.*)$/gm)].map((m) => m[1]),
    );
    expect(stages).toEqual([
      ['base', 'build', 'publish', 'final'],
      ['restore', 'libraries', 'base', 'build', 'publish', 'final'],
    ]);
  });

  it('only the last of the libraries that refer to each other is built, with all others', () => {
    const a = projectAt('src/A');
    const b = projectAt('src/B', { references: [a.file] });
    const c = projectAt('src/C');
    const text = dockerfiles(new Map([['api', closure('Api', [a, b, c])]])).get('api') ?? '';
    expect([...text.matchAll(/dotnet build (\S+)/g)].map((match) => match[1])).toEqual([
      'src/C/C.csproj',
      'src/B/B.csproj',
    ]);
  });

  it('duplicate files of a publish are allowed only where an application refers to another one', () => {
    const library = closure('Api', [projectAt('src/Lib')]);
    const application = closure('Monitor', [projectAt('src/Other', { isApplication: true })]);
    const texts = dockerfiles(
      new Map([
        ['api', library],
        ['monitor', application],
      ]),
    );
    const allowed = (name: string) => texts.get(name)?.includes('/p:ErrorOnDuplicatePublishOutputFiles=false');
    expect([allowed('api'), allowed('monitor')]).toEqual([false, true]);
  });

  it('what a manifest says is marked, and its libraries are compiled by the publish where they are not yet', () => {
    const [read, recorded] = (['projects', 'manifest'] as const).map((from) =>
      dockerfiles(new Map([['api', closure('Api', [projectAt('src/Lib')], { from })]])).get('api'),
    );
    expect(read).toContain('/p:BuildProjectReferences=false');
    expect(read).not.toContain('# The project files were not there');
    expect(recorded).not.toContain('/p:BuildProjectReferences=false');
    expect(recorded).toContain('# The project files were not there');
  });
});

describe('steps that services share', () => {
  it('are the same text in all services for libraries that all use, in whatever order each reaches them', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const closures = randomClosures(createRandom(seed));
      const names = [...closures.keys()];
      const byAll = librariesOf(closures, names[0] ?? '').filter((file) =>
        names.every((name) => uses(closures, name, file)),
      );
      const first = [...dockerfiles(closures).values()].map((text) => libraryStages(text).slice(0, 2).join(''));
      if (byAll.length > 0) expect(new Set(first).size, `seed ${seed}`).toBe(1);
    }
  });

  it('are the same text as a whole in services that use the same libraries', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const closures = randomClosures(createRandom(seed));
      const alike = new Map<string, string>();
      for (const [name, text] of dockerfiles(closures)) {
        const libraries = librariesOf(closures, name).sort().join();
        const stages = libraryStages(text).join('');
        expect(alike.get(libraries) ?? stages, `seed ${seed}: ${name}`).toBe(stages);
        alike.set(libraries, stages);
      }
    }
  });

  it('nothing is copied of a project that a service does not refer to, and everything of those that it does', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const closures = randomClosures(createRandom(seed));
      for (const [name, text] of dockerfiles(closures)) {
        const copied = [...text.matchAll(/^COPY (src\/Lib\d+) /gm)].map((match) => `${match[1]}`).sort();
        expect(copied, `seed ${seed}: ${name}`).toEqual(
          librariesOf(closures, name)
            .map((file) => file.replace(/\/[^/]+$/, ''))
            .sort(),
        );
      }
    }
  });

  it('each library is compiled after all that it refers to', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const closures = randomClosures(createRandom(seed));
      for (const [name, text] of dockerfiles(closures)) {
        for (const library of closures.get(name)?.libraries ?? [])
          for (const reference of library.references)
            expect(text.indexOf(`COPY ${reference} `), `seed ${seed}`).toBeLessThanOrEqual(
              text.indexOf(`COPY ${library.file} `),
            );
      }
    }
  });

  it('are not the same where the image that builds is another one', () => {
    const libraries = [projectAt('src/Lib')];
    const closures = new Map([
      ['a', closure('A', libraries)],
      ['b', closure('B', libraries)],
      ['c', closure('C', libraries)],
    ]);
    const texts = dockerfiles(closures, { c: { sdkImage: 'sdk:9' } });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => libraryStages(texts.get(name) ?? '').join());
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(texts.get('c')).toContain('# Libraries that no other service refers to.');
  });
});

describe('a service that another one refers to', () => {
  const common = projectAt('src/Common');
  const other = projectAt('src/Other');
  const api = closure('Api', [common]);
  const monitor = (...libraries: SourceProject[]) => closure('Monitor', libraries);
  const referred = { ...api.service, isApplication: true };
  const textsOf = (...entries: [string, ProjectClosure][]) => dockerfiles(new Map(entries));

  it('is compiled once, by the same steps, and published as it is', () => {
    const texts = textsOf(['api', api], ['monitor', monitor(common, referred)]);
    const steps = (name: string, first: string, last: string) => {
      const stages = instructionsOf(texts.get(name) ?? '');
      const text = stages.split(new RegExp(`^FROM \\S+ AS ${first}$`, 'm'))[1] ?? '';
      return (text.split(new RegExp(`^FROM ${last}`, 'm'))[0] ?? '').replace(/^(FROM .*)?\n/gm, '');
    };
    expect(steps('api', 'build', 'build AS publish')).toBe(steps('monitor', 'restore-2', 'aspnet AS base'));
    expect(steps('api', 'build', 'build AS publish')).toContain('dotnet build src/Api/Api.csproj');
    expect(texts.get('api')).toContain('dotnet publish src/Api/Api.csproj -c Release --no-build ');
    expect(texts.get('monitor')).toContain('dotnet publish src/Monitor/Monitor.csproj -c Release --no-restore ');
  });

  it('is compiled as it is published where the steps of the other one are not the same', () => {
    const withMore = textsOf(['api', api], ['monitor', monitor(common, other, referred)]);
    expect(withMore.get('monitor')).toContain('dotnet build src/Api/Api.csproj');
    expect(withMore.get('api')).not.toContain('dotnet build src/Api/Api.csproj');
    expect(withMore.get('api')).toContain('dotnet publish src/Api/Api.csproj -c Release --no-restore ');
  });
});

/** The instructions of the stages before `base`. */
function libraryStages(text: string): string[] {
  return (instructionsOf(text).split(/^FROM \S+ AS base$/m)[0] ?? '').split(/^(?=FROM )/m).slice(1);
}

function instructionsOf(text: string): string {
  return text.replace(/^#.*\n/gm, '');
}

function librariesOf(closures: ProjectClosures, name: string): string[] {
  return closures.get(name)?.libraries.map(({ file }) => file) ?? [];
}

function uses(closures: ProjectClosures, name: string, library: string): boolean {
  return librariesOf(closures, name).includes(library);
}

/** Services over libraries that refer to those with a lower number, each service listing them in an order of its own. */
function randomClosures(random: Random): ProjectClosures {
  const libraries: SourceProject[] = [];
  for (let index = 0; index < random.upTo(8); index++) {
    const references = libraries.filter(() => random.chance(0.4)).map(({ file }) => file);
    libraries.push(projectAt(`src/Lib${index}`, { references }));
  }
  const reach = (files: readonly string[], into: Set<string>): Set<string> => {
    for (const file of random.shuffle(files)) {
      if (into.has(file)) continue;
      reach(libraries.find((library) => library.file === file)?.references ?? [], into);
      into.add(file);
    }
    return into;
  };
  const services = Array.from({ length: random.upTo(5) }, (_, index) => {
    const chosen = libraries.filter(() => random.chance(0.6)).map(({ file }) => file);
    const order = [...reach(chosen, new Set())].flatMap(
      (file) => libraries.find((library) => library.file === file) ?? [],
    );
    return [`s${index}`, closure(`S${index}`, order)] as const;
  });
  return new Map(services);
}
