-- Up Migration
-- One row for each service and environment: what a change locks, and which version is the newest.
create table config_entries (
  service text not null,
  environment text not null,
  version integer not null,
  primary key (service, environment)
);

create table config_versions (
  service text not null,
  environment text not null,
  version integer not null,
  -- As it was sent, down to the order of the keys. Null: this version is the deletion.
  content json,
  changed_by text not null,
  changed_at timestamptz not null default now(),
  primary key (service, environment, version),
  foreign key (service, environment) references config_entries on delete cascade
);

-- Down Migration
drop table config_versions;
drop table config_entries;
