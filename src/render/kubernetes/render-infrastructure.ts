import type { Artefact } from '../../mesh/artefact.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { fileHeader } from './file-header.ts';
import { type Fill, PLACEHOLDERS } from './fill.ts';
import { KUSTOMIZATION_FILE, renderKustomization } from './kustomization.ts';
import { localPatches } from './local-patches.ts';
import { renderNodeData } from './node-data.ts';
import { createRenderScope, deployedNodes, type RenderScope } from './render-scope.ts';
import { KUBERNETES_FOLDER } from './render-services.ts';
import { renderService } from './service.ts';
import { renderWorkload } from './workload.ts';
import { writeObjects } from './write-objects.ts';

const INFRASTRUCTURE = 'infra';

/**
 * The infrastructure of a mesh inside of the cluster, a file for each server, and `k8s/local`, which is that and all
 * services. A server that is `external` is somewhere else, so nothing is made of it.
 */
export function renderKubernetesInfrastructure(mesh: Mesh, fill: Fill = PLACEHOLDERS): Artefact[] {
  const scope = createRenderScope(mesh, fill);
  const nodes = deployedNodes(mesh, 'infrastructure');
  return [
    ...nodes.map((node) => renderNode(scope, node)),
    ...infrastructureKustomization(mesh, nodes),
    ...local(mesh, nodes),
  ];
}

function renderNode(scope: RenderScope, node: MeshNode): Artefact {
  const data = renderNodeData(scope, node);
  const objects = [
    data.settings,
    data.secretSettings,
    data.fileTexts,
    data.secretFileTexts,
    renderService(scope.mesh, node),
    renderWorkload(scope, node, data),
  ].filter((object) => object !== undefined);
  return {
    path: `${KUBERNETES_FOLDER}/${INFRASTRUCTURE}/${fileName(node)}`,
    text: writeObjects(scope, node, { header: fileHeader(scope.mesh, ...notForProduction(node)), objects }),
  };
}

function notForProduction({ volumes }: MeshNode): string[] {
  const data = volumes.length === 0 ? 'what it keeps is gone with its pod' : 'one server, no backup';
  return ['', `For clusters on a developer's machine: ${data}.`];
}

/** Not the name of a file that has another meaning: a service may be called `infra`, and a server `deployment`. */
const TAKEN = new Set([
  KUSTOMIZATION_FILE,
  ...['deployment', 'statefulset', 'job', 'service', 'configmap', 'secret'].map((name) => `${name}.yaml`),
]);

function fileName({ name }: MeshNode): string {
  const usual = `${name}.yaml`;
  return TAKEN.has(usual) ? `server-${usual}` : usual;
}

function infrastructureKustomization(mesh: Mesh, nodes: readonly MeshNode[]): Artefact[] {
  if (nodes.length === 0) return [];
  const folder = `${KUBERNETES_FOLDER}/${INFRASTRUCTURE}`;
  const header = fileHeader(mesh, '', 'The infrastructure alone: kubectl apply -k k8s/infra');
  return [renderKustomization({ folder, header, resources: nodes.map(fileName) })];
}

/** Kustomize forbids a folder to include the one that it is in, so the services are listed one by one. */
function local(mesh: Mesh, infrastructure: readonly MeshNode[]): Artefact[] {
  const services = deployedNodes(mesh, 'service').map(({ name }) => `../${name}`);
  const resources = [...(infrastructure.length > 0 ? [`../${INFRASTRUCTURE}`] : []), ...services];
  if (resources.length === 0) return [];
  const patches = localPatches(mesh);
  const header = fileHeader(
    mesh,
    '',
    'The whole mesh on kind, k3d or Docker Desktop: kubectl apply -k k8s/local',
    ...(mesh.secrets.length > 0 ? ['', ...ABOUT_SECRETS] : []),
  );
  return [renderKustomization({ folder: `${KUBERNETES_FOLDER}/local`, header, resources, patches })];
}

const ABOUT_SECRETS = [
  'It holds no secret: the placeholders themselves stand in for them, made longer where a service asks for it, and anybody',
  'can read them here. With those of .mesh/secrets.env: mesh generate k8s infra --secrets --stdout | kubectl apply -f -',
];
