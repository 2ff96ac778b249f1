//! The statements that a report tells people to run on PostgreSQL, 12 and later. Each was executed
//! on a server; the integration tests can do it again.

/// The heaviest statements. The columns' names changed in PostgreSQL 13, so they are read by name.
pub const TOP_STATEMENTS: &str = "\
SELECT s.queryid, s.calls,
       round(coalesce(j ->> 'total_exec_time', j ->> 'total_time')::numeric) AS total_ms,
       round(coalesce(j ->> 'mean_exec_time', j ->> 'mean_time')::numeric, 2) AS mean_ms,
       s.rows, s.shared_blks_read, s.temp_blks_written, left(s.query, 60) AS query
FROM pg_stat_statements AS s CROSS JOIN LATERAL to_jsonb(s) AS j
ORDER BY coalesce(j ->> 'total_exec_time', j ->> 'total_time')::numeric DESC
LIMIT 20;";

/// Transactions that are open for more than a minute.
pub const LONG_TRANSACTIONS: &str = "\
SELECT pid, usename, application_name, state, wait_event_type, wait_event,
       now() - xact_start AS transaction_age, now() - state_change AS in_this_state,
       left(query, 60) AS query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND xact_start < now() - interval '1 minute'
ORDER BY xact_start;";

/// Who waits for whom, now.
pub const BLOCKED: &str = "\
SELECT pid, pg_blocking_pids(pid) AS blocked_by, now() - query_start AS running_for,
       wait_event, left(query, 60) AS query
FROM pg_stat_activity
WHERE cardinality(pg_blocking_pids(pid)) > 0
ORDER BY query_start;";

/// Connections by state beside their limit.
pub const CONNECTIONS: &str = "\
SELECT coalesce(state, 'unknown') AS state, count(*) AS connections,
       current_setting('max_connections')::int AS max_connections
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY 1
ORDER BY 2 DESC;";

/// Temporary files and deadlocks since the statistics were reset.
pub const DATABASES: &str = "\
SELECT datname, numbackends, temp_files, pg_size_pretty(temp_bytes) AS temp_size, deadlocks,
       stats_reset
FROM pg_stat_database
WHERE datname IS NOT NULL
ORDER BY temp_bytes DESC;";

/// Tables by dead rows.
pub const DEAD_ROWS: &str = "\
SELECT schemaname, relname, n_live_tup, n_dead_tup, last_vacuum, last_autovacuum,
       last_analyze, last_autoanalyze
FROM pg_stat_user_tables
ORDER BY n_dead_tup DESC
LIMIT 20;";

/// Indexes by how rarely they were used, with what speaks against dropping them.
pub const INDEX_USE: &str = "\
SELECT s.schemaname, s.relname, s.indexrelname, s.idx_scan,
       pg_size_pretty(pg_relation_size(s.indexrelid)) AS size,
       i.indisunique, i.indisprimary, i.indisreplident,
       EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = s.indexrelid) AS has_constraint
FROM pg_stat_user_indexes AS s JOIN pg_index AS i USING (indexrelid)
ORDER BY s.idx_scan, pg_relation_size(s.indexrelid) DESC
LIMIT 30;";

/// Indexes that a failed build left behind.
pub const INVALID_INDEXES: &str = "\
SELECT indrelid::regclass AS table_name, indexrelid::regclass AS index_name
FROM pg_index
WHERE NOT indisvalid;";

/// How far each database is from the wraparound of transaction ids.
pub const WRAPAROUND: &str = "\
SELECT datname, age(datfrozenxid) AS transactions, current_setting('autovacuum_freeze_max_age')
       AS forced_vacuum_at
FROM pg_database
ORDER BY 2 DESC;";

/// How many calls a server runs: taken twice, the difference over the time between is the rate.
pub const CALL_COUNT: &str = "SELECT now(), sum(calls) AS calls FROM pg_stat_statements;";

/// Settings that are not the built-in default.
pub const SETTINGS: &str = "\
SELECT name, setting, unit, source, pending_restart
FROM pg_settings
WHERE source NOT IN ('default', 'override', 'client')
ORDER BY name;";
