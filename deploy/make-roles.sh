#!/bin/sh
# Runs once, when the database container makes its cluster: the role that migrates and the role
# that serves, which neither owns nor bypasses row-level security.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname template1 \
    --set owner_password="$(cat /run/secrets/owner_password)" \
    --set app_password="$(cat /run/secrets/app_password)" <<'SQL'
CREATE ROLE memoryhub_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE memoryhub_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
CREATE EXTENSION vector;
CREATE EXTENSION pg_stat_statements;
\connect memoryhub
CREATE EXTENSION vector;
CREATE EXTENSION pg_stat_statements;
ALTER DATABASE memoryhub OWNER TO memoryhub_owner;
SQL
