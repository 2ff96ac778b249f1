//! Views of servers: which one a result set is of, told by its columns, and what it says of the
//! catalog. A view is one line in [`VIEWS`], and a function in the file of its engine.
//!
//! Columns are found by name, never by place or version: servers add some, users select some.

pub mod ambiguous;
mod counted;
pub mod generations;
mod mysql;
mod pgbouncer;
mod postgres;
mod proxysql;
mod rows;
mod sqlite;
mod statement;
mod waits;

pub use rows::{Rows, View};
pub use statement::{LeftOut, Statement, StatementRow};

use crate::model::catalog::Catalog;
use crate::model::event::Engine;

/// What is read of a view.
pub struct ViewReader {
    /// Its name, as `--as` and reports have it.
    pub name: &'static str,
    /// The engine whose view it is.
    pub engine: Engine,
    /// The columns that tell it from all others, in lower case.
    pub needs: &'static [&'static str],
    /// What its rows say.
    pub read: Read,
}

/// How rows of a view are read.
#[derive(Clone, Copy)]
pub enum Read {
    /// They say something of the catalog.
    Catalog(fn(&Rows<'_>, &mut Catalog)),
    /// Each is a statement with its counters, or says why it is none.
    Statement(for<'r> fn(&View<'r>) -> StatementRow<'r>),
    /// Each holds an output of InnoDB's monitor in its column `status`.
    InnodbStatus,
}

impl std::fmt::Debug for ViewReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every view that is read.
pub static VIEWS: &[ViewReader] = &[
    ViewReader {
        name: "pg_stat_statements",
        engine: Engine::Postgres,
        needs: &["queryid", "query", "calls", "rows"],
        read: Read::Statement(postgres::statements::row),
    },
    ViewReader {
        name: "pg_stat_user_tables",
        engine: Engine::Postgres,
        needs: &["relname", "seq_scan", "seq_tup_read"],
        read: Read::Catalog(postgres::tables::activity),
    },
    ViewReader {
        name: "pg_stat_user_indexes",
        engine: Engine::Postgres,
        needs: &["relname", "indexrelname", "idx_scan"],
        read: Read::Catalog(postgres::indexes::activity),
    },
    ViewReader {
        name: "pg_indexes",
        engine: Engine::Postgres,
        needs: &["tablename", "indexname", "indexdef"],
        read: Read::Catalog(postgres::indexes::definitions),
    },
    ViewReader {
        name: "pg_class",
        engine: Engine::Postgres,
        needs: &["relname", "reltuples"],
        read: Read::Catalog(postgres::tables::sizes),
    },
    ViewReader {
        name: "columns",
        engine: Engine::Postgres,
        needs: &["relname", "attname", "column_type"],
        read: Read::Catalog(postgres::tables::columns),
    },
    ViewReader {
        name: "pg_constraint",
        engine: Engine::Postgres,
        needs: &["relname", "conname", "condef"],
        read: Read::Catalog(postgres::indexes::constraints),
    },
    ViewReader {
        name: "pg_sequences",
        engine: Engine::Postgres,
        needs: &["sequencename", "last_value"],
        read: Read::Catalog(postgres::tables::sequences),
    },
    ViewReader {
        name: "pg_stats",
        engine: Engine::Postgres,
        needs: &["tablename", "attname", "n_distinct"],
        read: Read::Catalog(postgres::tables::column_statistics),
    },
    ViewReader {
        name: "pg_settings",
        engine: Engine::Postgres,
        needs: &["name", "setting", "unit"],
        read: Read::Catalog(postgres::server::settings),
    },
    ViewReader {
        name: "pg_stat_database",
        engine: Engine::Postgres,
        needs: &["datname", "xact_commit", "blks_hit"],
        read: Read::Catalog(postgres::server::databases),
    },
    ViewReader {
        name: "pg_stat_bgwriter",
        engine: Engine::Postgres,
        needs: &["checkpoints_timed", "buffers_checkpoint"],
        read: Read::Catalog(postgres::server::checkpoints),
    },
    ViewReader {
        name: "pg_stat_checkpointer",
        engine: Engine::Postgres,
        needs: &["num_timed", "num_requested", "buffers_written"],
        read: Read::Catalog(postgres::server::checkpoints),
    },
    ViewReader {
        name: "pg_stat_statements_info",
        engine: Engine::Postgres,
        needs: &["dealloc", "stats_reset"],
        read: Read::Catalog(postgres::server::evictions),
    },
    ViewReader {
        name: "querylens-meta",
        engine: Engine::Postgres,
        needs: &["captured_at", "server_version", "system_identifier"],
        read: Read::Catalog(postgres::server::state),
    },
    ViewReader {
        name: "events_statements_summary_by_digest",
        engine: Engine::Mysql,
        needs: &["digest", "digest_text", "count_star", "sum_timer_wait"],
        read: Read::Statement(mysql::statements::digest),
    },
    ViewReader {
        name: "sys.statement_analysis",
        engine: Engine::Mysql,
        needs: &["query", "db", "exec_count", "total_latency"],
        read: Read::Statement(mysql::statements::analysis),
    },
    ViewReader {
        name: "meta",
        engine: Engine::Mysql,
        needs: &["captured_at", "server_version", "read_only"],
        read: Read::Catalog(mysql::server::state),
    },
    ViewReader {
        name: "sys.schema_unused_indexes",
        engine: Engine::Mysql,
        needs: &["object_schema", "object_name", "index_name"],
        read: Read::Catalog(mysql::indexes::unused),
    },
    ViewReader {
        name: "sys.schema_redundant_indexes",
        engine: Engine::Mysql,
        needs: &[
            "table_name",
            "redundant_index_name",
            "redundant_index_columns",
            "dominant_index_name",
        ],
        read: Read::Catalog(mysql::indexes::redundant),
    },
    ViewReader {
        name: "information_schema.STATISTICS",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "index_name", "seq_in_index", "column_name"],
        read: Read::Catalog(mysql::indexes::statistics),
    },
    ViewReader {
        name: "SHOW INDEX",
        engine: Engine::Mysql,
        needs: &["table", "key_name", "seq_in_index", "column_name"],
        read: Read::Catalog(mysql::indexes::show_index),
    },
    ViewReader {
        name: "table_io_waits_summary_by_index_usage",
        engine: Engine::Mysql,
        needs: &["object_schema", "object_name", "index_name", "count_star", "count_read"],
        read: Read::Catalog(mysql::indexes::io_waits),
    },
    ViewReader {
        name: "INDEX_STATISTICS",
        engine: Engine::Mariadb,
        needs: &["table_schema", "table_name", "index_name", "rows_read"],
        read: Read::Catalog(mysql::indexes::user_statistics),
    },
    ViewReader {
        name: "information_schema.TABLES",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "engine", "table_rows", "data_length"],
        read: Read::Catalog(mysql::tables::tables),
    },
    ViewReader {
        name: "information_schema.COLUMNS",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "column_name", "ordinal_position", "column_type"],
        read: Read::Catalog(mysql::tables::columns),
    },
    ViewReader {
        name: "information_schema.KEY_COLUMN_USAGE",
        engine: Engine::Mysql,
        needs: &["constraint_name", "table_name", "column_name", "referenced_table_name"],
        read: Read::Catalog(mysql::tables::keys),
    },
    ViewReader {
        name: "SHOW STATUS or VARIABLES",
        engine: Engine::Mysql,
        needs: &["variable_name", "value"],
        read: Read::Catalog(mysql::server::variables),
    },
    ViewReader {
        name: "pg_stat_activity",
        engine: Engine::Postgres,
        needs: &["pid", "state", "wait_event"],
        read: Read::Catalog(postgres::sessions::activity),
    },
    ViewReader {
        name: "pg_pid_wait",
        engine: Engine::Postgres,
        needs: &["itr", "pid", "wait_event"],
        read: Read::Catalog(postgres::sessions::gathered),
    },
    ViewReader {
        name: "pg_replication_slots",
        engine: Engine::Postgres,
        needs: &["slot_name", "slot_type", "active"],
        read: Read::Catalog(postgres::server::slots),
    },
    ViewReader {
        name: "pg_stat_replication",
        engine: Engine::Postgres,
        needs: &["client_addr", "state", "sent_lsn", "sync_state"],
        read: Read::Catalog(postgres::server::replicas),
    },
    ViewReader {
        name: "pg_stat_wal",
        engine: Engine::Postgres,
        needs: &["wal_records", "wal_fpi", "wal_bytes", "wal_buffers_full"],
        read: Read::Catalog(postgres::server::wal),
    },
    ViewReader {
        name: "pg_stat_archiver",
        engine: Engine::Postgres,
        needs: &["archived_count", "failed_count", "last_failed_wal"],
        read: Read::Catalog(postgres::server::archiver),
    },
    ViewReader {
        name: "pg_locks",
        engine: Engine::Postgres,
        needs: &["locktype", "mode", "granted", "pid"],
        read: Read::Catalog(postgres::server::locks),
    },
    ViewReader {
        name: "information_schema.PROCESSLIST",
        engine: Engine::Mysql,
        needs: &["id", "user", "host", "db", "command", "time", "state", "info"],
        read: Read::Catalog(mysql::sessions::processes),
    },
    ViewReader {
        name: "sys.innodb_lock_waits",
        engine: Engine::Mysql,
        needs: &["locked_type", "waiting_pid", "waiting_query", "blocking_pid", "blocking_query"],
        read: Read::Catalog(mysql::sessions::lock_waits),
    },
    ViewReader {
        name: "pt-stalk lock-waits",
        engine: Engine::Mysql,
        needs: &["waiting_thread", "waiting_query", "blocking_thread", "blocking_query"],
        read: Read::Catalog(mysql::sessions::lock_waits),
    },
    ViewReader {
        name: "pt-stalk lock-waits: blockers",
        engine: Engine::Mysql,
        needs: &["who_blocks", "idle_in_trx", "max_wait_time", "num_waiters"],
        read: Read::Catalog(mysql::server::blockers),
    },
    ViewReader {
        name: "data_lock_waits",
        engine: Engine::Mysql,
        needs: &["requesting_engine_transaction_id", "blocking_engine_transaction_id"],
        read: Read::Catalog(mysql::server::row_lock_waits),
    },
    ViewReader {
        name: "INNODB_LOCK_WAITS",
        engine: Engine::Mysql,
        needs: &["requesting_trx_id", "blocking_trx_id"],
        read: Read::Catalog(mysql::server::row_lock_waits),
    },
    ViewReader {
        name: "INNODB_TRX",
        engine: Engine::Mysql,
        needs: &["trx_id", "trx_state"],
        read: Read::Catalog(mysql::server::transactions),
    },
    ViewReader {
        name: "GLOBAL_STATUS",
        engine: Engine::Mysql,
        needs: &["variable_name", "variable_value"],
        read: Read::Catalog(mysql::server::variables),
    },
    ViewReader {
        name: "meta",
        engine: Engine::Sqlite,
        needs: &["captured_at", "server_version", "journal_mode"],
        read: Read::Catalog(sqlite::state),
    },
    ViewReader {
        name: "sqlite_schema",
        engine: Engine::Sqlite,
        needs: &["type", "name", "tbl_name", "sql"],
        read: Read::Catalog(sqlite::schema),
    },
    ViewReader {
        name: "sqlite_stat1",
        engine: Engine::Sqlite,
        needs: &["tbl", "idx", "stat"],
        read: Read::Catalog(sqlite::statistics),
    },
    ViewReader {
        name: "SHOW ENGINE STATUS",
        engine: Engine::Mysql,
        needs: &["type", "name", "status"],
        read: Read::InnodbStatus,
    },
];

