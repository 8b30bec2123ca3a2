import { type Audit, joinAudits } from '../finding.ts';
import { createPodIndex } from '../kubernetes/pod-index.ts';
import { checkNetworkPolicies } from './check-network-policies.ts';
import { checkObjects } from './check-objects.ts';
import { checkPorts } from './check-ports.ts';
import { checkReferences } from './check-references.ts';
import { checkSelectors } from './check-selectors.ts';
import type { StructureInput } from './structure-input.ts';

/** All that can be wrong within the objects of one target, whatever they are compared with. */
export function checkStructure(input: StructureInput): Audit {
  const indexed = { ...input, pods: createPodIndex(input.workloads.keys()) };
  return joinAudits(
    [checkReferences, checkPorts, checkSelectors, checkObjects, checkNetworkPolicies].map((check) => check(indexed)),
  );
}
