import type { Styles } from './styles.ts';
import { type Column, renderTable } from './table.ts';
import { cutTo } from './text-width.ts';

/** One mesh of this machine. Also the shape of `mesh dev ls --json`; additions only. */
export interface ListedMesh {
  readonly project: string;
  readonly mesh: string;
  /** Missing for the main one. */
  readonly instance?: string | undefined;
  /** Absolute path of the folder of its manifest. */
  readonly root: string;
  /** Whether the folder is there. */
  readonly isThere: boolean;
  readonly engine: 'docker' | 'process';
  /** How many of its nodes run, and how many were made; missing when its engine does not answer. */
  readonly running?: number | undefined;
  readonly nodes?: number | undefined;
  /** What its host ports are above those of the manifest. */
  readonly offset?: number | undefined;
  readonly ports: readonly number[];
  readonly updatedAt?: string | undefined;
  /** Whether it was brought up here; otherwise only the engine knows of it. */
  readonly listed: boolean;
}

export interface MeshesTableOptions {
  readonly columns: number;
  readonly styles: Styles;
  /** The user's home, which is shown as `~`. */
  readonly home: string;
}

const HEADINGS = ['MESH', 'INSTANCE', 'ENGINE', 'RUNNING', 'FOLDER', 'PORTS'];
const LAYOUT: readonly Column[] = [{}, {}, {}, { align: 'right' }, {}, {}];

/** All of them, and under the table what to do about those whose folder is gone. */
export function renderMeshesTable(meshes: readonly ListedMesh[], options: MeshesTableOptions): string {
  const { styles, columns } = options;
  if (meshes.length === 0) return 'no mesh was brought up on this machine; begin with: mesh dev up\n';
  const rows = meshes.map((mesh) => [
    styles.bold(mesh.mesh),
    instanceCell(mesh, styles),
    mesh.engine,
    runningCell(mesh, styles),
    folderCell(mesh, options),
    styles.dim(portsText(mesh)),
  ]);
  const table = renderTable(LAYOUT, [HEADINGS.map((text) => styles.dim(text)), ...rows], { columns });
  return `${[table, ...adviceOn(meshes).map((line) => cutTo(line, columns))].join('\n')}\n`;
}

/** What leads to it from its folder: a copy has a name, and a project that `-p` named has that. */
function instanceCell({ mesh, instance, project }: ListedMesh, styles: Styles): string {
  if (instance !== undefined) return instance;
  return project === mesh ? styles.dim('–') : `-p ${project}`;
}

function runningCell({ running, nodes }: ListedMesh, styles: Styles): string {
  if (running === undefined || nodes === undefined) return styles.dim('?');
  const text = nodes === 0 ? '0' : `${running} of ${nodes}`;
  if (running === 0) return styles.dim(text);
  return running === nodes ? styles.green(text) : styles.yellow(text);
}

function folderCell({ root, isThere }: ListedMesh, { home, styles }: MeshesTableOptions): string {
  const short = root === home || root.startsWith(`${home}/`) ? `~${root.slice(home.length)}` : root;
  return isThere ? short : styles.yellow(`${short} (gone)`);
}

/** As many as one reads at a glance. */
const PORTS_SHOWN = 4;

function portsText({ ports }: ListedMesh): string {
  const rest = ports.length - PORTS_SHOWN;
  return `${ports.slice(0, PORTS_SHOWN).join(' ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function adviceOn(meshes: readonly ListedMesh[]): string[] {
  const gone = meshes.filter(({ isThere, listed }) => listed && !isThere);
  const unlisted = meshes.filter(({ isThere, listed }) => !listed && !isThere);
  return [
    ...(gone.length === 0 ? [] : ['next: mesh dev prune --dry-run (lists what is left where a folder is gone)']),
    // The folder may be there on the machine that they were brought up from: that is not for us to decide.
    ...unlisted.map(
      ({ project }) => `${project} is not in the list of this machine; to remove it: docker compose -p ${project} down`,
    ),
  ];
}
