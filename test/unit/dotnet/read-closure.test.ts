import { describe, expect, it } from 'vitest';
import { closureOf, project, references, type Texts } from './memory-workspace.ts';

const librariesOf = (texts: Texts, file: string) => {
  const { value, diagnostics } = closureOf(texts, file);
  expect(diagnostics).toEqual([]);
  return value?.libraries.map((library) => library.file);
};
const inputsOf = (texts: Texts, which: 'restoreInputs' | 'buildInputs', context = '') => {
  const { value, diagnostics } = closureOf(texts, 'src/Api/Api.csproj', context);
  expect(diagnostics).toEqual([]);
  return value?.service[which].map(({ path, kind }) => (kind === 'file' ? path : `${kind} ${path}`));
};
const problemsOf = (texts: Texts, context = '') =>
  closureOf(texts, 'src/Api/Api.csproj', context).diagnostics.map(
    ({ code, location }) => `${code} ${location?.file}:${location?.line}:${location?.column}`,
  );

describe('references', () => {
  it('are followed to the end, each after those that it refers to, with either kind of slash', () => {
    const texts = {
      'src/Api/Api.csproj': project(references('..\\Common\\Common.csproj', '../Protocols/Protocols.csproj')),
      'src/Common/Common.csproj': project(references('..\\Protocols\\Protocols.csproj', '..\\Deep\\.\\Deep.csproj')),
      'src/Protocols/Protocols.csproj': project(),
      'src/Deep/Deep.csproj': project(),
    };
    expect(librariesOf(texts, 'src/Api/Api.csproj')).toEqual([
      'src/Protocols/Protocols.csproj',
      'src/Deep/Deep.csproj',
      'src/Common/Common.csproj',
    ]);
  });

  it('may come in one list, through a byte order mark, in other letters, and with a namespace', () => {
    const texts = {
      'Api.csproj':
        '<project xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><itemgroup><projectreference include="A/A.csproj; B/B.fsproj ;" /></itemgroup></project>',
      'A/A.csproj': project(),
      'B/B.fsproj': project(),
    };
    expect(librariesOf(texts, 'Api.csproj')).toEqual(['A/A.csproj', 'B/B.fsproj']);
  });

  it('with a condition count unless it is surely false', () => {
    const texts = {
      'Api.csproj': project(`
        <PropertyGroup><UseA>true</UseA><Nested Condition="'$(UseA)' == 'true'">B</Nested></PropertyGroup>
        <ItemGroup Condition="'$(UseA)' == 'true'"><ProjectReference Include="A/A.csproj" /></ItemGroup>
        <ItemGroup>
          <ProjectReference Include="$(Nested)/B.csproj" Condition="'$(Configuration)' == 'Release'" />
          <ProjectReference Include="C/C.csproj" Condition="'$(Configuration)' == 'Debug'" />
          <ProjectReference Include="D/D.csproj" Condition="'$(TargetFramework)' == 'net8.0'" />
          <ProjectReference Include="Gone/Gone.csproj" Condition="'$(TargetFramework)' == 'net6.0'" />
        </ItemGroup>
        <Choose>
          <When Condition="'$(UseA)' == 'false'"><ItemGroup><ProjectReference Include="C/C.csproj" /></ItemGroup></When>
          <Otherwise><ItemGroup><ProjectReference Include="E/E.csproj" /></ItemGroup></Otherwise>
        </Choose>`),
      ...Object.fromEntries(['A', 'B', 'C', 'D', 'E'].map((name) => [`${name}/${name}.csproj`, project()])),
    };
    expect(librariesOf(texts, 'Api.csproj')).toEqual(['A/A.csproj', 'B/B.csproj', 'D/D.csproj', 'E/E.csproj']);
  });

  it('come from Directory.Build.props and .targets, the nearest upwards, and what these import', () => {
    const texts = {
      'Directory.Build.props': project(references('$(MSBuildThisFileDirectory)Never/Never.csproj')),
      'src/Directory.Build.props': project(
        '<PropertyGroup><Shared>$(MSBuildThisFileDirectory)Shared</Shared></PropertyGroup><Import Project="more.props" />',
      ),
      'src/more.props': project(references('$(Shared)/A/A.csproj')),
      'src/Directory.Build.targets': project(
        `${references('..\\Shared\\B\\B.csproj')}<ItemGroup><ProjectReference Remove="$(Shared)/C/C.csproj" /></ItemGroup>`,
      ),
      'src/Api/Api.csproj': project(references('$(Shared)\\C\\C.csproj')),
      // Else every library would refer to itself.
      'src/Shared/Directory.Build.props': project(),
      'src/Shared/Directory.Build.targets': project(),
      'src/Shared/A/A.csproj': project(),
      'src/Shared/B/B.csproj': project(),
      'src/Shared/C/C.csproj': project(),
    };
    expect(librariesOf(texts, 'src/Api/Api.csproj')).toEqual(['src/Shared/A/A.csproj', 'src/Shared/B/B.csproj']);
    expect(inputsOf(texts, 'restoreInputs')).toEqual([
      'src/Api/Api.csproj',
      'src/Directory.Build.props',
      'src/more.props',
      'src/Directory.Build.targets',
    ]);
  });

  it('a web project that refers to a web project is told from one that refers to libraries', () => {
    const texts = {
      'Api.csproj': project(references('Web/Web.csproj', 'Lib/Lib.csproj'), 'Microsoft.NET.Sdk.Web'),
      'Web/Web.csproj': project('', 'Microsoft.NET.Sdk.Web'),
      'Lib/Lib.csproj': '<Project><Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" /></Project>',
    };
    const { value } = closureOf(texts, 'Api.csproj');
    expect(value?.service.isApplication).toBe(true);
    expect(value?.libraries.map((library) => library.isApplication)).toEqual([true, false]);
  });
});

