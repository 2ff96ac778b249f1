//! Which members of the document are rows of which view, and how their values become its cells.

use crate::read::snapshots::tabular::text_of;
use crate::time::Timestamp;
use serde_json::value::RawValue;

/// How a member's value becomes a cell.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum As {
    /// As it is.
    Plain,
    /// Seconds since 1970; 0 is never.
    Time,
    /// Bytes; -1 is unknown.
    Bytes,
}

/// A list of the document whose objects are rows of a view.
pub(super) struct List {
    /// The member that holds it.
    pub member: &'static str,
    /// The view.
    pub view: &'static str,
    /// Its members and the view's columns.
    pub columns: &'static [(&'static str, &'static str, As)],
}

/// The column of tables and indexes that says which database they are in.
pub(super) const DATABASE: &str = "datname";
/// The list of indexes.
pub(super) const INDEXES: &str = "indexes";
/// The list of statements.
pub(super) const STATEMENTS: &str = "statements";

/// Lists, and objects that are a list of one.
pub(super) static LISTS: &[List] = &[
    List {
        member: "tables",
        view: "pg_stat_user_tables",
        columns: &[
            ("db_name", DATABASE, As::Plain),
            ("schema_name", "schemaname", As::Plain),
            ("name", "relname", As::Plain),
            ("seq_scan", "seq_scan", As::Plain),
            ("seq_tup_read", "seq_tup_read", As::Plain),
            ("idx_scan", "idx_scan", As::Plain),
            ("idx_tup_fetch", "idx_tup_fetch", As::Plain),
            ("n_tup_ins", "n_tup_ins", As::Plain),
            ("n_tup_upd", "n_tup_upd", As::Plain),
            ("n_tup_del", "n_tup_del", As::Plain),
            ("n_tup_hot_upd", "n_tup_hot_upd", As::Plain),
            ("n_live_tup", "n_live_tup", As::Plain),
            ("n_dead_tup", "n_dead_tup", As::Plain),
            ("n_mod_since_analyze", "n_mod_since_analyze", As::Plain),
            ("last_vacuum", "last_vacuum", As::Time),
            ("last_autovacuum", "last_autovacuum", As::Time),
            ("last_analyze", "last_analyze", As::Time),
            ("last_autoanalyze", "last_autoanalyze", As::Time),
            ("last_seq_scan", "last_seq_scan", As::Time),
            ("size", "table_bytes", As::Bytes),
        ],
    },
    List {
        member: INDEXES,
        view: "pg_stat_user_indexes",
        columns: &[
            ("db_name", DATABASE, As::Plain),
            ("schema_name", "schemaname", As::Plain),
            ("table_name", "relname", As::Plain),
            ("name", "indexrelname", As::Plain),
            ("", "indisprimary", As::Plain),
            ("idx_scan", "idx_scan", As::Plain),
            ("idx_tup_read", "idx_tup_read", As::Plain),
            ("last_idx_scan", "last_idx_scan", As::Time),
            ("def", "indexdef", As::Plain),
            ("size", "index_bytes", As::Bytes),
        ],
    },
    List {
        member: STATEMENTS,
        view: "pg_stat_statements",
        columns: &[
            ("toplevel", "toplevel", As::Plain),
            ("query", "query", As::Plain),
            ("", "query_is_cut", As::Plain),
            ("useroid", "userid", As::Plain),
            ("user", "rolname", As::Plain),
            ("db_oid", "dbid", As::Plain),
            ("db_name", "datname", As::Plain),
            ("queryid", "queryid", As::Plain),
            ("calls", "calls", As::Plain),
            ("total_time", "total_exec_time", As::Plain),
            ("min_time", "min_exec_time", As::Plain),
            ("max_time", "max_exec_time", As::Plain),
            ("stddev_time", "stddev_exec_time", As::Plain),
            ("rows", "rows", As::Plain),
        ],
    },
    List {
        member: "databases",
        view: "pg_stat_database",
        columns: &[
            ("name", DATABASE, As::Plain),
            ("stats_reset", "stats_reset", As::Time),
            ("numbackends", "numbackends", As::Plain),
            ("xact_commit", "xact_commit", As::Plain),
            ("xact_rollback", "xact_rollback", As::Plain),
            ("blks_read", "blks_read", As::Plain),
            ("blks_hit", "blks_hit", As::Plain),
            ("tup_returned", "tup_returned", As::Plain),
            ("tup_fetched", "tup_fetched", As::Plain),
            ("conflicts", "conflicts", As::Plain),
            ("temp_files", "temp_files", As::Plain),
            ("temp_bytes", "temp_bytes", As::Plain),
            ("deadlocks", "deadlocks", As::Plain),
            ("session_time", "session_time", As::Plain),
            ("active_time", "active_time", As::Plain),
            ("idle_in_transaction_time", "idle_in_transaction_time", As::Plain),
            ("sessions", "sessions", As::Plain),
            ("sessions_abandoned", "sessions_abandoned", As::Plain),
        ],
    },
    List {
        member: "bg_writer",
        view: "pg_stat_bgwriter",
        columns: &[
            ("checkpoints_timed", "checkpoints_timed", As::Plain),
            ("checkpoints_req", "checkpoints_req", As::Plain),
            ("buffers_checkpoint", "buffers_checkpoint", As::Plain),
            ("buffers_backend", "buffers_backend", As::Plain),
            ("maxwritten_clean", "maxwritten_clean", As::Plain),
        ],
    },
    List {
        member: "checkpointer",
        view: "pg_stat_checkpointer",
        columns: &[
            ("num_timed", "num_timed", As::Plain),
            ("num_requested", "num_requested", As::Plain),
            ("buffers_written", "buffers_written", As::Plain),
        ],
    },
];

/// Units that `pg_settings` has for settings, which pgmetrics leaves out: those that reports weigh.
pub(super) const UNITS: [(&str, &str); 22] = [
    ("autovacuum_naptime", "s"),
    ("autovacuum_vacuum_cost_delay", "ms"),
    ("autovacuum_work_mem", "kB"),
    ("checkpoint_timeout", "s"),
    ("deadlock_timeout", "ms"),
    ("effective_cache_size", "8kB"),
    ("idle_in_transaction_session_timeout", "ms"),
    ("lock_timeout", "ms"),
    ("log_autovacuum_min_duration", "ms"),
    ("log_min_duration_sample", "ms"),
    ("log_min_duration_statement", "ms"),
    ("log_temp_files", "kB"),
    ("maintenance_work_mem", "kB"),
    ("max_wal_size", "MB"),
    ("min_wal_size", "MB"),
    ("shared_buffers", "8kB"),
    ("statement_timeout", "ms"),
    ("temp_buffers", "8kB"),
    ("temp_file_limit", "kB"),
    ("track_activity_query_size", "B"),
    ("wal_buffers", "8kB"),
    ("work_mem", "kB"),
];

/// A value as a cell of a view.
pub(super) fn cell(value: &RawValue, how: As) -> Option<Box<str>> {
    let text = text_of(value)?;
    match how {
        As::Plain => Some(text),
        As::Time => {
            let seconds = text.parse::<i64>().ok().filter(|seconds| *seconds > 0)?;
            Some(Timestamp(seconds.checked_mul(1_000_000)?).rfc3339().into())
        }
        As::Bytes => (!text.starts_with('-')).then_some(text),
    }
}