/// Every view of a pooler that is read.
static OF_POOLER: &[ViewReader] = &[
    ViewReader {
        name: "SHOW POOLS",
        engine: Engine::Postgres,
        needs: &["database", "user", "cl_active", "cl_waiting", "sv_active"],
        read: Read::Catalog(pgbouncer::pools),
    },
    ViewReader {
        name: "SHOW DATABASES",
        engine: Engine::Postgres,
        needs: &["name", "host", "port", "database", "pool_size"],
        read: Read::Catalog(pgbouncer::databases),
    },
    ViewReader {
        name: "SHOW STATS",
        engine: Engine::Postgres,
        needs: &["database", "total_received", "total_sent", "total_query_time"],
        read: Read::Catalog(pgbouncer::stats),
    },
    ViewReader {
        name: "SHOW CONFIG",
        engine: Engine::Postgres,
        needs: &["key", "value", "changeable"],
        read: Read::Catalog(pgbouncer::config),
    },
    ViewReader {
        name: "stats_mysql_connection_pool",
        engine: Engine::Mysql,
        needs: &["hostgroup", "srv_host", "status", "connused", "connfree"],
        read: Read::Catalog(proxysql::pools),
    },
];

/// Whether a view is a pooler's.
pub fn is_of_pooler(view: &ViewReader) -> bool {
    OF_POOLER.iter().any(|one| std::ptr::eq(one, view))
}

/// The view of a name that an engine has.
pub fn named(engine: Engine, name: &str) -> Option<&'static ViewReader> {
    VIEWS.iter().find(|view| view.engine == engine && view.name == name)
}

/// The view of a name in any case of letters, or of the part of a name behind its last point.
pub fn by_name(name: &str) -> Option<&'static ViewReader> {
    let is_it = |view: &&ViewReader| {
        let last = view.name.rsplit('.').next().unwrap_or(view.name);
        view.name.eq_ignore_ascii_case(name) || last.eq_ignore_ascii_case(name)
    };
    VIEWS.iter().chain(OF_POOLER).find(is_it)
}

/// The view that columns are of: the one with the most of them, the first of equals.
pub fn of_columns<'c>(
    columns: impl Iterator<Item = &'c str> + Clone,
) -> Option<&'static ViewReader> {
    let has = |needed: &&str| columns.clone().any(|column| column.eq_ignore_ascii_case(needed));
    let fits = VIEWS.iter().chain(OF_POOLER).rev().filter(|view| view.needs.iter().all(has));
    fits.max_by_key(|view| view.needs.len())
}
