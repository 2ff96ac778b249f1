//! The statements that a report tells people to run on MySQL (5.7 and later) and MariaDB (10.3 and
//! later). Each was executed on MariaDB, MySQL's too; the integration tests can do it again.

/// The heaviest statements, by the server's digests. Timers are in picoseconds.
pub const TOP_STATEMENTS: &str = "\
SELECT schema_name, digest, count_star AS calls, round(sum_timer_wait / 1e9) AS total_ms,
       round(avg_timer_wait / 1e9, 2) AS mean_ms, sum_rows_examined AS rows_examined,
       sum_rows_sent AS rows_sent, sum_created_tmp_disk_tables AS tmp_disk_tables,
       sum_no_index_used AS without_index, left(digest_text, 60) AS statement
FROM performance_schema.events_statements_summary_by_digest
ORDER BY sum_timer_wait DESC
LIMIT 20;";

/// Transactions that are open for more than a minute.
pub const LONG_TRANSACTIONS: &str = "\
SELECT trx_mysql_thread_id AS thread, trx_state, trx_started,
       timestampdiff(SECOND, trx_started, now()) AS seconds, trx_rows_locked, trx_rows_modified,
       left(trx_query, 60) AS statement
FROM information_schema.innodb_trx
WHERE trx_started < now() - INTERVAL 1 MINUTE
ORDER BY trx_started;";

/// Who waits for whom, now, on MySQL.
pub const BLOCKED: &str = "\
SELECT waiting_pid, wait_age, left(waiting_query, 60) AS waiting, blocking_pid,
       left(blocking_query, 60) AS blocking
FROM sys.innodb_lock_waits
ORDER BY wait_age DESC;";

/// Who waits for whom, now, on MariaDB: its sys schema is newer than many servers.
pub const BLOCKED_MARIADB: &str = "\
SELECT w.trx_mysql_thread_id AS waiting_thread, w.trx_wait_started,
       left(w.trx_query, 60) AS waiting, b.trx_mysql_thread_id AS blocking_thread,
       left(b.trx_query, 60) AS blocking
FROM information_schema.innodb_lock_waits AS l
JOIN information_schema.innodb_trx AS w ON w.trx_id = l.requesting_trx_id
JOIN information_schema.innodb_trx AS b ON b.trx_id = l.blocking_trx_id
ORDER BY w.trx_wait_started;";

/// Connections by user and command beside their limit, on MySQL.
pub const CONNECTIONS: &str = "\
SELECT processlist_user AS user, processlist_command AS command, count(*) AS connections,
       @@GLOBAL.max_connections AS max_connections
FROM performance_schema.threads
WHERE type = 'FOREGROUND' AND processlist_id IS NOT NULL
GROUP BY processlist_user, processlist_command
ORDER BY connections DESC;";

/// The same on MariaDB, whose performance schema is off by default.
pub const CONNECTIONS_MARIADB: &str = "\
SELECT user, command, count(*) AS connections, @@GLOBAL.max_connections AS max_connections
FROM information_schema.processlist
GROUP BY user, command
ORDER BY connections DESC;";

/// Counters of what the slow log shows run by run.
pub const COUNTERS: &str = "\
SHOW GLOBAL STATUS WHERE Variable_name IN
  ('Uptime', 'Questions', 'Slow_queries', 'Select_scan', 'Select_full_join', 'Sort_merge_passes',
   'Created_tmp_tables', 'Created_tmp_disk_tables', 'Innodb_row_lock_waits',
   'Innodb_row_lock_time', 'Innodb_buffer_pool_wait_free', 'Aborted_clients', 'Aborted_connects',
   'Threads_connected', 'Max_used_connections');";

/// How many statements a server runs: taken twice, the difference over the time between is the rate.
pub const CALL_COUNT: &str = "SHOW GLOBAL STATUS LIKE 'Questions';";

/// The largest tables, with the space inside them that nothing uses.
pub const LARGE_TABLES: &str = "\
SELECT table_schema, table_name, table_rows AS about_rows, round(data_length / 1e6) AS data_mb,
       round(index_length / 1e6) AS index_mb, round(data_free / 1e6) AS free_mb
FROM information_schema.tables
WHERE engine = 'InnoDB'
ORDER BY data_length + index_length DESC
LIMIT 20;";

/// Indexes that nothing read since the server started, and those that another one covers.
pub const INDEX_USE: &str = "\
SELECT object_schema, object_name, index_name FROM sys.schema_unused_indexes;
SELECT table_schema, table_name, redundant_index_name, dominant_index_name
FROM sys.schema_redundant_indexes;";

/// Settings worth comparing with the load: MySQL before 8.0 does not tell which are the defaults.
pub const SETTINGS: &str = "\
SHOW GLOBAL VARIABLES WHERE Variable_name IN
  ('innodb_buffer_pool_size', 'innodb_flush_log_at_trx_commit', 'innodb_io_capacity',
   'innodb_log_file_size', 'innodb_redo_log_capacity', 'innodb_lock_wait_timeout', 'sync_binlog',
   'max_connections', 'thread_cache_size', 'table_open_cache', 'wait_timeout', 'tmp_table_size',
   'max_heap_table_size', 'sort_buffer_size', 'join_buffer_size', 'transaction_isolation',
   'slow_query_log', 'long_query_time', 'min_examined_row_limit');";

/// Settings that are not the built-in default, on MariaDB.
pub const SETTINGS_MARIADB: &str = "\
SELECT variable_name, global_value, global_value_origin
FROM information_schema.system_variables
WHERE global_value_origin <> 'COMPILE-TIME'
ORDER BY variable_name;";
