-- querylens: read-only collection for PostgreSQL 12 to 18.
--
--   psql -X -q -d DATABASE -f collect.sql > catalog.txt
--
-- Once for each database that matters, and again some hours later for an interval. It writes nothing,
-- creates nothing, takes no lock that anybody waits for, and reads no row of a user's table. Each
-- query stands by itself: what a role may not see is left out, and the rest goes on. The role
-- pg_monitor sees all of it. Statements are as pg_stat_statements keeps them, without constants; the
-- texts of running queries, and the values that pg_stats keeps of columns, are not read.
\set ON_ERROR_STOP off
\set QUIET on
\pset pager off
SET default_transaction_read_only = on;
SET statement_timeout = '30s';
SET lock_timeout = '1s';
SET idle_in_transaction_session_timeout = '60s';
SET application_name = 'querylens collect';
SET datestyle = 'ISO';
SET timezone = 'UTC';
SELECT current_setting('server_version_num')::int >= 130000 AS since13,
       current_setting('server_version_num')::int >= 140000 AS since14,
       current_setting('server_version_num')::int >= 170000 AS since17,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS has_statements \gset

\echo --@querylens view=meta
COPY (
  SELECT now() AS captured_at, current_setting('server_version') AS server_version,
         current_database() AS datname, pg_is_in_recovery() AS in_recovery,
         pg_postmaster_start_time() AS started,
         (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
         (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()) AS stats_reset
) TO STDOUT (FORMAT csv, HEADER);

\if :has_statements
\echo --@querylens view=pg_stat_statements
COPY (
  SELECT now() AS captured_at, d.datname, r.rolname, s.*
  FROM pg_stat_statements s
  LEFT JOIN pg_database d ON d.oid = s.dbid
  LEFT JOIN pg_roles r ON r.oid = s.userid
  WHERE s.calls > 0
) TO STDOUT (FORMAT csv, HEADER);
\if :since14
\echo --@querylens view=pg_stat_statements_info
COPY (SELECT now() AS captured_at, dealloc, stats_reset FROM pg_stat_statements_info)
TO STDOUT (FORMAT csv, HEADER);
\endif
\endif

\echo --@querylens view=pg_stat_user_tables
COPY (
  SELECT now() AS captured_at, s.*, c.reltuples, c.relpages,
         pg_relation_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes,
         pg_total_relation_size(c.oid) AS total_bytes
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=columns
COPY (
  SELECT now() AS captured_at, n.nspname, c.relname, c.relkind, a.attnum, a.attname,
         format_type(a.atttypid, a.atttypmod) AS column_type, a.attnotnull, a.attidentity,
         pg_get_expr(d.adbin, d.adrelid) AS column_default,
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
         (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1)
           AS parent
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind IN ('r', 'p', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY 2, 3, 5
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_stat_user_indexes
COPY (
  SELECT now() AS captured_at, s.*, pg_relation_size(s.indexrelid) AS index_bytes,
         i.indisunique, i.indisprimary, i.indisexclusion, i.indisvalid, i.indisreplident,
         i.indisclustered, c.conname, c.contype, pg_get_indexdef(s.indexrelid) AS indexdef
  FROM pg_stat_user_indexes s
  JOIN pg_index i USING (indexrelid)
  LEFT JOIN pg_constraint c ON c.conindid = s.indexrelid AND c.contype IN ('p', 'u', 'x')
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=constraints
COPY (
  SELECT now() AS captured_at, n.nspname, t.relname, c.conname, c.contype, c.convalidated,
         pg_get_constraintdef(c.oid) AS condef
  FROM pg_constraint c
  JOIN pg_class t ON t.oid = c.conrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  ORDER BY 2, 3, 4
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_stats
COPY (
  SELECT now() AS captured_at, schemaname, tablename, attname, inherited, null_frac, avg_width,
         n_distinct, correlation, most_common_freqs[1:5] AS top_freqs
  FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=sequences
COPY (
  SELECT now() AS captured_at, schemaname, sequencename, data_type, last_value, max_value
  FROM pg_sequences
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_settings
COPY (
  SELECT now() AS captured_at, name, setting, unit, source, boot_val, pending_restart
  FROM pg_settings
  WHERE name !~ '(conninfo|password|passphrase|key_file|krb_)'
    AND (source <> 'default' OR name IN ('work_mem', 'shared_buffers', 'maintenance_work_mem',
         'effective_cache_size', 'max_connections', 'random_page_cost', 'jit', 'max_wal_size',
         'checkpoint_timeout', 'autovacuum', 'autovacuum_vacuum_scale_factor', 'hash_mem_multiplier',
         'default_statistics_target', 'track_io_timing', 'log_min_duration_statement'))
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_stat_database
COPY (
  SELECT now() AS captured_at, * FROM pg_stat_database WHERE datname IS NOT NULL
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_stat_activity
COPY (
  SELECT now() AS captured_at, pid, datname, usename, application_name, backend_type, state,
         wait_event_type, wait_event, backend_start, xact_start, query_start, state_change,
         pg_blocking_pids(pid) AS blocked_by
  FROM pg_stat_activity WHERE pid <> pg_backend_pid()
) TO STDOUT (FORMAT csv, HEADER);

\echo --@querylens view=pg_replication_slots
COPY (
  SELECT now() AS captured_at, slot_name, slot_type, active,
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                              ELSE pg_current_wal_lsn() END, restart_lsn) AS retained_bytes
  FROM pg_replication_slots
) TO STDOUT (FORMAT csv, HEADER);

\if :since17
\echo --@querylens view=pg_stat_checkpointer
COPY (SELECT now() AS captured_at, * FROM pg_stat_checkpointer) TO STDOUT (FORMAT csv, HEADER);
\else
\echo --@querylens view=pg_stat_bgwriter
COPY (SELECT now() AS captured_at, * FROM pg_stat_bgwriter) TO STDOUT (FORMAT csv, HEADER);
\endif
\echo --@querylens end
