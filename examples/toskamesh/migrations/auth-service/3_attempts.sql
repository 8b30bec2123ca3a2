-- Up Migration
-- Counted here and not in the process, so that the limits hold over all replicas.
create table auth_attempts (
  -- `address:203.0.113.7` or `username:alice`
  key text primary key,
  attempts integer not null,
  window_ends timestamptz not null
);
create index auth_attempts_expiry on auth_attempts (window_ends);

-- Down Migration
drop table auth_attempts;
