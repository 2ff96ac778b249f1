//! `pg_stat_user_indexes` and `pg_indexes`, with what a query of one's own may put beside them.

use super::{of_statement, quoted, table_of};
use crate::model::catalog::{Catalog, IndexActivity, TableName, Told, add_state};
use crate::read::snapshots::views::{Rows, View};

/// How indexes are used.
pub fn activity(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(table), Some(name)) = (table_of(&row), row.text("indexrelname")) else {
            continue;
        };
        describe(&row, catalog, &table, name);
        let index = catalog.table(table).index(name);
        let activity = IndexActivity {
            scans: row.count("idx_scan"),
            rows_read: row.count("idx_tup_read"),
            last_scan: row.time("last_idx_scan"),
            since: row.time("stats_reset"),
        };
        let told = Told::new(activity, row.origin());
        add_state(&mut index.activity, row.node(), told);
    }
}

/// What indexes are.
pub fn definitions(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        if let (Some(table), Some(name)) = (table_of(&row), row.text("indexname")) {
            describe(&row, catalog, &table, name);
        }
    }
}

/// What a row says of the index itself.
fn describe(row: &View<'_>, catalog: &mut Catalog, table: &TableName, name: &str) {
    let origin = row.origin();
    let statement = row.text("indexdef");
    if let Some(statement) = statement {
        catalog.merge(of_statement(statement, origin));
    }
    let flag = |column: &str| row.flag(column) == Some(true);
    let table = catalog.table(table.clone());
    table.indexes_are_told |= statement.is_some();
    let index = table.index(name);
    if let Some(told) = &mut index.definition {
        let definition = &mut told.value;
        definition.is_unique |= flag("indisunique");
        definition.is_primary |= flag("indisprimary");
        definition.is_exclusion |= flag("indisexclusion");
        definition.is_replica_identity |= flag("indisreplident");
        definition.is_clustered |= flag("indisclustered");
        let constraint = row.text("conname").map(Into::into);
        definition.constraint = definition.constraint.take().or(constraint);
    }
    let bytes = ["index_bytes", "index_size", "pg_relation_size"];
    if let Some(bytes) = bytes.iter().find_map(|name| row.count(name)) {
        index.size_bytes = Some(Told::new(bytes, origin));
    }
    if let Some(is_valid) = row.flag("indisvalid") {
        index.is_invalid = Some(Told::new(!is_valid, origin));
    }
}

/// Constraints, as `querylens collect` asks for them.
pub fn constraints(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(table), Some(name), Some(definition)) =
            (table_of(&row), row.text("conname"), row.text("condef"))
        else {
            continue;
        };
        let schema = table.schema.as_deref().map(|schema| format!("{}.", quoted(schema)));
        let statement = format!(
            "ALTER TABLE ONLY {}{} ADD CONSTRAINT {} {definition};",
            schema.unwrap_or_default(),
            quoted(&table.name),
            quoted(name)
        );
        let mut told = of_statement(&statement, row.origin());
        // The index of a constraint is told by the view of indexes, as it is.
        told.tables.values_mut().for_each(|table| table.indexes.clear());
        catalog.merge(told);
    }
}
