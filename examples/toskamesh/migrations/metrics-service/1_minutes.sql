-- Up Migration

create table metrics_minutes (
  service text not null,
  metric text not null,
  minute timestamptz not null,
  -- The last one that was seen in the minute.
  value double precision not null,
  primary key (service, metric, minute)
);
create index metrics_minutes_by_minute on metrics_minutes (minute);
