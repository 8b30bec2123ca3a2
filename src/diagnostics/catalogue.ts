import { artefactCatalogue } from './artefact-catalogue.ts';
import { buildCatalogue } from './build-catalogue.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { projectCatalogue } from './project-catalogue.ts';

/**
 * Every code that `mesh` can print. Codes are permanent: a retired one is never used for something else.
 * 1xxx what the user wrote, 2xxx the machine and the engine, 3xxx a run, 4xxx generated files, 9xxx our bugs.
 * `docs/errors.md` is generated from this table.
 */
export const catalogue = {
  MESH1001: {
    title: 'No manifest found',
    meaning: 'No mesh.yaml stands in this folder or in one above it.',
    fix: 'Go to the folder of the project, name the file with `-f FILE`, or make one that says `extends: toskamesh`.',
  },
  MESH1002: {
    title: 'The manifest is not valid YAML',
    meaning: 'The YAML parser cannot read the file at this place.',
    fix: 'Mend the syntax there: most often an indent, a missing colon or an open quote.',
  },
  MESH1003: {
    title: 'A key is written twice',
    meaning: 'YAML would silently keep only the last one.',
    fix: 'Keep one of the two.',
  },
  MESH1004: {
    title: 'YAML aliases expand too far',
    meaning: 'The aliases of the file multiply into more values than a manifest can need.',
    fix: 'Write the values out, or use fewer nested aliases.',
  },
  MESH1005: {
    title: 'The extended manifest cannot be read',
    meaning: '`extends` names neither a built-in preset nor a file that can be read.',
    fix: 'Use `toskamesh`, or a path relative to the file that extends it.',
  },
  MESH1006: {
    title: 'Manifests extend each other in a circle',
    meaning: 'A file extends itself through the files named in the message.',
    fix: 'Remove one `extends`.',
  },
  MESH1007: {
    title: 'A file that the manifest names cannot be read',
    meaning: '`files.*.source` must be a readable text file.',
    fix: 'Mend the path; it is relative to the manifest that names it.',
  },
  MESH1101: {
    title: 'A value has the wrong form',
    meaning: 'The value at this place is not of the type or in the range that the manifest expects.',
    fix: 'The message says what was expected and what stands there.',
  },
  MESH1102: {
    title: 'An unknown key',
    meaning: 'The manifest has no such setting here, so it would be ignored; mesh refuses it instead.',
    fix: 'Correct the spelling or remove it. `mesh schema` gives the whole schema to your editor.',
  },
  MESH1103: {
    title: 'A required key is missing',
    meaning: 'The block cannot work without this key.',
    fix: 'Add it.',
  },
  MESH1104: {
    title: 'Settings contradict each other',
    meaning: 'The keys named in the message cannot stand together, or one of them needs the other.',
    fix: 'Keep the one that you mean.',
  },
  MESH1201: {
    title: 'A need names nothing',
    meaning: '`needs` lists a node that the manifest does not have.',
    fix: 'Correct the name, or add the node.',
  },
  MESH1202: {
    title: 'Needs form a cycle',
    meaning: 'Each node of the printed path waits for the next one, so none of them could ever start.',
    fix: 'Remove one of the needs, or weaken it.',
  },
  MESH1203: {
    title: 'A reference names nothing',
    meaning: '`${…}` names a node, an endpoint or a property that the manifest does not have.',
    fix: 'Correct the name. The form is `${node.endpoint.url}`, or `.host`, `.port`, `.address`.',
  },
  MESH1204: {
    title: 'A reference is malformed',
    meaning: 'The text between `${` and `}` is none of the forms that mesh knows.',
    fix: 'Use `${node.endpoint.url}`, `${secrets.name}`, `${env.NAME:-default}` or `${mesh.name}`; write `$${` for a literal `${`.',
  },
  MESH1205: {
    title: 'An unknown secret',
    meaning: '`${secrets.x}` names a secret that `secrets` does not declare.',
    fix: 'Declare it under `secrets`, or correct the name.',
  },
  MESH1206: {
    title: 'A name is used twice',
    meaning: 'An infrastructure server and a service share one name; addresses would be ambiguous.',
    fix: 'Rename one of them.',
  },
  MESH1207: {
    title: 'A probe names no endpoint',
    meaning: 'A health check, or `metrics`, refers to an endpoint that its node does not have.',
    fix: 'Name one of the endpoints of that node.',
  },
  MESH1208: {
    title: 'An unknown environment',
    meaning: 'The manifest has no such entry under `environments`.',
    fix: 'Use one of those that the message lists.',
  },
  MESH1209: {
    title: 'An unknown node',
    meaning: 'The command names a service or infrastructure server that the manifest does not have.',
    fix: 'Use one of the names that `mesh dev plan` lists.',
  },
  MESH1210: {
    title: 'An unknown profile',
    meaning: 'No node of the manifest carries that profile.',
    fix: 'Use one of those that the message lists.',
  },
  MESH1211: {
    title: 'A need can never be met',
    meaning: 'A node waits for another one that is switched off or cannot reach the state it waits for.',
    fix: 'Add the profile of the needed node, or change the need.',
  },
  MESH1301: {
    title: 'A secret is too short',
    meaning: 'The value is shorter than the `minLength` that the manifest declares; the service would refuse to start.',
    fix: 'Put a longer value into .mesh/secrets.env, or delete the line and a strong one is made.',
  },
  MESH1302: {
    title: 'The secrets file cannot be read',
    meaning: 'A line of .mesh/secrets.env is not of the form NAME=value.',
    fix: 'Mend or delete that line.',
  },
  MESH1303: {
    title: 'A variable is not set',
    meaning: '`${env.NAME}` has no default and the environment does not hold it.',
    fix: 'Set it, or write `${env.NAME:-default}`.',
  },
  MESH1401: {
    title: 'Two endpoints want the same host port',
    meaning: 'Both would bind the same port of this machine.',
    fix: 'Give one of them another `host` port, or a list of wishes: `host: [5001, 5010]`.',
  },
  MESH1501: {
    title: 'Wrong usage',
    meaning: 'The command line has an option or argument that the command does not take.',
    fix: 'See `mesh <command> --help`.',
  },
  ...projectCatalogue,
  MESH2001: {
    title: 'No Docker engine answers',
    meaning: 'Nothing answers at the address that the message names.',
    fix: 'Start Docker (or Podman with its socket), or set DOCKER_HOST or a Docker context.',
  },
  MESH2002: {
    title: 'The compose plugin is missing',
    meaning: '`docker compose` cannot be run; mesh uses it to create containers.',
    fix: 'Install the Docker Compose plugin, version 2.23 or newer.',
  },
  MESH2003: {
    title: 'A host port is held',
    meaning: 'Something else on this machine listens on a port that the mesh needs.',
    fix: 'Stop the holder, choose another port, or let mesh take free ones: `mesh dev up --remap-ports`.',
  },
  MESH2004: {
    title: 'An image cannot be had',
    meaning: 'The image is not on this machine and the registry does not give it.',
    fix: 'Check the name and tag, sign in with `docker login`, or load the image by hand.',
  },
  MESH2005: {
    title: 'Sources are missing',
    meaning: 'A service is built from a folder or project file that does not exist.',
    fix: 'Mend the `build` of that service, or run from a checkout that has the sources.',
  },
  MESH2006: {
    title: 'The engine refused a request',
    meaning: 'Docker answered with an error.',
    fix: 'The message carries its words.',
  },
  MESH2007: {
    title: 'The engine went away',
    meaning: 'The connection to the engine broke while the command ran.',
    fix: 'Start it again; then `mesh dev up` goes on from what is there.',
  },
  MESH2008: {
    title: 'Another mesh command works on this project',
    meaning: 'Two commands that change the same mesh at once would undo each other.',
    fix: 'Wait for it, or end the process that the message names.',
  },
  MESH2009: {
    title: 'The project belongs to another folder',
    meaning: 'Containers of the same project name were made from a manifest in another folder.',
    fix: 'Take that one down first, or give this one its own name: `--instance NAME`. Where that folder is gone: `mesh dev prune`.',
  },
  MESH2010: {
    title: 'Published ports cannot be reached from here',
    meaning: 'The engine runs on another machine and publishes on its own loopback address only.',
    fix: 'Set MESH_BIND_ADDRESS to an address of that machine that you can reach and trust.',
  },
  MESH2011: {
    title: 'A file cannot be read or written',
    meaning: 'The operating system refused access to the path in the message.',
    fix: 'Check that the folder exists, is writable, and has room left.',
  },
  MESH2020: {
    title: 'A node cannot run as a host process',
    meaning: 'Without a container engine this node has nothing to run with on this machine, and others need it.',
    fix: 'Do what the message says, say how it runs with `run`, start Docker, or list it under `without` of the nodes that can do without it.',
  },
  MESH2021: {
    title: 'The supervisor does not answer',
    meaning: 'The background process that owns the services of this project could not be started or reached.',
    fix: 'Its last words are in .mesh/process/<project>/supervisor.log.',
  },
  MESH2022: {
    title: 'The state of the process engine cannot be used',
    meaning: 'A folder that must be private to you belongs to someone else, or cannot be made.',
    fix: 'Remove the folder that the message names.',
  },
  MESH2030: {
    title: 'No ports are left for an instance',
    meaning: 'Every block of ports above those of the manifest meets that of another mesh, or ends above port 65535.',
    fix: 'Remove what is gone with `mesh dev prune`, or give endpoints a lower host port, or `host: auto`.',
  },
  MESH2031: {
    title: 'The instance is that of another folder',
    meaning: 'A copy of this mesh with the same instance name was brought up from a folder that still exists.',
    fix: 'Choose another name with `--instance`; `mesh dev ls` shows all that are taken.',
  },
  MESH2040: {
    title: 'A node cannot move to the host',
    meaning:
      'Only services move between containers and the host, and only where containers of the engine can call the host.',
    fix: 'Leave it in its container, or use a Docker engine of this machine that does not run rootless.',
  },
  MESH2041: {
    title: 'There is nothing to move',
    meaning: '`mesh dev swap` moves services of a mesh that is up in containers.',
    fix: 'Bring it up in containers, with the service on the host: `mesh dev up --engine docker --local SERVICE`.',
  },
  ...buildCatalogue,
  MESH3001: {
    title: 'A node exited',
    meaning: 'Its process ended before it was ready.',
    fix: 'Its last log lines say why.',
  },
  MESH3002: {
    title: 'A node is in a crash loop',
    meaning: 'It started and exited several times in a row.',
    fix: 'Its last log lines say why.',
  },
  MESH3003: {
    title: 'A node was never ready',
    meaning: 'It runs, but its readiness check did not succeed in time.',
    fix: 'The last answer of the check stands beside the reason. Give it more time with `health.within` or `--timeout`.',
  },
  MESH3004: {
    title: 'A node ran out of memory',
    meaning: 'The kernel ended it because it passed its memory limit.',
    fix: 'Raise `resources.limits.memory`, or find out what takes the memory.',
  },
  MESH3005: {
    title: 'A job failed',
    meaning: 'A node that should run once and exit with 0 exited with another code.',
    fix: 'Its last log lines say why.',
  },
  MESH3007: {
    title: 'A node could not be started',
    meaning: 'The engine refused to start it.',
    fix: 'The message carries the words of the engine.',
  },
  MESH3008: {
    title: 'A node was removed while it was awaited',
    meaning: 'Its container was taken away by another command.',
    fix: 'Run `mesh dev up` again.',
  },
  ...artefactCatalogue,
  MESH9001: {
    title: 'A bug in mesh',
    meaning: 'Something happened that the program does not expect.',
    fix: 'Report it with the printed details.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type Code = keyof typeof catalogue;
