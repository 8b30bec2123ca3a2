import type { MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh, needsLowPorts } from '../built-by-mesh.ts';
import type { Note } from '../note.ts';
import { imageFacts } from './image-facts.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import type { RenderScope } from './render-scope.ts';

type Path = Note['path'];

const POD: Path = ['spec', 'template', 'spec'];

/** What a reader may wonder about in an object. */
export function objectNotes(scope: RenderScope, node: MeshNode, object: KubernetesObject): Note[] {
  if (object.kind === 'Secret') return note(true, ['stringData'], scope.secretNote);
  if (!['Deployment', 'StatefulSet', 'Job'].includes(object.kind)) return [];
  const because = imageFacts(node)?.because;
  return [
    ...note(isBuiltByMesh(node), [...POD, 'shareProcessNamespace'], INIT),
    ...note(needsLowPorts(node), [...POD, 'securityContext', 'sysctls'], LOW_PORTS),
    ...note(hasEnv(object), [...POD, 'containers', 0, 'env'], because),
  ];
}

const INIT = 'the pod, not the program, is process 1: SIGTERM ends any program, as with the init of docker-compose.yml';
const LOW_PORTS = 'the image does not run as root, and yet listens on a port below 1024';

function note(applies: boolean, path: Path, text: string | undefined): Note[] {
  return applies && text !== undefined ? [{ path, place: 'above', text }] : [];
}

function hasEnv(object: KubernetesObject): boolean {
  const { template } = object.spec as { template: { spec: { containers: readonly { env?: unknown }[] } } };
  return template.spec.containers[0]?.env !== undefined;
}
