#!/bin/sh
# Run once by the PostgreSQL image, on an empty data folder: two databases, each with an owner that owns nothing else.
# The passwords are read by psql itself: they stand in no command line.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\set store `cat /run/secrets/store_password`
\set prefect `cat /run/secrets/prefect_password`
CREATE ROLE tin3c LOGIN PASSWORD :'store';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE tin3c OWNER tin3c;
CREATE DATABASE prefect OWNER prefect;
REVOKE ALL ON DATABASE tin3c, prefect FROM PUBLIC;
\connect prefect
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
