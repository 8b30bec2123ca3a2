import type { PlannedBuild } from '../build/plan-builds.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { nodeOf } from '../mesh/mesh.ts';
import type { Project } from './project.ts';

/**
 * The secrets that builds ask for. A value that is made up, as `up` does it, would only make a build fail later and
 * less clearly.
 *
 * @throws InvalidInput with every secret that an image which is due has no value for
 */
export function secretValues(
  { mesh, sources }: Project,
  planned: readonly PlannedBuild[],
  values: ReadonlyMap<string, string>,
): (name: string) => string {
  const due = planned.filter(({ upToDate }) => !upToDate);
  const missing = due.flatMap(({ node }) =>
    (nodeOf(mesh, node).build?.secrets ?? [])
      .filter((name) => !values.has(name))
      .map((name): Diagnostic => {
        const secret = mesh.secrets.find((candidate) => candidate.name === name);
        return {
          code: 'MESH2062',
          severity: 'error',
          message: `the build of ${node} asks for the secret "${name}", which has no value`,
          location: secret?.at,
          hint: `set ${secret?.variable ?? name}, or write it into .mesh/secrets.env`,
        };
      }),
  );
  if (missing.length > 0) throw new InvalidInput(missing, sources);
  return (name) => values.get(name) ?? '';
}
