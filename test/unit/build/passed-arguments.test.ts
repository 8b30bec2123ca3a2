import { expect, it } from 'vitest';
import { passedArguments } from '../../../src/build/passed-arguments.ts';

it('a .NET build takes over how certificates are checked, where that is said', () => {
  const env = { NUGET_CERT_REVOCATION_MODE: 'offline', OTHER: 'x' };
  expect(passedArguments('dotnet', env)).toEqual({ NUGET_CERT_REVOCATION_MODE: 'offline' });
  expect(passedArguments('dotnet', { NUGET_CERT_REVOCATION_MODE: '' })).toEqual({});
  expect(passedArguments('dotnet', {})).toEqual({});
});

it('other builds take over nothing', () => {
  expect(passedArguments('node', { NUGET_CERT_REVOCATION_MODE: 'offline' })).toEqual({});
  expect(passedArguments('dockerfile', { NUGET_CERT_REVOCATION_MODE: 'offline' })).toEqual({});
});
