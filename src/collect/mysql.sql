-- querylens: read-only collection for MySQL 5.7 to 9 and MariaDB 10.5 and later.
--
--   mysql --batch --force < collect.sql > catalog.tsv        (never --raw: it drops the escapes)
--
-- Again some hours later for an interval. It writes nothing, creates nothing and reads no row of a
-- user's table. Each query stands by itself: with --force, one that this server does not have, or that
-- a user may not run, is left out and the rest goes on. PROCESS, and SELECT on performance_schema,
-- sys and information_schema, see all of it. Statements are digests, without constants; samples of
-- statements and the texts of running ones are not read.
SET SESSION TRANSACTION READ ONLY;
SET SESSION lock_wait_timeout = 2;
SET SESSION group_concat_max_len = 65536;

SELECT 'meta' AS `--@querylens view`;
SELECT now(6) AS captured_at, @@version AS server_version, @@hostname AS host, @@read_only AS read_only;

SELECT 'variables' AS `--@querylens view`;
SHOW GLOBAL VARIABLES WHERE Variable_name NOT LIKE '%password%' AND Variable_name NOT LIKE '%secret%';

SELECT 'status' AS `--@querylens view`;
SHOW GLOBAL STATUS;

SELECT 'digests' AS `--@querylens view`;
SELECT now(6) AS captured_at, SCHEMA_NAME, DIGEST, DIGEST_TEXT, COUNT_STAR, SUM_TIMER_WAIT,
       MIN_TIMER_WAIT, AVG_TIMER_WAIT, MAX_TIMER_WAIT, SUM_LOCK_TIME, SUM_ERRORS, SUM_WARNINGS,
       SUM_ROWS_AFFECTED, SUM_ROWS_SENT, SUM_ROWS_EXAMINED, SUM_CREATED_TMP_DISK_TABLES,
       SUM_CREATED_TMP_TABLES, SUM_SELECT_FULL_JOIN, SUM_SELECT_SCAN, SUM_SORT_MERGE_PASSES,
       SUM_SORT_ROWS, SUM_NO_INDEX_USED, SUM_NO_GOOD_INDEX_USED, FIRST_SEEN, LAST_SEEN
FROM performance_schema.events_statements_summary_by_digest;

SELECT 'index usage' AS `--@querylens view`;
SELECT now(6) AS captured_at, OBJECT_SCHEMA, OBJECT_NAME, INDEX_NAME, COUNT_STAR, COUNT_READ,
       COUNT_WRITE, COUNT_FETCH
FROM performance_schema.table_io_waits_summary_by_index_usage
WHERE OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema');

SELECT 'user statistics' AS `--@querylens view`;
SELECT now(6) AS captured_at, s.* FROM information_schema.INDEX_STATISTICS s;

SELECT 'tables' AS `--@querylens view`;
SELECT now(6) AS captured_at, TABLE_SCHEMA, TABLE_NAME, ENGINE, ROW_FORMAT, TABLE_ROWS, DATA_LENGTH,
       INDEX_LENGTH, DATA_FREE, AUTO_INCREMENT, TABLE_COLLATION, CREATE_OPTIONS
FROM information_schema.TABLES
WHERE TABLE_TYPE = 'BASE TABLE'
  AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema');

SELECT 'columns' AS `--@querylens view`;
SELECT now(6) AS captured_at, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE,
       IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME, EXTRA, GENERATION_EXPRESSION
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION;

SELECT 'indexes' AS `--@querylens view`;
SELECT now(6) AS captured_at, s.* FROM information_schema.STATISTICS s
WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX;

SELECT 'keys' AS `--@querylens view`;
SELECT now(6) AS captured_at, CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME,
       ORDINAL_POSITION, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION;

SELECT 'processes' AS `--@querylens view`;
SELECT now(6) AS captured_at, ID, USER, DB, COMMAND, TIME, STATE
FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID();

SELECT 'innodb' AS `--@querylens view`;
SHOW ENGINE INNODB STATUS;

SELECT 'end' AS `--@querylens view`;
