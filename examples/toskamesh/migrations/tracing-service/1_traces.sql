-- Up Migration

-- One row a trace, kept up to date with each batch of spans, so that a search never reads the spans of a whole day.
create table trace_traces (
  trace_id text primary key,
  start_ns bigint not null,
  end_ns bigint not null,
  span_count integer not null,
  error_count integer not null,
  services text[] not null,
  -- What a trace is kept by: the clocks of those who send spans may be wrong.
  received_at timestamptz not null
);
create index trace_traces_by_start on trace_traces (start_ns desc);
create index trace_traces_by_arrival on trace_traces (received_at);

create table trace_spans (
  trace_id text not null references trace_traces on delete cascade,
  span_id text not null,
  parent_id text,
  service text not null,
  name text not null,
  kind text not null,
  start_ns bigint not null,
  end_ns bigint not null,
  is_error boolean not null,
  message text,
  attributes jsonb not null,
  events jsonb not null,
  primary key (trace_id, span_id)
);
