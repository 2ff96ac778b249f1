-- querylens: read-only collection for PgBouncer.
--
--   psql -X -q --csv -p 6432 -U STATS_USER pgbouncer -f collect.sql > pools.txt
--
-- A user in stats_users may run all of it. It changes nothing.
\set ON_ERROR_STOP off
\echo --@querylens view=version
SHOW VERSION;
\echo --@querylens view=pools
SHOW POOLS;
\echo --@querylens view=stats
SHOW STATS;
\echo --@querylens view=databases
SHOW DATABASES;
\echo --@querylens view=config
SHOW CONFIG;
\echo --@querylens end
