import { oneLine } from './one-line.ts';
import { publishedOf } from './published.ts';
import type { Styles } from './styles.ts';
import { type Column, renderTable, roomBeside } from './table.ts';
import { firstThatFits, widthOf } from './text-width.ts';

/** `mesh dev ps --json`. Stable: additions only. */
export interface PsReport {
  readonly v: 1;
  readonly mesh: string;
  /** Its name; that of the project for the main one. */
  readonly instance: string;
  readonly project: string;
  readonly engine: 'docker' | 'process';
  readonly nodes: readonly PsNode[];
}

export type PsState = 'ready' | 'starting' | 'unready' | 'exited' | 'done' | 'absent';

export interface PsNode {
  readonly name: string;
  readonly kind: 'infrastructure' | 'service';
  readonly tier: string;
  readonly state: PsState;
  readonly placement: 'container' | 'host';
  readonly restarts: number;
  /** ISO time; missing while it does not run. */
  readonly startedAt?: string;
  readonly readyAfterMs?: number;
  /** Those of the first replica. */
  readonly endpoints: readonly PsEndpoint[];
  readonly replicas: readonly PsReplica[];
  /** What the readiness check last said, when it is not ready. */
  readonly lastAnswer?: string;
  /** Of one core. */
  readonly cpuPercent?: number;
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
}

/** One of the containers or processes of a node. */
export interface PsReplica {
  /** From 1. */
  readonly number: number;
  /** The container's id, or mesh's own name of a host process. */
  readonly id: string;
  /** Of a host process that runs. */
  readonly pid?: number | undefined;
  readonly state: PsState;
  readonly endpoints: readonly PsEndpoint[];
}

export interface PsEndpoint {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostPort?: number | undefined;
  readonly url?: string | undefined;
  readonly note?: string | undefined;
}

export interface PsTableOptions {
  readonly columns: number;
  readonly styles: Styles;
  readonly now: Date;
}

/** Services first, since they are what one works on; then the servers under them. */
export function renderPsTable(report: PsReport, options: PsTableOptions): string {
  const { styles, columns, now } = options;
  const nodes = [
    ...report.nodes.filter((node) => node.kind === 'service'),
    ...report.nodes.filter((node) => node.kind !== 'service'),
  ];
  const usage = nodes.some((node) => node.cpuPercent !== undefined);
  // Where something runs is worth a column only where not all run at the same place.
  const mixed = new Set(nodes.map((node) => node.placement)).size > 1;
  const where = mixed ? ['WHERE'] : [];
  const headings = ['SERVICE', 'STATE', ...where, 'UPTIME', 'RESTARTS', ...(usage ? ['CPU', 'MEMORY'] : [])];
  const layout: Column[] = headings.map((heading) =>
    ['UPTIME', 'RESTARTS', 'CPU', 'MEMORY'].includes(heading) ? { align: 'right' } : {},
  );
  const cells = nodes.map((node) => [
    styles.bold(node.name),
    stateCell(node, styles),
    ...(mixed ? [node.placement === 'host' ? styles.bold('host') : ''] : []),
    node.startedAt === undefined ? '' : formatAge(now.getTime() - Date.parse(node.startedAt)),
    node.restarts === 0 ? styles.dim('0') : styles.yellow(String(node.restarts)),
    ...(usage ? [cpuCell(node), memoryCell(node)] : []),
  ]);
  const room = roomBeside([headings, ...cells], columns);
  const rows = nodes.map((node, index) => [...(cells[index] ?? []), addressCell(node, room, styles)]);
  const ready = nodes.filter((node) => node.state === 'ready' || node.state === 'done').length;
  const head = [...headings, 'ADDRESS'].map((heading) => styles.dim(heading));
  const table = renderTable([...layout, {}], [head, ...rows], { columns });
  return `${table}\n${ready} of ${nodes.length} ready\n`;
}

function stateCell(node: PsNode, styles: Styles): string {
  switch (node.state) {
    case 'ready':
    case 'done':
      return styles.green(node.state);
    case 'starting':
      return styles.yellow(node.state);
    case 'absent':
      return styles.dim(node.state);
    default:
      return styles.red(node.state);
  }
}

/** A reason that has less room than this says nothing. */
const MIN_WHY = 20;

/**
 * The address one would click first, then what else is published, shorter; of a node that is not ready, why, which is
 * cut where the line ends.
 */
function addressCell(node: PsNode, room: number, styles: Styles): string {
  const [main, ...others] = publishedOf(node.endpoints);
  const why = node.lastAnswer === undefined ? '' : styles.dim(`(${oneLine(node.lastAnswer)})`);
  if (main === undefined) return why;
  const port = `:${main.hostPort}`;
  const first = main.url ?? port;
  if (why !== '') return `${widthOf(first) + MIN_WHY <= room ? first : port}  ${why}`;
  const rest = others.map((endpoint) => `  ${endpoint.name} :${endpoint.hostPort}`).join('');
  return firstThatFits([`${first}${styles.dim(rest)}`, first, port], room);
}

function cpuCell(node: PsNode): string {
  return node.cpuPercent === undefined ? '' : `${node.cpuPercent.toFixed(1)} %`;
}

const MIB = 1024 * 1024;

function memoryCell(node: PsNode): string {
  return node.memoryBytes === undefined ? '' : `${Math.round(node.memoryBytes / MIB)} MiB`;
}

/** `42 s`, `3 min`, `2 h`, `5 d`: one unit is enough to see what was restarted. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
