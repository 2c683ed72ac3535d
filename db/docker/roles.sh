#!/usr/bin/env bash
# The official image runs this once, on an empty volume, as its superuser: the two roles of db/README.md.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set=owner_password="$PORTAL_OWNER_PASSWORD" --set=runtime_password="$PORTAL_RUNTIME_PASSWORD" <<'SQL'
create role portal_owner login password :'owner_password';
create role portal_runtime login password :'runtime_password';
create database portal owner portal_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
revoke all on database portal from public;
grant connect on database portal to portal_runtime;
SQL
