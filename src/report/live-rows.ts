import { formatSeconds } from '../time/duration.ts';
import { isSettled, type NodeProgress, type RunState, waitWords } from './run-state.ts';
import type { Styles } from './styles.ts';
import { cutTo, padEnd, widthOf } from './text-width.ts';

export interface LiveOptions {
  readonly columns: number;
  readonly styles: Styles;
  /** Milliseconds since the run began, which go on between events. */
  readonly elapsedMs: number;
}

/** A block of the live view: the header, or a tier with its nodes. */
export interface LiveBlock {
  readonly key: string;
  readonly text: string;
}

const NODE_WIDTH = 16;

/** The whole view as text: one line a node that is not ready, ready ones folded together behind their tier. */
export function renderLiveBlocks(state: RunState, options: LiveOptions): LiveBlock[] {
  const tiers = [...new Set([...state.nodes.values()].map((node) => node.tier))];
  const labelWidth = Math.max(0, ...tiers.map((tier) => tier.length)) + 2;
  return [
    { key: 'header', text: renderHeader(state, options) },
    ...tiers.map((tier) => {
      const nodes = [...state.nodes.values()].filter((node) => node.tier === tier);
      return { key: tier, text: renderTier(tier, labelWidth, nodes, options) };
    }),
  ];
}

function renderHeader({ started, nodes }: RunState, { columns, styles, elapsedMs }: LiveOptions): string {
  const count = nodes.size === 1 ? '1 node' : `${nodes.size} nodes`;
  const left = `${styles.bold(started?.mesh ?? '')} · ${started?.engine ?? ''} · ${count}`;
  const right = formatSeconds(elapsedMs);
  return cutTo(`${padEnd(left, columns - right.length - 1)} ${right}`, columns);
}

function renderTier(tier: string, labelWidth: number, nodes: readonly NodeProgress[], options: LiveOptions): string {
  const done = nodes.filter((node) => isSettled(node) && node.phase !== 'failed' && node.phase !== 'skipped');
  const open = nodes.filter((node) => !done.includes(node));
  const lines = [...foldDone(done, labelWidth, options), ...open.map((node) => renderOpen(node, options))];
  return lines
    .map((line, index) =>
      cutTo(
        `${index === 0 ? padEnd(options.styles.cyan(tier), labelWidth) : ' '.repeat(labelWidth)}${line}`,
        options.columns,
      ),
    )
    .join('\n');
}

/** As many as fit on a line. */
function foldDone(nodes: readonly NodeProgress[], labelWidth: number, { columns, styles }: LiveOptions): string[] {
  const lines: string[] = [];
  for (const node of nodes) {
    const time = node.tookMs === undefined || node.kept ? '' : ` ${formatSeconds(node.tookMs)}`;
    const item = `${styles.green('✔')} ${node.name}${styles.dim(time)}`;
    const last = lines.at(-1);
    if (last !== undefined && labelWidth + widthOf(last) + 3 + widthOf(item) <= columns)
      lines[lines.length - 1] = `${last}   ${item}`;
    else lines.push(item);
  }
  return lines;
}

function renderOpen(node: NodeProgress, { styles, elapsedMs }: LiveOptions): string {
  const time = node.startedAtMs === undefined ? '' : formatSeconds(Math.max(0, elapsedMs - node.startedAtMs));
  const running = node.phase === 'failed' || node.phase === 'skipped' ? '' : time;
  const words = node.phase === 'failed' ? styles.red(waitWords(node)) : styles.dim(waitWords(node));
  return `${markOf(node, styles)} ${padEnd(node.name, NODE_WIDTH)} ${running.padStart(6)}  ${words}`;
}

function markOf(node: NodeProgress, styles: Styles): string {
  switch (node.phase) {
    case 'failed':
      return styles.red('✘');
    case 'skipped':
      return styles.yellow('–');
    case 'waiting':
    case 'created':
    case 'built':
      return styles.dim('○');
    default:
      return styles.yellow('◐');
  }
}
