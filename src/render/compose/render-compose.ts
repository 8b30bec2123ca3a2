import type { Artefact } from '../../mesh/artefact.ts';
import { COMPOSE_FOLDER, composeFileOf, isCommitted } from '../../mesh/compose-file.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { hostNodesOf } from '../../mesh/placement.ts';
import { isBuiltByMesh } from '../built-by-mesh.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { renderComposeReplica, renderComposeService, serviceNotes } from './compose-service.ts';
import { renderComposeConfigs } from './config-files.ts';
import { replicaNames } from './dependencies.ts';
import { hasContainerCheck } from './healthcheck.ts';
import type { Note } from '../note.ts';
import { portNotes } from './ports.ts';
import { serviceHeading } from './service-heading.ts';
import { type SharedMapping, writeYaml } from '../write-yaml.ts';

// What people look for in this file, and what changes most: a line each makes a good diff.
const ONE_ENTRY_PER_LINE = new Set(['environment', 'ports', 'volumes', 'args']);

/** The parts of the file that one node becomes. */
interface RenderedNode {
  readonly services: Readonly<Record<string, object>>;
  readonly notes: readonly Note[];
  readonly shared?: SharedMapping | undefined;
}

/** The whole mesh as one compose file, which works with `docker compose` alone. */
export function renderCompose(mesh: Mesh): Artefact {
  const nodes = mesh.nodes.filter((node) => node.onHost === undefined);
  const rendered = nodes.map((node) =>
    node.replicas > 1 ? renderReplicas(mesh, node) : renderSingle(mesh, node),
  );
  const headings = nodes.map((node, index): Note => {
    const text = serviceHeading(node, nodes[index - 1]?.tier);
    return { path: ['services', node.name], place: 'above', text };
  });
  const volumes = nodes.flatMap((node) => node.volumes.map((volume) => [volume.name, {}] as const));
  const configs = Object.assign({}, ...nodes.map((node) => renderComposeConfigs(mesh, node)));
  const text = writeYaml({
    header: fileHeader(mesh),
    data: {
      name: composeName(mesh),
      services: Object.assign({}, ...rendered.map((node) => node.services)),
      ...(Object.keys(configs).length > 0 && { configs }),
      ...(volumes.length > 0 && { volumes: Object.fromEntries(volumes) }),
    },
    notes: [...headings, ...explainOnce(rendered.flatMap((node) => node.notes))],
    shared: rendered.flatMap((node) => node.shared ?? []),
    apart: [[], ['services']],
    oneEntryPerLine: ONE_ENTRY_PER_LINE,
  });
  return { path: composeFileOf(mesh), text };
}

/** `--project` is a matter of one command; a file that is not the committed one is for that project alone. */
function composeName(mesh: Mesh): string {
  return isCommitted(mesh) ? mesh.name : mesh.project;
}

function fileFlags(mesh: Mesh): string {
  const file = `-f ${composeFileOf(mesh)}`;
  return isCommitted(mesh) ? file : `--project-directory ${COMPOSE_FOLDER} ${file}`;
}

function renderSingle(mesh: Mesh, node: MeshNode): RenderedNode {
  const notes = [...serviceNotes(mesh, node), ...portNotes(node, 1)];
  return {
    services: { [node.name]: renderComposeService(mesh, node) },
    notes: within(['services', node.name], notes),
  };
}

/**
 * The first replica is the service itself. The others take what they have in common from it with a YAML merge: Compose's
 * own `extends` would append the fixed host ports, and would build the image once more.
 */
function renderReplicas(mesh: Mesh, node: MeshNode): RenderedNode {
  const { build, ports: _ports, labels: _labels, networks: _networks, ...common } = renderComposeService(mesh, node);
  const services = replicaNames(node).map((name, index) => {
    const first = index === 0;
    const own = { ...(first && build !== undefined && { build }), ...renderComposeReplica(node, index + 1) };
    // What others have in common is put in the place of null below.
    return [name, first ? { ...own, '<<': common } : { '<<': null, ...own }] as const;
  });
  const [first, ...others] = replicaNames(node).map((name) => ['services', name, '<<']);
  const portsOfAll = replicaNames(node).flatMap((name, index) =>
    within(['services', name], portNotes(node, index + 1)),
  );
  const otherHeadings = others.map((path, index): Note => {
    const text = `replica ${index + 2} of ${node.replicas}: the name ${node.name} leads to any of them, the host ports to this one`;
    return { path: path.slice(0, 2), place: 'above', text };
  });
  return {
    services: Object.fromEntries(services),
    notes: [...within(first ?? [], serviceNotes(mesh, node)), ...portsOfAll, ...otherHeadings],
    shared: { anchor: node.name, at: first ?? [], aliases: others },
  };
}

/** A dozen services have the same health check; its reason is told at the first one. */
function explainOnce(notes: readonly Note[]): Note[] {
  const told = new Set<string>();
  return notes.filter(({ place, text }) => {
    if (place === 'beside') return true;
    const isNew = !told.has(text);
    told.add(text);
    return isNew;
  });
}

function within(path: readonly (string | number)[], notes: readonly Note[]): Note[] {
  return notes.map((note) => ({ ...note, path: [...path, ...note.path] }));
}

function hostLines(mesh: Mesh): string[] {
  const nodes = hostNodesOf(mesh);
  return nodes.length === 0 ? [] : [`Not here, since mesh runs them on the host: ${nodes.join(', ')}.`];
}

function fileHeader(mesh: Mesh): string {
  const envFile = mesh.secrets.length > 0 ? '--env-file .mesh/secrets.env ' : '';
  const lines = [
    GENERATED_NOTICE,
    `${mesh.name} ${mesh.version}, environment ${mesh.environment}${mesh.instance === undefined ? '' : `, instance ${mesh.instance.name}`}.`,
    ...hostLines(mesh),
    '',
    `It works without mesh: docker compose ${envFile}${fileFlags(mesh)} up --wait`,
    ...(envFile === ''
      ? []
      : [`Once it is up, neither file is needed: docker compose -p ${composeName(mesh)} ps (logs, exec, down)`]),
    '',
    'Ports are published on 127.0.0.1 unless MESH_BIND_ADDRESS says otherwise.',
  ];
  if (mesh.nodes.some(hasContainerCheck)) {
    lines.push(
      'healthcheck: each test starts a process in the container. Every second for 12 idle containers costs half a core, so',
      'it is asked every 2 seconds (start_interval) only until the first success, then every 30 seconds.',
    );
  }
  if (mesh.nodes.some((node) => node.build !== undefined)) {
    lines.push(
      'pull_policy: never for images that are built here: the one on this machine is used, or built when there is none. With',
      'any other policy, Compose asks a public registry for the name first, or builds each time.',
    );
  }
  if (mesh.nodes.some(isBuiltByMesh)) {
    lines.push(
      'init: process 1 has no default signal handlers. A small init in its place makes SIGTERM end any program, and reaps',
      'what health checks leave behind. Other images are left as they are: some bring an init that must be process 1.',
    );
  }
  return lines.join('\n');
}
