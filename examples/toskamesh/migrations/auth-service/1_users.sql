-- Up Migration
create table auth_users (
  id uuid primary key default gen_random_uuid(),
  -- As it was registered, to be shown.
  username text not null,
  -- In lower case: Alice and alice are one user.
  username_key text not null unique,
  -- A PHC string: the parameters are in it.
  password_hash text not null,
  created_at timestamptz not null default now()
);

-- Down Migration
drop table auth_users;
