import { expect, it } from 'vitest';
import { evaluateCondition } from '../../../src/dotnet/conditions.ts';
import { createProperties, UNKNOWN } from '../../../src/dotnet/properties.ts';
import { memoryFiles, WORKSPACE } from './memory-workspace.ts';

const properties = createProperties(`${WORKSPACE}/src/Api/Api.csproj`);
properties.set('Flavour', 'Sweet');
properties.set('Empty', '');
properties.set('Enabled', 'true');
properties.set('FromElsewhere', UNKNOWN);

const by = {
  properties,
  files: memoryFiles({ 'src/Api/Api.csproj': '', 'src/Lib/Lib.csproj': '' }),
  file: `${WORKSPACE}/src/Api/Api.csproj`,
  context: WORKSPACE,
};

it.each([
  ['', 'yes'],
  ["'$(Flavour)' == 'sweet'", 'yes'],
  ["'$(flavour)'!='Sweet'", 'no'],
  ["$(Flavour) == 'Sour'", 'no'],
  ["'$(Configuration)|$(Platform)' == 'Release|AnyCPU'", 'yes'],
  ["'$(Configuration)' == 'Debug'", 'no'],
  ["'$(OS)' == 'Windows_NT'", 'no'],
  ["'$(Empty)' == ''", 'yes'],
  // Nobody sets it: it is empty, unless the SDK or a package gives it a value.
  ["'$(Nobody)' == ''", 'yes'],
  ["'$(Nobody)' != ''", 'no'],
  ["'$(Nobody)' == 'x'", 'maybe'],
  ["'$(TargetFramework)' == 'net8.0'", 'maybe'],
  ["'$(FromElsewhere)' == 'x'", 'maybe'],
  ['$(Enabled)', 'yes'],
  ["!$(Enabled) or '$(Flavour)' == 'Sweet'", 'yes'],
  ["$(Enabled) and '$(Flavour)' == 'Sour'", 'no'],
  ["('$(Nobody)' == 'x' or true) and !('$(Flavour)' == 'Sour')", 'yes'],
  ["'$(Nobody)' == 'x' and false", 'no'],
  ["Exists('..\\Lib\\Lib.csproj')", 'yes'],
  ["!Exists('$(MSBuildThisFileDirectory)..\\Gone')", 'yes'],
  ["Exists('$(FromElsewhere)')", 'maybe'],
  ["'$(Flavour)' >= '8'", 'maybe'],
  ["$([MSBuild]::IsTargetFrameworkCompatible('$(TargetFramework)', 'net8.0'))", 'maybe'],
  ["'$(Flavour)' ==", 'maybe'],
  ["('$(Flavour)' == 'Sweet'", 'maybe'],
  ['%%%', 'maybe'],
] as const)('%s: %s', (condition, truth) => {
  expect(evaluateCondition(condition, by)).toBe(truth);
});
