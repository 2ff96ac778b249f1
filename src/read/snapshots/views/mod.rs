//! Views of servers: which one a result set is of, told by its columns, and what it says of the
//! catalog. A view is one line in [`VIEWS`], and a function in the file of its engine.
//!
//! Columns are found by name, never by place or version: servers add some, users select some.

mod mysql;
mod postgres;
mod rows;
mod sqlite;

pub use rows::{Rows, View};

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
    /// Adds what its rows say.
    pub read: fn(&Rows<'_>, &mut Catalog),
}

impl std::fmt::Debug for ViewReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every view that is read.
pub static VIEWS: &[ViewReader] = &[
    ViewReader {
        name: "pg_stat_user_tables",
        engine: Engine::Postgres,
        needs: &["relname", "seq_scan", "seq_tup_read"],
        read: postgres::tables::activity,
    },
    ViewReader {
        name: "pg_stat_user_indexes",
        engine: Engine::Postgres,
        needs: &["relname", "indexrelname", "idx_scan"],
        read: postgres::indexes::activity,
    },
    ViewReader {
        name: "pg_indexes",
        engine: Engine::Postgres,
        needs: &["tablename", "indexname", "indexdef"],
        read: postgres::indexes::definitions,
    },
    ViewReader {
        name: "pg_class",
        engine: Engine::Postgres,
        needs: &["relname", "reltuples"],
        read: postgres::tables::sizes,
    },
    ViewReader {
        name: "pg_stats",
        engine: Engine::Postgres,
        needs: &["tablename", "attname", "n_distinct"],
        read: postgres::tables::column_statistics,
    },
    ViewReader {
        name: "pg_settings",
        engine: Engine::Postgres,
        needs: &["name", "setting", "unit"],
        read: postgres::server::settings,
    },
    ViewReader {
        name: "pg_stat_database",
        engine: Engine::Postgres,
        needs: &["datname", "xact_commit", "blks_hit"],
        read: postgres::server::databases,
    },
    ViewReader {
        name: "querylens-meta",
        engine: Engine::Postgres,
        needs: &["captured_at", "server_version", "system_identifier"],
        read: postgres::server::state,
    },
    ViewReader {
        name: "information_schema.STATISTICS",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "index_name", "seq_in_index", "column_name"],
        read: mysql::indexes::statistics,
    },
    ViewReader {
        name: "SHOW INDEX",
        engine: Engine::Mysql,
        needs: &["table", "key_name", "seq_in_index", "column_name"],
        read: mysql::indexes::show_index,
    },
    ViewReader {
        name: "table_io_waits_summary_by_index_usage",
        engine: Engine::Mysql,
        needs: &["object_schema", "object_name", "index_name", "count_star", "count_read"],
        read: mysql::indexes::io_waits,
    },
    ViewReader {
        name: "INDEX_STATISTICS",
        engine: Engine::Mariadb,
        needs: &["table_schema", "table_name", "index_name", "rows_read"],
        read: mysql::indexes::user_statistics,
    },
    ViewReader {
        name: "information_schema.TABLES",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "engine", "table_rows", "data_length"],
        read: mysql::tables::tables,
    },
    ViewReader {
        name: "information_schema.COLUMNS",
        engine: Engine::Mysql,
        needs: &["table_schema", "table_name", "column_name", "ordinal_position", "column_type"],
        read: mysql::tables::columns,
    },
    ViewReader {
        name: "information_schema.KEY_COLUMN_USAGE",
        engine: Engine::Mysql,
        needs: &["constraint_name", "table_name", "column_name", "referenced_table_name"],
        read: mysql::tables::keys,
    },
    ViewReader {
        name: "SHOW STATUS or VARIABLES",
        engine: Engine::Mysql,
        needs: &["variable_name", "value"],
        read: mysql::server::variables,
    },
    ViewReader {
        name: "sqlite_stat1",
        engine: Engine::Sqlite,
        needs: &["tbl", "idx", "stat"],
        read: sqlite::statistics,
    },
];

/// The view that columns are of: the one with the most of them, the first of equals.
pub fn of_columns<'c>(
    columns: impl Iterator<Item = &'c str> + Clone,
) -> Option<&'static ViewReader> {
    let has = |needed: &&str| columns.clone().any(|column| column.eq_ignore_ascii_case(needed));
    let fits = VIEWS.iter().rev().filter(|view| view.needs.iter().all(has));
    fits.max_by_key(|view| view.needs.len())
}
