//! Read-only catalog queries that a fix begins with, where a log alone cannot decide. They run on
//! every supported version (12 and later) with no more rights than reading the table.

use super::ident::{literal, regclass, unquoted};

/// The indexes that a table has, with their definitions.
pub fn indexes_of(table: &str) -> String {
    format!(
        "SELECT indexrelid::regclass AS index, indisvalid AS valid, \
         pg_get_indexdef(indexrelid) AS definition\n\
         FROM pg_index WHERE indrelid = {};",
        regclass(table)
    )
}

/// The columns of a table with their types and average widths in bytes, widest first.
pub fn widths_of(table: &str) -> String {
    let table = regclass(table);
    format!(
        "SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, \
         s.avg_width AS avg_width_bytes\n\
         FROM pg_attribute a\n\
         JOIN pg_class c ON c.oid = a.attrelid\n\
         JOIN pg_namespace n ON n.oid = c.relnamespace\n\
         LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname \
         AND s.attname = a.attname\n\
         WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped\n\
         ORDER BY s.avg_width DESC NULLS LAST, a.attnum;"
    )
}

/// Whether columns, given with their tables, are declared NOT NULL.
pub fn not_null(columns: &[(&str, &str)]) -> String {
    let wanted: Vec<_> = columns
        .iter()
        .map(|(table, column)| format!("({}, {})", regclass(table), literal(&unquoted(column))))
        .collect();
    format!(
        "SELECT attrelid::regclass AS table, attname AS column, attnotnull AS not_null\n\
         FROM pg_attribute WHERE (attrelid::regclass, attname) IN ({});",
        wanted.join(", ")
    )
}

/// The values of settings.
pub fn settings(names: &[&str]) -> String {
    format!("SELECT name, setting, unit FROM pg_settings WHERE name IN ({});", constants(names))
}

/// Where settings are set: on the server, and for databases and roles.
pub fn where_set(names: &[&str]) -> String {
    let patterns: Vec<_> = names.iter().map(|name| format!("'{name}=%'")).collect();
    format!(
        "SELECT name, setting, source, sourcefile FROM pg_settings WHERE name IN ({});\n\
         SELECT d.datname, r.rolname, s.setconfig FROM pg_db_role_setting s\n\
         LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole\n\
         WHERE EXISTS (SELECT FROM unnest(s.setconfig) AS one WHERE one LIKE ANY (ARRAY[{}]));",
        constants(names),
        patterns.join(", ")
    )
}

fn constants(texts: &[&str]) -> String {
    texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", ")
}

/// Functions outside the system's own schemas that keep a statement from parallel workers.
pub fn parallel_unsafe_functions() -> String {
    "SELECT p.oid::regprocedure AS function, p.proparallel\n\
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace\n\
     WHERE p.proparallel <> 's' AND n.nspname NOT IN ('pg_catalog', 'information_schema');"
        .to_owned()
}

/// The size of a table beside the memory for blocks.
pub fn size_and_memory(table: &str) -> String {
    format!(
        "SELECT pg_size_pretty(pg_table_size({})) AS table_size, \
         current_setting('shared_buffers') AS shared_buffers, \
         current_setting('effective_cache_size') AS effective_cache_size;",
        regclass(table)
    )
}

/// The partitioned table that a partition belongs to, and its key.
pub fn partition_key(partition: &str) -> String {
    format!(
        "SELECT inhparent::regclass AS partitioned_table, pg_get_partkeydef(inhparent) AS key\n\
         FROM pg_inherits WHERE inhrelid = {};",
        regclass(partition)
    )
}

/// The foreign keys of a name, with the statement that indexes the referring columns of each.
pub fn index_for_foreign_key(constraint: &str) -> String {
    format!(
        "SELECT c.conrelid::regclass AS referring_table, pg_get_constraintdef(c.oid) AS definition,\n       \
         format('CREATE INDEX CONCURRENTLY ON %s (%s);', c.conrelid::regclass, \
         string_agg(quote_ident(a.attname), ', ' ORDER BY k.position)) AS create_index\n\
         FROM pg_constraint c\n\
         CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, position)\n\
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number\n\
         WHERE c.contype = 'f' AND c.conname = {} GROUP BY c.oid, c.conrelid;",
        literal(constraint)
    )
}

