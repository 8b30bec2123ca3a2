import { formatSeconds } from '../time/duration.ts';
import type { LiveBlock } from './live-view.ts';
import { meshTitle } from './mesh-title.ts';
import { oneLine } from './one-line.ts';
import { isSettled, type NodePhase, type NodeProgress, type RunState, waitWords } from './run-state.ts';
import type { Styles } from './styles.ts';
import { cutTo, padEnd, widthOf } from './text-width.ts';

export interface LiveOptions {
  readonly columns: number;
  readonly rows: number;
  readonly styles: Styles;
  /** Milliseconds since the run began, which go on between events. */
  readonly elapsedMs: number;
}

/** A line of a tier. Where not all fit, those of the lowest rank are shown. */
interface Line {
  readonly tier: string;
  readonly text: string;
  readonly rank: number;
}

/** Failures first, then what is at work, what waits, and last what is done. */
const RANKS: Readonly<Record<NodePhase, number>> = {
  failed: 0,
  building: 1,
  pulling: 1,
  started: 1,
  probing: 1,
  stopping: 1,
  waiting: 2,
  built: 2,
  created: 2,
  skipped: 2,
  ready: 3,
  done: 3,
  stopped: 3,
};

/** Names and tiers that are longer are cut, so that there is room for what a node waits for. */
const MAX_LABEL = 20;
/** The header, and the line below the view that the cursor stands on. */
const OTHER_ROWS = 2;

/**
 * The whole view as text: one line a node that is not ready, ready ones folded together behind their tier. The blocks
 * and their order stay the same for a whole run; no line is wider than the terminal, nor are there more than fit.
 */
export function renderLiveBlocks(state: RunState, options: LiveOptions): LiveBlock[] {
  const nodes = [...state.nodes.values()];
  const tiers = [...new Set((state.started?.nodes ?? []).map((node) => node.tier))];
  const layout = { tier: widestOf(tiers) + 2, name: widestOf(nodes.map((node) => node.name)) };
  const command = state.started?.command;
  const lines = tiers.flatMap((tier) =>
    linesOf({ tier, nodes: nodes.filter((node) => node.tier === tier), command }, layout, options),
  );
  const shown = mostUrgent(lines, options.rows - OTHER_ROWS);
  const more = lines.length - shown.length;
  return [
    { key: 'header', text: renderHeader(state, options) },
    ...tiers.map((tier) => ({
      key: `tier ${tier}`,
      text: labelled(
        tier,
        shown.filter((line) => line.tier === tier),
        layout,
        options,
      ),
    })),
    { key: 'more', text: more === 0 ? '' : options.styles.dim(cutTo(`… ${more} more lines`, options.columns - 1)) },
  ];
}

interface Layout {
  readonly tier: number;
  readonly name: number;
}

function widestOf(names: readonly string[]): number {
  return Math.min(MAX_LABEL, Math.max(0, ...names.map(widthOf)));
}

function mostUrgent(lines: readonly Line[], room: number): readonly Line[] {
  if (lines.length <= room) return lines;
  const byRank = [...lines].sort((a, b) => a.rank - b.rank);
  // One line tells how many are left out.
  const kept = new Set(byRank.slice(0, Math.max(0, room - 1)));
  return lines.filter((line) => kept.has(line));
}

function renderHeader({ started }: RunState, { columns, styles, elapsedMs }: LiveOptions): string {
  const total = started?.nodes.length ?? 0;
  const left = `${styles.bold(started === undefined ? '' : meshTitle(started))} · ${started?.engine ?? ''} · ${total} ${total === 1 ? 'node' : 'nodes'}`;
  const right = ` ${formatSeconds(elapsedMs)}`;
  const room = Math.max(0, columns - 1 - right.length);
  return cutTo(`${padEnd(cutTo(left, room), room)}${right}`, columns - 1);
}

interface Tier {
  readonly tier: string;
  readonly nodes: readonly NodeProgress[];
  readonly command: NonNullable<RunState['started']>['command'] | undefined;
}

function linesOf({ tier, nodes, command }: Tier, layout: Layout, options: LiveOptions): Line[] {
  const isDone = (node: NodeProgress) =>
    isSettled(node, command) && node.phase !== 'failed' && node.phase !== 'skipped';
  const open = nodes.filter((node) => !isDone(node));
  return [
    ...foldDone(nodes.filter(isDone), layout, options).map((text) => ({ tier, text, rank: RANKS.ready })),
    ...open.map((node) => ({ tier, text: renderOpen(node, layout, options), rank: RANKS[node.phase] })),
  ];
}

/** The tier stands in front of the first line that is shown of it. */
function labelled(tier: string, lines: readonly Line[], layout: Layout, { columns, styles }: LiveOptions): string {
  return lines
    .map(({ text }, index) => {
      const label = index === 0 ? styles.cyan(cutTo(tier, layout.tier - 2)) : '';
      return cutTo(`${padEnd(label, layout.tier)}${text}`, columns - 1);
    })
    .join('\n');
}

/** As many as fit on a line. */
function foldDone(nodes: readonly NodeProgress[], layout: Layout, { columns, styles }: LiveOptions): string[] {
  const lines: string[] = [];
  for (const node of nodes) {
    const time = node.tookMs === undefined || node.kept ? '' : ` ${formatSeconds(node.tookMs)}`;
    const item = `${styles.green('✔')} ${node.name}${styles.dim(time)}`;
    const last = lines.at(-1);
    if (last !== undefined && layout.tier + widthOf(last) + 3 + widthOf(item) < columns)
      lines[lines.length - 1] = `${last}   ${item}`;
    else lines.push(item);
  }
  return lines;
}

function renderOpen(node: NodeProgress, layout: Layout, { styles, elapsedMs }: LiveOptions): string {
  const sinceMs = node.phase === 'building' ? node.buildingAtMs : node.startedAtMs;
  const isOver = node.phase === 'failed' || node.phase === 'skipped' || sinceMs === undefined;
  const time = isOver ? '' : formatSeconds(Math.max(0, elapsedMs - sinceMs));
  const words = oneLine(waitWords(node));
  const painted = node.phase === 'failed' ? styles.red(words) : styles.dim(words);
  return `${markOf(node, styles)} ${padEnd(cutTo(node.name, layout.name), layout.name)}  ${time.padStart(6)}   ${painted}`;
}

function markOf(node: NodeProgress, styles: Styles): string {
  switch (RANKS[node.phase]) {
    case RANKS.failed:
      return styles.red('✘');
    case RANKS.waiting:
      return node.phase === 'skipped' ? styles.yellow('–') : styles.dim('○');
    default:
      return styles.yellow('◐');
  }
}