describe('what restore reads', () => {
  it('package versions, feeds, the SDK version, lock files, settings of MSBuild', () => {
    const texts = {
      'global.json': '{}',
      'src/global.json': '{}',
      'NuGet.config':
        '<configuration><packageSources><add key="here" value=".\\feed" /><add key="far" value="https://example.com/v3/index.json" /><add key="gone" value="gone" /></packageSources></configuration>',
      'src/nuget.config': '<configuration />',
      'feed/a.nupkg': '',
      'Directory.Build.rsp': '',
      'Directory.Packages.props': project(),
      'src/Directory.Packages.props': project(
        `<Import Project="$([MSBuild]::GetPathOfFileAbove('Directory.Packages.props', '$(MSBuildThisFileDirectory)../'))" />`,
      ),
      'src/Api/packages.lock.json': '{}',
      'src/Api/Api.csproj': project(),
    };
    expect(inputsOf(texts, 'restoreInputs')).toEqual([
      'src/Api/Api.csproj',
      'src/Directory.Packages.props',
      'Directory.Packages.props',
      'src/nuget.config',
      'NuGet.config',
      'Directory.Build.rsp',
      'global.json',
      'src/Api/packages.lock.json',
      'folder feed',
    ]);
  });

  it('nothing above the context, since nothing of it is in the container', () => {
    const texts = {
      'Directory.Build.props': project(),
      'global.json': '{}',
      'src/Api/Api.csproj': project('<Import Project="..\\..\\outside.props" />'),
      'outside.props': project(),
    };
    expect(inputsOf(texts, 'restoreInputs', 'src')).toEqual(['src/Api/Api.csproj']);
  });

  it('a lock file of another name', () => {
    const texts = {
      'src/Api/Api.csproj': project(
        '<PropertyGroup><NuGetLockFilePath>..\\locks\\$(MSBuildProjectName).json</NuGetLockFilePath></PropertyGroup>',
      ),
      'src/locks/Api.json': '{}',
    };
    expect(inputsOf(texts, 'restoreInputs')).toEqual(['src/Api/Api.csproj', 'src/locks/Api.json']);
  });
});

describe('what a build reads from elsewhere', () => {
  it('linked files, protos with their roots, patterns, keys, and rules for the compiler', () => {
    const texts = {
      '.editorconfig': '',
      'key.snk': '',
      'protos/discovery.proto': '',
      'protos/common/types.proto': '',
      'assets/deep/logo.svg': '',
      'assets/text.json': '',
      'lib/Old.dll': '',
      'src/Api/own.json': '',
      'src/Api/Api.csproj': project(`
        <PropertyGroup><AssemblyOriginatorKeyFile>..\\..\\key.snk</AssemblyOriginatorKeyFile></PropertyGroup>
        <ItemGroup>
          <Protobuf Include="..\\..\\protos\\discovery.proto" ProtoRoot="..\\..\\protos\\" GrpcServices="Client" />
          <Content Include="own.json" />
          <Content Include="..\\..\\assets\\*.json" LinkBase="assets" />
          <EmbeddedResource Include="..\\..\\assets\\**\\*.svg" />
          <None Include="..\\..\\gone\\*.md;..\\..\\gone.txt;@(Compile)" />
          <Reference Include="Old"><HintPath>..\\..\\lib\\Old.dll</HintPath></Reference>
          <PackageReference Include="Serilog" />
        </ItemGroup>`),
    };
    expect(inputsOf(texts, 'buildInputs')).toEqual([
      'protos/discovery.proto',
      'folder protos',
      'pattern assets/*.json',
      'folder assets',
      'lib/Old.dll',
      'key.snk',
      '.editorconfig',
    ]);
  });
});

describe('problems', () => {
  it('a project that is not there, with the place of its name', () => {
    const texts = {
      'src/Api/Api.csproj': project(`\n    ${references('..\\Lib\\lib.csproj')}`),
      'src/Lib/Lib.csproj': '',
    };
    expect(problemsOf(texts)).toEqual(['MESH1602 src/Api/Api.csproj:3:43']);
  });

  it('a project outside of the context, though it is there', () => {
    const texts = { 'src/Api/Api.csproj': project(references('..\\..\\Lib\\Lib.csproj')), 'Lib/Lib.csproj': project() };
    expect(problemsOf(texts, 'src')).toEqual(['MESH1603 src/Api/Api.csproj:2:39']);
    expect(problemsOf(texts)).toEqual([]);
  });

  it('a circle, where it closes, even of one project', () => {
    const round = {
      'src/Api/Api.csproj': project(references('..\\A\\A.csproj')),
      'src/A/A.csproj': project(references('..\\B\\B.csproj')),
      'src/B/B.csproj': project(references('..\\A\\A.csproj')),
    };
    expect(problemsOf(round)).toEqual(['MESH1604 src/B/B.csproj:2:39']);
    expect(problemsOf({ 'src/Api/Api.csproj': project(references('Api.csproj')) })).toEqual([
      'MESH1604 src/Api/Api.csproj:2:39',
    ]);
  });

  it('what is no XML, in whichever file', () => {
    const texts = { 'Directory.Build.props': '<Project>\n<Property', 'src/Api/Api.csproj': project() };
    expect(problemsOf(texts)).toEqual(['MESH1601 Directory.Build.props:2:10']);
  });

  it('a reference that only MSBuild can follow', () => {
    expect(
      problemsOf({ 'src/Api/Api.csproj': project(references('$(Somewhere)\\A.csproj', '..\\*\\*.csproj')) }),
    ).toEqual(['MESH1605 src/Api/Api.csproj:2:39', 'MESH1605 src/Api/Api.csproj:2:91']);
  });
});
