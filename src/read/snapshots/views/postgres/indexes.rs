//! `pg_stat_user_indexes` and `pg_indexes`, with what a query of one's own may put beside them.

use super::table_of;
use crate::model::catalog::{Catalog, Index, IndexActivity, Told, add_state};
use crate::read::snapshots::views::{Rows, View};

/// How indexes are used.
pub fn activity(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(table), Some(name)) = (table_of(&row), row.text("indexrelname")) else {
            continue;
        };
        let index = catalog.table(table).index(name);
        let activity = IndexActivity {
            scans: row.count("idx_scan"),
            rows_read: row.count("idx_tup_read"),
            last_scan: row.time("last_idx_scan"),
            since: row.time("stats_reset"),
        };
        let told = Told::new(activity, row.origin());
        add_state(&mut index.activity, row.node(), told);
        describe(&row, index);
    }
}

/// What indexes are.
pub fn definitions(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(table), Some(name)) = (table_of(&row), row.text("indexname")) else { continue };
        let table = catalog.table(table);
        table.indexes_are_told = true;
        describe(&row, table.index(name));
    }
}

/// What a row says of the index itself.
fn describe(row: &View<'_>, index: &mut Index) {
    let origin = row.origin();
    let bytes = ["index_bytes", "index_size", "pg_relation_size"];
    if let Some(bytes) = bytes.iter().find_map(|name| row.count(name)) {
        index.size_bytes = Some(Told::new(bytes, origin));
    }
    if let Some(is_valid) = row.flag("indisvalid") {
        index.is_invalid = Some(Told::new(!is_valid, origin));
    }
}
