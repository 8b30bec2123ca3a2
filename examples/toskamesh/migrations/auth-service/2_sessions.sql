-- Up Migration
-- A session is a family of refresh tokens, of which only the newest is good. Its row is deleted to end it.
create table auth_sessions (
  id uuid primary key,
  user_id uuid not null references auth_users on delete cascade,
  -- SHA-256 of the newest refresh token's secret: who reads this table can use none.
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index auth_sessions_of_user on auth_sessions (user_id, created_at);
create index auth_sessions_expiry on auth_sessions (expires_at);

-- Down Migration
drop table auth_sessions;
