import { type Attributes, nsToIso, nsToMs, type SpanKind, type StoredSpan } from './span.ts';

export interface SpanNode {
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds from the start of the trace. */
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly error: boolean;
  readonly message: string | undefined;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly offsetMs: number; readonly attributes: Attributes }[];
  readonly children: readonly SpanNode[];
}

export interface Trace {
  readonly traceId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly spans: number;
  readonly services: readonly string[];
  readonly error: boolean;
  /** Several when spans are missing: each whose parent is not here stands at the top. */
  readonly roots: readonly SpanNode[];
}

type Draft = SpanNode & { readonly children: SpanNode[] };

/** @returns undefined when there are no spans */
export function buildTrace(spans: readonly StoredSpan[]): Trace | undefined {
  const sorted = [...spans].sort(byStart);
  const first = sorted[0];
  if (first === undefined) {
    return undefined;
  }
  const start = first.startNs;
  return {
    traceId: first.traceId,
    startedAt: nsToIso(start),
    durationMs: Math.max(...sorted.map(({ endNs }) => nsToMs(endNs - start))),
    spans: sorted.length,
    services: [...new Set(sorted.map(({ service }) => service))].sort(),
    error: sorted.some(({ isError }) => isError),
    roots: connect(sorted, start),
  };
}

/** Parents with their children, each list in the order of the starts. */
function connect(sorted: readonly StoredSpan[], start: bigint): readonly SpanNode[] {
  const parents = new Map(sorted.map(({ spanId, parentId }) => [spanId, parentId]));
  const drafts = new Map(sorted.map((span) => [span.spanId, draftOf(span, start)]));
  const roots: SpanNode[] = [];
  const reachable = new Set<string>();
  for (const { spanId } of sorted) {
    // Up to the top, or to a span that is known to lead there; spans that are each other's parents never do.
    const path: string[] = [];
    const onPath = new Set<string>();
    let id: string | undefined = spanId;
    while (id !== undefined && drafts.has(id) && !reachable.has(id) && !onPath.has(id)) {
      path.push(id);
      onPath.add(id);
      id = parents.get(id);
    }
    if (id !== undefined && onPath.has(id)) {
      // Cut, or none of the circle would be shown.
      parents.delete(id);
    }
    for (const each of path) reachable.add(each);
  }
  for (const [spanId, draft] of drafts) {
    const parentId = parents.get(spanId);
    const parent = parentId === undefined ? undefined : drafts.get(parentId);
    (parent === undefined ? roots : parent.children).push(draft);
  }
  return roots;
}

function draftOf(span: StoredSpan, start: bigint): Draft {
  return {
    spanId: span.spanId,
    service: span.service,
    name: span.name,
    kind: span.kind,
    offsetMs: nsToMs(span.startNs - start),
    durationMs: nsToMs(span.endNs - span.startNs),
    error: span.isError,
    message: span.message,
    attributes: span.attributes,
    events: span.events.map(({ name, atNs, attributes }) => ({
      name,
      offsetMs: nsToMs(BigInt(atNs) - start),
      attributes,
    })),
    children: [],
  };
}

function byStart(a: StoredSpan, b: StoredSpan): number {
  if (a.startNs !== b.startNs) {
    return a.startNs < b.startNs ? -1 : 1;
  }
  // At the same instant the longer one is more likely to hold the other.
  return a.endNs === b.endNs ? a.spanId.localeCompare(b.spanId) : a.endNs > b.endNs ? -1 : 1;
}
