//! SQLite's `sqlite_stat1`: rows of tables, and how many rows share the prefixes of each index.

use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Catalog, ServerState, Size, TableName, Told};
use crate::read::snapshots::ddl::draft::Draft;
use crate::read::snapshots::ddl::statement::read_statement;
use crate::read::snapshots::views::Rows;

/// How many rows tables have.
pub fn statistics(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(table), Some(stat)) = (row.text("tbl"), row.text("stat")) else { continue };
        let Some(count) = stat.split(' ').next().and_then(|count| count.parse::<f64>().ok()) else {
            continue;
        };
        let table = catalog.table(TableName::new(None, table));
        let size = Size { rows: Some(count), ..Size::default() };
        table.size = Some(Told::new(size, row.origin()));
        if let Some(index) = row.text("idx") {
            table.index(index);
        }
    }
}

/// What a snapshot says of the database.
pub fn state(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let version = row.text("server_version").map(Into::into);
        let state = ServerState { version, ..ServerState::default() };
        catalog.server = Some(Told::new(state, row.origin()));
    }
}

/// `sqlite_schema`: the statements that made tables and indexes, in their order.
pub fn schema(rows: &Rows<'_>, catalog: &mut Catalog) {
    let mut draft = Draft::new(Dialect::Sqlite);
    for row in rows.iter() {
        let statement = row.text("sql").unwrap_or_default();
        for change in read_statement(statement, Dialect::Sqlite).unwrap_or_default() {
            draft.apply(change, row.origin());
        }
    }
    catalog.merge(draft.finish());
}
