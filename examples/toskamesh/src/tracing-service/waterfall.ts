import type { SpanNode, Trace } from './trace-tree.ts';

const BAR = 40;
const MAX_LABEL = 48;
/** Deeper spans stand no further to the right: the names would have no room. */
const MAX_INDENT = 10;

interface Line {
  readonly service: string;
  readonly label: string;
  readonly bar: string;
  readonly duration: string;
  readonly error: string;
}

/** A trace for a terminal: a line a span, with a bar where it was in the time of the whole. */
export function renderWaterfall(trace: Trace): string {
  const lines = trace.roots.flatMap((root) => linesOf(root, 0, trace.durationMs));
  const width = (field: keyof Line) => Math.max(...lines.map((line) => [...line[field]].length));
  const [service, label, duration] = [width('service'), width('label'), width('duration')];
  const spans = `${trace.spans} ${trace.spans === 1 ? 'span' : 'spans'}`;
  const head = ['trace', trace.traceId, trace.startedAt, formatMs(trace.durationMs), spans];
  const rows = lines.map((line) =>
    [
      line.service.padEnd(service),
      line.label.padEnd(label),
      `|${line.bar}|`,
      line.duration.padStart(duration),
      line.error,
    ]
      .join('  ')
      .trimEnd(),
  );
  return `${head.join('  ')}\n\n${rows.join('\n')}\n`;
}

function linesOf(node: SpanNode, depth: number, totalMs: number): readonly Line[] {
  const line = {
    service: printable(node.service, MAX_LABEL),
    label: '  '.repeat(Math.min(depth, MAX_INDENT)) + printable(node.name, MAX_LABEL),
    bar: barOf(node, totalMs),
    duration: formatMs(node.durationMs),
    error: node.error ? `ERROR ${printable(node.message ?? '', MAX_LABEL)}` : '',
  };
  return [line, ...node.children.flatMap((child) => linesOf(child, depth + 1, totalMs))];
}

/** At least one mark, however short the span is. */
function barOf({ offsetMs, durationMs, error }: SpanNode, totalMs: number): string {
  const scale = totalMs === 0 ? 0 : BAR / totalMs;
  const before = Math.min(Math.floor(offsetMs * scale), BAR - 1);
  const length = Math.min(Math.max(1, Math.round(durationMs * scale)), BAR - before);
  return (' '.repeat(before) + (error ? '!' : '=').repeat(length)).padEnd(BAR);
}

function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(2)} ms`;
}

/** Names come from anywhere: what would move a terminal's cursor or colour it is left out. */
function printable(text: string, limit: number): string {
  const characters = [...text.replaceAll(/\p{C}/gu, '\uFFFD')];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : characters.join('');
}
