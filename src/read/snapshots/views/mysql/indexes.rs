//! `STATISTICS` and `SHOW INDEX`, and how indexes are used: `table_io_waits_summary_by_index_usage`
//! and MariaDB's `INDEX_STATISTICS`.

use super::table_of;
use crate::model::catalog::{
    Catalog, INDEXES_LISTED, IndexActivity, IndexDefinition, IndexKey, KeyPart, Origin, TableName,
    Told, add_state, keep_later,
};
use crate::read::snapshots::views::{Rows, View};
use std::collections::BTreeMap;

/// `information_schema.STATISTICS`: one row for each key of each index.
pub fn statistics(rows: &Rows<'_>, catalog: &mut Catalog) {
    read(rows, catalog, "index_name");
}

/// `SHOW INDEX`.
pub fn show_index(rows: &Rows<'_>, catalog: &mut Catalog) {
    read(rows, catalog, "key_name");
}

fn read(rows: &Rows<'_>, catalog: &mut Catalog, named: &str) {
    let mut indexes: BTreeMap<(TableName, &str), (IndexDefinition, Origin)> = BTreeMap::new();
    let of_row: Vec<View<'_>> = rows.iter().collect();
    for row in &of_row {
        let (Some(table), Some(name)) = (table_of(row), row.text(named)) else { continue };
        let (index, _) =
            indexes.entry((table, name)).or_insert_with(|| (definition(row, name), row.origin()));
        index.keys.extend(key(row));
    }
    for ((table, name), (definition, origin)) in indexes {
        let table = catalog.table(table);
        table.indexes_are_told = true;
        table.index(name).definition = Some(Told::new(definition, origin));
    }
}

/// The index of a row, without its keys.
fn definition(row: &View<'_>, name: &str) -> IndexDefinition {
    IndexDefinition {
        method: row.text("index_type").unwrap_or("btree").to_ascii_lowercase().into(),
        is_unique: row.count("non_unique") == Some(0),
        is_primary: name == "PRIMARY",
        is_visible: row
            .flag("is_visible")
            .or_else(|| row.flag("visible"))
            .or_else(|| row.flag("ignored").map(|ignored| !ignored))
            .unwrap_or(true),
        ..IndexDefinition::default()
    }
}

fn key(row: &View<'_>) -> Option<IndexKey> {
    let part = match (row.text("column_name"), row.text("expression")) {
        (Some(column), _) => KeyPart::Column(column.into()),
        (None, Some(expression)) => KeyPart::Expression(expression.into()),
        (None, None) => return None,
    };
    Some(IndexKey {
        part,
        is_descending: row.text("collation") == Some("D"),
        nulls: None,
        operator_class: None,
        collation: None,
        prefix_length: row.count("sub_part").and_then(|length| u32::try_from(length).ok()),
    })
}

/// `table_io_waits_summary_by_index_usage`: reads by index. Its writes say nothing of what an index
/// costs, and the row without an index is that of full scans and of all inserts.
pub fn io_waits(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        add_use(&row, catalog, row.count("count_read"));
    }
}

/// MariaDB's `INDEX_STATISTICS`: an index that was not used has no row. Where there are rows at all,
/// the server counts; how many there are tells those who know all indexes.
pub fn user_statistics(rows: &Rows<'_>, catalog: &mut Catalog) {
    let mut listed: Option<Told<f64>> = None;
    for row in rows.iter() {
        add_use(&row, catalog, row.count("rows_read"));
        listed.get_or_insert_with(|| Told::new(0.0, row.origin())).value += 1.0;
    }
    if let Some(listed) = listed {
        add_state(&mut catalog.counters, INDEXES_LISTED.into(), listed);
    }
}

fn add_use(row: &View<'_>, catalog: &mut Catalog, scans: Option<u64>) {
    let (Some(table), Some(name)) = (table_of(row), row.text("index_name")) else { return };
    let activity = IndexActivity { scans, rows_read: scans, ..IndexActivity::default() };
    let told = Told::new(activity, row.origin());
    let index = catalog.table(table).index(name);
    add_state(&mut index.activity, row.node(), told);
}

/// `sys.schema_unused_indexes`: indexes that nothing was read by since the server started.
pub fn unused(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        add_use(&row, catalog, Some(0));
    }
}

/// `sys.schema_redundant_indexes`: both indexes of a row. Lengths of prefixes are not in it, so an
/// index of which it says that there are some is left out.
pub fn redundant(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let Some(table) = table_of(&row) else { continue };
        if row.flag("subpart_exists") == Some(true) {
            continue;
        }
        for which in ["redundant", "dominant"] {
            let name = row.text(&format!("{which}_index_name"));
            let columns = row.text(&format!("{which}_index_columns"));
            let (Some(name), Some(columns)) = (name, columns) else { continue };
            let definition = IndexDefinition {
                keys: columns.split(',').map(|column| IndexKey::column(column.trim())).collect(),
                is_unique: row.count(&format!("{which}_index_non_unique")) == Some(0),
                is_primary: name == "PRIMARY",
                ..IndexDefinition::default()
            };
            let told = Some(Told::new(definition, row.origin()));
            keep_later(&mut catalog.table(table.clone()).index(name).definition, told);
        }
    }
}
