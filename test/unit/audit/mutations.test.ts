import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { auditComposeText, auditObjects, composeOf, linesOf, meshOf, objectsOf } from './audit-bench.ts';
import { mutationTable } from './mutation-table.ts';
import { COMPOSE_MUTATIONS, OBJECT_MUTATIONS } from './mutations.ts';
import { randomManifest } from './random-manifest.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const meshes = SEEDS.map((seed) => meshOf(randomManifest(createRandom(seed))));

describe('what mesh generates', () => {
  it.each(SEEDS)('says the same in all targets: manifest %i', (seed) => {
    const production = meshOf(randomManifest(createRandom(seed)), 'prod');
    for (const mesh of [meshes[seed - 1] ?? production, production]) {
      const compose = auditComposeText(mesh, composeOf(mesh));
      const objects = auditObjects(mesh, objectsOf(mesh));
      expect([...linesOf(compose), ...linesOf(objects)]).toEqual([]);
      expect(compose.comparisons + objects.comparisons).toBeGreaterThan(50);
    }
  });
});

const TIMEOUT_MS = 120_000;

describe('every change to an artefact is found', () => {
  it(
    'in a compose file',
    () => {
      const artefacts = meshes.map((mesh) => ({
        text: composeOf(mesh),
        audit: (text: string) => auditComposeText(mesh, text),
      }));
      expect(linesOfTable(COMPOSE_MUTATIONS, artefacts)).toMatchInlineSnapshot(`
        "4 of 4  compose: drop a variable
        4 of 4  compose: change a value
        4 of 4  compose: add a variable
        4 of 4  compose: write a secret out
        4 of 4  compose: another secret
        4 of 4  compose: change a published port
        4 of 4  compose: change a container port
        4 of 4  compose: publish to everybody
        4 of 4  compose: remove the health check
        4 of 4  compose: weaken the health check
        4 of 4  compose: ask the health check less
        4 of 4  compose: change resources
        4 of 4  compose: remove resources
        4 of 4  compose: change the image tag
        4 of 4  compose: change the image
        4 of 4  compose: change a label
        4 of 4  compose: remove a label
        4 of 4  compose: remove depends_on
        4 of 4  compose: remove one dependency
        4 of 4  compose: weaken a dependency
        4 of 4  compose: change the number of replicas
        4 of 4  compose: change the command
        4 of 4  compose: build another image
        4 of 4  compose: pull what is built here
        4 of 4  compose: change the restart policy
        4 of 4  compose: remove a service"
      `);
    },
    TIMEOUT_MS,
  );

  it(
    'in objects of Kubernetes',
    () => {
      const artefacts = meshes.map((mesh) => ({
        text: objectsOf(mesh),
        audit: (text: string) => auditObjects(mesh, text),
      }));
      expect(linesOfTable(OBJECT_MUTATIONS, artefacts)).toMatchInlineSnapshot(`
        "4 of 4  objects: drop a key of a ConfigMap
        4 of 4  objects: rename a key of a ConfigMap
        4 of 4  objects: change a value
        4 of 4  objects: drop a key of a Secret
        4 of 4  objects: rename a key of a Secret
        4 of 4  objects: rename a ConfigMap
        4 of 4  objects: remove an object
        4 of 4  objects: repeat an object
        4 of 4  objects: move a secret into a ConfigMap
        4 of 4  objects: take nothing from a ConfigMap
        4 of 4  objects: set a variable beside
        4 of 4  objects: change a container port
        4 of 4  objects: rename a container port
        4 of 4  objects: change the port of a Service
        4 of 4  objects: change the target of a Service
        4 of 4  objects: change the type of a Service
        4 of 4  objects: change the selector of a Service
        4 of 4  objects: widen the selector of a Service
        4 of 4  objects: rename a Service
        4 of 4  objects: remove the readinessProbe
        4 of 4  objects: another path of the readinessProbe
        4 of 4  objects: another port of the readinessProbe
        4 of 4  objects: ask the readinessProbe less often
        4 of 4  objects: more failures of the readinessProbe
        4 of 4  objects: remove the livenessProbe
        4 of 4  objects: another path of the livenessProbe
        4 of 4  objects: another port of the livenessProbe
        4 of 4  objects: ask the livenessProbe less often
        4 of 4  objects: more failures of the livenessProbe
        4 of 4  objects: remove the startupProbe
        4 of 4  objects: another path of the startupProbe
        4 of 4  objects: another port of the startupProbe
        4 of 4  objects: ask the startupProbe less often
        4 of 4  objects: more failures of the startupProbe
        4 of 4  objects: change the replicas
        4 of 4  objects: remove the replicas
        4 of 4  objects: change a limit
        4 of 4  objects: remove resources
        4 of 4  objects: change the image tag
        4 of 4  objects: change the image
        4 of 4  objects: change the pull policy
        4 of 4  objects: change the selector
        4 of 4  objects: select by version
        4 of 4  objects: change a label of the pods
        4 of 4  objects: remove a label of the pods
        4 of 4  objects: change a label of an object
        4 of 4  objects: change the command
        4 of 4  objects: change the time to stop
        4 of 4  objects: run as root
        4 of 4  objects: remove a label of an object
        4 of 4  objects: select across releases
        4 of 4  objects: let it become root
        4 of 4  objects: rename the container
        4 of 4  objects: misspell a field
        4 of 4  objects: a number for a text"
      `);
    },
    TIMEOUT_MS,
  );
});

function linesOfTable(...table: Parameters<typeof mutationTable>): string {
  return mutationTable(...table)
    .map(({ line, missed }) => `${line}${missed.length === 0 ? '' : `: not in manifests ${missed.join(', ')}`}`)
    .join('\n');
}
