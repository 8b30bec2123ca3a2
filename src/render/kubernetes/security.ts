import type { MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh, needsLowPorts, UNPRIVILEGED_PORTS } from '../built-by-mesh.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { imageFacts } from './image-facts.ts';

export interface PodSecurity {
  readonly runAsNonRoot?: true;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly fsGroupChangePolicy?: 'OnRootMismatch';
  readonly seccompProfile: { readonly type: 'RuntimeDefault' };
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
}

export interface ContainerSecurity {
  readonly allowPrivilegeEscalation: false;
  readonly readOnlyRootFilesystem?: true;
  readonly capabilities?: { readonly drop: readonly ['ALL'] };
}

/** Users and groups, as far as they are known: an image that nothing is known of keeps the user that it has. */
export function podSecurity(node: MeshNode): PodSecurity {
  const facts = imageFacts(node);
  const writes = node.volumes.length > 0 || facts?.dataPath !== undefined;
  return dropUndefined<PodSecurity>({
    runAsNonRoot: runsWithoutRoot(node) ? true : undefined,
    runAsUser: facts?.user,
    runAsGroup: facts?.group,
    fsGroup: writes ? facts?.group : undefined,
    // On each start, owners would be set anew and modes opened: slow, and Erlang refuses a cookie that others can read.
    fsGroupChangePolicy: writes && facts !== undefined ? 'OnRootMismatch' : undefined,
    seccompProfile: { type: 'RuntimeDefault' },
    sysctls: needsLowPorts(node) ? [{ name: UNPRIVILEGED_PORTS, value: '0' }] : undefined,
  });
}

/** What mesh builds writes to /tmp and volumes alone. A start script that changes owners needs capabilities, so others keep theirs. */
export function containerSecurity(node: MeshNode): ContainerSecurity {
  return dropUndefined<ContainerSecurity>({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: isBuiltByMesh(node) ? true : undefined,
    capabilities: runsWithoutRoot(node) ? { drop: ['ALL'] } : undefined,
  });
}

function runsWithoutRoot(node: MeshNode): boolean {
  const facts = imageFacts(node);
  return facts !== undefined && facts.user !== 0;
}
