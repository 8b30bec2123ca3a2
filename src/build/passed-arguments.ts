import type { Build } from '../mesh/build.ts';

/** Variables of this machine that say how it reaches package registries; the build stages take them as arguments. */
const PASSED: { readonly [K in Build['kind']]: readonly string[] } = {
  // Where certificate revocation servers cannot be reached, a restore waits for each of them unless it is `offline`.
  dotnet: ['NUGET_CERT_REVOCATION_MODE'],
  node: [],
  dockerfile: [],
};

/** The build arguments that a build takes over from the environment, where they are set. */
export function passedArguments(kind: Build['kind'], env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    PASSED[kind].flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}
