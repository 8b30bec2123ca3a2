import { describe, expect, it } from 'vitest';
import {
  matchesLabels,
  ofKind,
  readObjects,
  sameNamespace,
  type Workload,
  workloadsOf,
} from '../../../src/audit/kubernetes/objects.ts';
import { createPodIndex, servicesByWorkload } from '../../../src/audit/kubernetes/pod-index.ts';
import { field, textsOf } from '../../../src/audit/read-documents.ts';
import { createRandom, type Random } from '../random.ts';

const LABELS = ['app', 'tier', 'part-of'];
const VALUES = ['a', 'b'] as const;
const NAMESPACES = ['', 'one', 'two'] as const;

function randomLabels(random: Random): string {
  const chosen = LABELS.filter(() => random.chance(0.6));
  return `{ ${chosen.map((label) => `${label}: ${random.pick(VALUES)}`).join(', ')} }`;
}

function randomObjects(random: Random) {
  const metadata = (name: string) => {
    const namespace = random.pick(NAMESPACES);
    return `{ name: ${name}${namespace === '' ? '' : `, namespace: ${namespace}`} }`;
  };
  const texts = Array.from({ length: 12 }, (_, number) =>
    random.chance(0.5)
      ? `apiVersion: v1\nkind: Service\nmetadata: ${metadata(`s${number}`)}\nspec: { selector: ${randomLabels(random)} }\n`
      : `apiVersion: v1\nkind: Deployment\nmetadata: ${metadata(`d${number}`)}\nspec: { template: { metadata: { labels: ${randomLabels(random)} } } }\n`,
  );
  return readObjects([{ file: 'k8s.yaml', text: texts.join('---\n') }]);
}

describe('the index of pods', () => {
  it('finds what looking at every pair finds', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const objects = randomObjects(createRandom(seed));
      const workloads = workloadsOf(objects);
      const services = ofKind(objects, 'Service');
      const pods = createPodIndex(workloads);
      const callable = servicesByWorkload(objects, pods);
      const leadsTo = (service: (typeof services)[number], workload: Workload) => {
        const selector = textsOf(field(service.tree, 'spec', 'selector'));
        const isAsked = Object.keys(selector).length > 0;
        return isAsked && sameNamespace(service, workload) && matchesLabels(selector, workload.podLabels);
      };
      for (const service of services)
        expect(pods.selectedBy(service), `seed ${seed}`).toEqual(workloads.filter((one) => leadsTo(service, one)));
      for (const workload of workloads) {
        expect(callable.get(workload) ?? [], `seed ${seed}`).toEqual(services.filter((one) => leadsTo(one, workload)));
        const alike = workloads.filter(({ podLabels }) => matchesLabels(workload.podLabels, podLabels));
        expect(pods.withLabels(workload.podLabels), `seed ${seed}`).toEqual(alike);
      }
    }
  });
});
