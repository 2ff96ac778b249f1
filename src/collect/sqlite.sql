-- querylens: read-only collection for SQLite 3.
--
--   sqlite3 -readonly app.db < collect.sql > catalog.txt
--
-- It writes nothing and reads no row of a table of yours: the schema, sizes and what ANALYZE counted.
.bail off
.headers on
.mode csv
.print --@querylens view=meta
SELECT strftime('%Y-%m-%d %H:%M:%f+00', 'now') AS captured_at, sqlite_version() AS server_version,
       (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS size_bytes,
       (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode;
.print --@querylens view=sqlite_stat1
SELECT tbl, idx, stat FROM sqlite_stat1;
.print --@querylens view=sqlite_schema
SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type DESC, rowid;
.print --@querylens end
