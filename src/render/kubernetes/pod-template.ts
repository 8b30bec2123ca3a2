import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh } from '../built-by-mesh.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { imageFacts } from './image-facts.ts';
import { type Labels, objectLabels, selectorLabels } from './labels.ts';
import { renderMounts } from './mounts.ts';
import { type NodeData, secretSettingsName, settingsName } from './node-data.ts';
import { containerPorts } from './ports.ts';
import { renderProbes } from './probes.ts';
import { containerSecurity, podSecurity } from './security.ts';

/** A pod as a Deployment, a StatefulSet or a Job makes it. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** The pods of a node. `restartPolicy` is for jobs: all others are always started again. */
export function renderPodTemplate(
  mesh: Mesh,
  node: MeshNode,
  data: NodeData,
  restartPolicy?: 'OnFailure',
): PodTemplate {
  const mounts = renderMounts(node, data.files);
  return {
    metadata: dropUndefined<PodTemplate['metadata']>({
      labels: objectLabels(mesh, node),
      annotations: unlessEmpty(data.checksums),
    }),
    spec: dropUndefined<object>({
      restartPolicy,
      automountServiceAccountToken: false,
      // Else every Service of the namespace becomes a dozen variables, such as RABBITMQ_PORT, which images take for settings.
      enableServiceLinks: false,
      shareProcessNamespace: isBuiltByMesh(node) ? true : undefined,
      terminationGracePeriodSeconds: Math.ceil(node.stopGraceMs / 1000),
      securityContext: podSecurity(node),
      topologySpreadConstraints: node.replicas > 1 ? [spreadOverHosts(mesh, node)] : undefined,
      containers: [renderContainer(node, data, mounts.volumeMounts)],
      volumes: unlessEmpty(mounts.volumes),
    }),
  };
}

function renderContainer(node: MeshNode, data: NodeData, volumeMounts: readonly object[]): object {
  return dropUndefined<object>({
    name: node.name,
    image: node.image,
    // An image that was built or loaded here is taken as it is.
    imagePullPolicy: 'IfNotPresent',
    command: node.entrypoint?.map(literal),
    args: node.command?.map(literal),
    envFrom: unlessEmpty([
      ...(data.settings === undefined ? [] : [{ configMapRef: { name: settingsName(node) } }]),
      ...(data.secretSettings === undefined ? [] : [{ secretRef: { name: secretSettingsName(node) } }]),
    ]),
    env: unlessEmpty(imageSettings(node)),
    ports: unlessEmpty(containerPorts(node)),
    ...renderProbes(node),
    resources: unlessEmpty(
      dropUndefined<object>({
        requests: unlessEmpty(node.resources.requests),
        limits: unlessEmpty(node.resources.limits),
      }),
    ),
    securityContext: containerSecurity(node),
    volumeMounts: unlessEmpty(volumeMounts),
  });
}

/** What the image needs to start without root, unless the manifest says it itself. */
export function imageSettings(node: MeshNode): { readonly name: string; readonly value: string }[] {
  const said = new Set(node.env.map(({ name }) => name));
  return Object.entries(imageFacts(node)?.env ?? {}).flatMap(([name, value]) =>
    said.has(name) ? [] : [{ name, value }],
  );
}

/** A node that is lost should not take all replicas along; where there is only one, they share it. */
function spreadOverHosts(mesh: Mesh, node: MeshNode): object {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(mesh, node) },
  };
}

/** Kubernetes would replace `$(NAME)` in commands. */
export function literal(word: string): string {
  return word.replaceAll('$(', () => '$$(');
}

function unlessEmpty<Collection extends object>(collection: Collection): Collection | undefined {
  return Object.keys(collection).length === 0 ? undefined : collection;
}
