import type { Database } from '@toskamesh/shared';
import { type Attributes, nsToIso, nsToMs, type SpanEvent, type SpanKind, type StoredSpan } from './span.ts';

/** Few enough for a statement to end well within the database's time-out. */
const BATCH = 500;
/** A trace that is larger is shown in part. */
export const MAX_SPANS_SHOWN = 2000;

export interface TraceSearch {
  readonly service: string | undefined;
  /** A part of the name of any of its spans. */
  readonly name: string | undefined;
  readonly minDurationMs: number;
  readonly onlyErrors: boolean;
  readonly sinceMs: number;
  readonly limit: number;
}

export interface TraceSummary {
  readonly traceId: string;
  readonly root: { readonly service: string; readonly name: string };
  readonly services: readonly string[];
  readonly spans: number;
  readonly durationMs: number;
  readonly error: boolean;
  readonly startedAt: string;
}

interface TraceRow {
  readonly trace_id: string;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly span_count: number;
  readonly error_count: number;
  readonly services: readonly string[];
  readonly root_service: string;
  readonly root_name: string;
}

interface SpanRow {
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly is_error: boolean;
  readonly message: string | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
}

/**
 * Only the spans that are new count in their trace, for exporters send again what was not acknowledged. Both inserts go
 * in the order of the ids, so that two that touch the same rows wait for each other and never both.
 */
const INSERT = `
  with sent as (
    select * from jsonb_to_recordset($1::jsonb) as span (
      trace_id text, span_id text, parent_id text, service text, name text, kind text, start_ns bigint, end_ns bigint,
      is_error boolean, message text, attributes jsonb, events jsonb)
  ), added as (
    insert into trace_spans
      (trace_id, span_id, parent_id, service, name, kind, start_ns, end_ns, is_error, message, attributes, events)
    select * from sent order by trace_id, span_id
    on conflict (trace_id, span_id) do nothing
    returning trace_id, service, start_ns, end_ns, is_error
  )
  insert into trace_traces as known (trace_id, start_ns, end_ns, span_count, error_count, services, received_at)
  select trace_id, min(start_ns), max(end_ns), count(*), count(*) filter (where is_error),
    array_agg(distinct service), now()
  from added group by trace_id order by trace_id
  on conflict (trace_id) do update set
    start_ns = least(known.start_ns, excluded.start_ns),
    end_ns = greatest(known.end_ns, excluded.end_ns),
    span_count = known.span_count + excluded.span_count,
    error_count = known.error_count + excluded.error_count,
    services = array(select distinct unnest(known.services || excluded.services) order by 1),
    received_at = excluded.received_at`;

/** The span that has no parent stands for its trace, or, until it has come, the first one. */
const SEARCH = `
  select trace.*, root.service as root_service, root.name as root_name
  from trace_traces as trace
  cross join lateral (
    select service, name from trace_spans as span where span.trace_id = trace.trace_id
    order by parent_id is not null, start_ns limit 1
  ) as root
  where trace.start_ns >= $1
    and trace.end_ns - trace.start_ns >= $2
    and ($3::text is null or $3 = any (trace.services))
    and (not $4::boolean or trace.error_count > 0)
    and ($5::text is null or exists (
      select from trace_spans as span
      where span.trace_id = trace.trace_id and position(lower($5) in lower(span.name)) > 0))
  order by trace.start_ns desc, trace.trace_id
  limit $6`;

/** The spans in PostgreSQL. */
export class SpanStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves when all are kept. After an error some may be: sending them again does no harm. */
  async add(spans: readonly StoredSpan[]): Promise<void> {
    for (let at = 0; at < spans.length; at += BATCH) {
      await this.#database.query(INSERT, [JSON.stringify(spans.slice(at, at + BATCH).map(rowOf))]);
    }
  }

  /** The newest first. */
  async search({
    service,
    name,
    minDurationMs,
    onlyErrors,
    sinceMs,
    limit,
  }: TraceSearch): Promise<readonly TraceSummary[]> {
    const sinceNs = BigInt(sinceMs) * 1_000_000n;
    const minNs = BigInt(Math.round(minDurationMs * 1_000_000));
    const values = [String(sinceNs), String(minNs), service ?? null, onlyErrors, name ?? null, limit];
    const rows = await this.#database.query<TraceRow>(SEARCH, values);
    return rows.map((row) => ({
      traceId: row.trace_id,
      root: { service: row.root_service, name: row.root_name },
      services: row.services,
      spans: row.span_count,
      durationMs: nsToMs(BigInt(row.end_ns) - BigInt(row.start_ns)),
      error: row.error_count > 0,
      startedAt: nsToIso(BigInt(row.start_ns)),
    }));
  }

  /** The first of them, `MAX_SPANS_SHOWN` at most; none for a trace that is not known. */
  async spansOf(traceId: string): Promise<readonly StoredSpan[]> {
    const rows = await this.#database.query<SpanRow>(
      `select span_id, parent_id, service, name, kind, start_ns, end_ns, is_error, message, attributes, events
       from trace_spans where trace_id = $1 order by start_ns limit $2`,
      [traceId, MAX_SPANS_SHOWN],
    );
    return rows.map((row) => ({
      traceId,
      spanId: row.span_id,
      parentId: row.parent_id ?? undefined,
      service: row.service,
      name: row.name,
      kind: row.kind,
      startNs: BigInt(row.start_ns),
      endNs: BigInt(row.end_ns),
      isError: row.is_error,
      message: row.message ?? undefined,
      attributes: row.attributes,
      events: row.events,
    }));
  }
}

function rowOf(span: StoredSpan) {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_id: span.parentId,
    service: span.service,
    name: span.name,
    kind: span.kind,
    start_ns: String(span.startNs),
    end_ns: String(span.endNs),
    is_error: span.isError,
    message: span.message,
    attributes: span.attributes,
    events: span.events,
  };
}
