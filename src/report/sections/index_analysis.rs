//! Index Analysis: which indexes should be built or dropped, in one table each, or what to collect to
//! say so.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::types::{ListedIndex, Report};
use crate::report::{engines, escape};

/// Rows of one list; what is left out is in JSON.
const MAX_ROWS: usize = 30;
/// Characters of a name in a table.
const MAX_CELL: usize = 80;

/// Writes the part.
pub fn write(report: &Report, out: &mut String) {
    heading(out, 3, "Index Analysis");
    let indexes = &report.indexes;
    let lists = [
        ("To be built", &indexes.missing),
        ("Foreign keys without an index", &indexes.unindexed_foreign_keys),
        ("Duplicate", &indexes.duplicate),
        ("Redundant", &indexes.redundant),
        ("Unused", &indexes.unused),
        ("Invalid", &indexes.invalid),
    ];
    let is_empty = lists.iter().all(|(_, list)| list.is_empty());
    match (indexes.known, is_empty) {
        (0, true) => paragraph(
            out,
            &format!(
                "No catalog was read, so no index is called missing, unused or duplicate. To fill \
                 this, export {}.",
                engines::each(report, engines::index_exports),
            ),
        ),
        (known, true) => paragraph(
            out,
            &format!(
                "The catalog tells {}; no rule found one that is missing, duplicate, redundant or \
                 invalid.",
                counted(known)
            ),
        ),
        (known, false) => {
            if known > 0 {
                paragraph(out, &format!("The catalog tells {}.", counted(known)));
            }
            for (title, list) in lists {
                listed(report, out, title, list);
            }
        }
    }
}

fn counted(known: usize) -> String {
    match known {
        1 => "1 index".to_owned(),
        known => format!("{} indexes", words::count(known as u64)),
    }
}

fn listed(report: &Report, out: &mut String, title: &str, list: &[ListedIndex]) {
    if list.is_empty() {
        return;
    }
    heading(out, 4, title);
    let several = report.servers.len() > 1;
    let mut columns = vec![
        ("Table", Side::Left),
        ("Index", Side::Left),
        ("Keys", Side::Left),
        ("Beside", Side::Left),
        ("Size", Side::Right),
        ("Finding", Side::Left),
    ];
    if several {
        columns.insert(0, ("Server", Side::Left));
    }
    let mut rows = Table::new(&columns);
    for index in list.iter().take(MAX_ROWS) {
        let code = |text: &str| escape::cell_code(text, MAX_CELL);
        let mut cells = vec![
            code(&index.table),
            code(&index.name),
            code(&index.columns.join(", ")),
            index.other.as_deref().map_or("–".to_owned(), code),
            index.size_bytes.map_or("–".to_owned(), words::bytes),
            format!("[F{0}](#f{0})", index.number),
        ];
        if several {
            cells.insert(0, code(&index.server));
        }
        rows.row(cells);
    }
    rows.finish(out);
    if list.len() > MAX_ROWS {
        let more = words::count((list.len() - MAX_ROWS) as u64);
        paragraph(out, &format!("{more} more are in the JSON report."));
    }
}
