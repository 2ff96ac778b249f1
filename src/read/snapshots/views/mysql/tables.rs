//! `information_schema`: TABLES, COLUMNS, KEY_COLUMN_USAGE.

use super::table_of;
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Definition, Identity, Origin, References, Size,
    TableKind, TableName, Told,
};
use crate::read::snapshots::views::{Rows, View};
use std::collections::BTreeMap;

/// How large tables are.
pub fn tables(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let Some(name) = table_of(&row) else { continue };
        let (data_bytes, index_bytes) = (row.count("data_length"), row.count("index_length"));
        let size = Size {
            rows: row.number("table_rows"),
            data_bytes,
            index_bytes,
            total_bytes: data_bytes.zip(index_bytes).map(|(data, indexes)| data + indexes),
            pages: None,
        };
        catalog.table(name).size = Some(Told::new(size, row.origin()));
    }
}

/// What columns tables have.
pub fn columns(rows: &Rows<'_>, catalog: &mut Catalog) {
    let mut tables: BTreeMap<TableName, (Vec<(u64, Column)>, Origin)> = BTreeMap::new();
    for row in rows.iter() {
        let (Some(name), Some(column)) = (table_of(&row), row.text("column_name")) else {
            continue;
        };
        let (columns, _) = tables.entry(name).or_insert_with(|| (Vec::new(), row.origin()));
        columns.push((row.count("ordinal_position").unwrap_or(0), described(&row, column)));
    }
    for (name, (mut columns, origin)) in tables {
        columns.sort_by_key(|(at, _)| *at);
        let definition = Definition {
            kind: TableKind::Table,
            columns: columns.into_iter().map(|(_, column)| column).collect(),
            ..Definition::default()
        };
        catalog.table(name).definition = Some(Told::new(definition, origin));
    }
}

fn described(row: &View<'_>, name: &str) -> Column {
    let extra = row.text("extra").unwrap_or_default().to_ascii_lowercase();
    Column {
        name: name.into(),
        type_name: row.text("column_type").unwrap_or_default().to_ascii_lowercase().into(),
        is_not_null: row.flag("is_nullable") == Some(false),
        default: row.text("column_default").map(Into::into),
        identity: extra.contains("auto_increment").then_some(Identity::AutoIncrement),
        generated: row.text("generation_expression").map(Into::into),
        collation: row.text("collation_name").map(Into::into),
    }
}

/// Primary, unique and foreign keys: one row for each column.
pub fn keys(rows: &Rows<'_>, catalog: &mut Catalog) {
    let mut all: BTreeMap<(TableName, &str), (Constraint, Origin)> = BTreeMap::new();
    let of_row: Vec<View<'_>> = rows.iter().collect();
    for row in &of_row {
        let (Some(table), Some(name), Some(column)) =
            (table_of(row), row.text("constraint_name"), row.text("column_name"))
        else {
            continue;
        };
        let (constraint, _) =
            all.entry((table, name)).or_insert_with(|| (constraint(row, name), row.origin()));
        constraint.columns.push(column.into());
        if let (ConstraintKind::Foreign(to), Some(column)) =
            (&mut constraint.kind, row.text("referenced_column_name"))
        {
            to.columns.push(column.into());
        }
    }
    for ((table, name), (constraint, origin)) in all {
        catalog.table(table).constraints.insert(name.into(), Told::new(constraint, origin));
    }
}

fn constraint(row: &View<'_>, name: &str) -> Constraint {
    let kind = match row.text("referenced_table_name") {
        Some(table) => ConstraintKind::Foreign(References {
            table: TableName::new(row.text("referenced_table_schema"), table),
            columns: Vec::new(),
            on_delete: None,
            on_update: None,
        }),
        None if name == "PRIMARY" => ConstraintKind::Primary,
        None => ConstraintKind::Unique,
    };
    Constraint { kind, columns: Vec::new(), is_validated: true }
}