/// Who waits for a lock just now, for whom, and since when.
pub fn blocked_sessions() -> String {
    "SELECT a.pid, pg_blocking_pids(a.pid) AS blocked_by, a.state, now() - a.xact_start AS open_for, \
     a.wait_event_type, left(a.query, 80) AS query\n\
     FROM pg_stat_activity a\n\
     WHERE cardinality(pg_blocking_pids(a.pid)) > 0\n   \
     OR a.pid IN (SELECT unnest(pg_blocking_pids(b.pid)) FROM pg_stat_activity b)\n\
     ORDER BY a.xact_start;"
        .to_owned()
}

/// Everything that may keep dead rows from being removed: old transactions, prepared ones, slots.
pub fn old_snapshots() -> String {
    "SELECT 'session ' || pid AS holder, age(coalesce(backend_xmin, backend_xid)) AS age, \
     now() - xact_start AS open_for\n\
     FROM pg_stat_activity WHERE backend_xmin IS NOT NULL OR backend_xid IS NOT NULL\n\
     UNION ALL\n\
     SELECT 'prepared ' || gid, age(transaction), now() - prepared FROM pg_prepared_xacts\n\
     UNION ALL\n\
     SELECT 'slot ' || slot_name, greatest(age(xmin), age(catalog_xmin)), NULL\n\
     FROM pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL\n\
     ORDER BY age DESC;"
        .to_owned()
}

/// The sessions by role, application and state, with how long the oldest has been in it.
pub fn sessions() -> String {
    "SELECT usename, application_name, state, count(*), max(now() - state_change) AS longest\n\
     FROM pg_stat_activity WHERE backend_type = 'client backend'\n\
     GROUP BY usename, application_name, state ORDER BY count(*) DESC;"
        .to_owned()
}

/// The ten statements that wrote most to temporary files.
pub fn spilling_statements() -> String {
    statements_by("temp_blks_written")
}

/// The ten statements that read most from outside of shared buffers.
pub fn reading_statements() -> String {
    statements_by("shared_blks_read")
}

fn statements_by(column: &str) -> String {
    format!(
        "SELECT queryid, calls, {column}, left(query, 80) AS query\n\
         FROM pg_stat_statements ORDER BY {column} DESC LIMIT 10;"
    )
}

/// Transactions that are open just now, the oldest first, with what their sessions ran last.
pub fn open_transactions() -> String {
    "SELECT pid, usename, application_name, state, now() - xact_start AS open_for, \
     now() - state_change AS in_state_for, left(query, 80) AS query\n\
     FROM pg_stat_activity WHERE xact_start IS NOT NULL AND backend_type = 'client backend'\n\
     ORDER BY xact_start;"
        .to_owned()
}

/// How far each database is from the limit of transaction ids.
pub fn transaction_ages() -> String {
    "SELECT datname, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS mxid_age\n\
     FROM pg_database ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC;"
        .to_owned()
}

/// The tables of the current database whose rows are oldest.
pub fn oldest_tables() -> String {
    "SELECT oid::regclass AS table, age(relfrozenxid) AS xid_age, mxid_age(relminmxid) AS mxid_age\n\
     FROM pg_class WHERE relkind IN ('r', 'm', 't') AND relfrozenxid <> '0'::xid\n\
     ORDER BY age(relfrozenxid) DESC LIMIT 20;"
        .to_owned()
}

/// What the archiver did last, and how much WAL waits.
pub fn archiver() -> String {
    "SELECT archived_count, last_archived_time, failed_count, last_failed_wal, last_failed_time\n\
     FROM pg_stat_archiver;\n\
     SELECT count(*) AS files, pg_size_pretty(sum(size)) AS size FROM pg_ls_waldir();"
        .to_owned()
}
