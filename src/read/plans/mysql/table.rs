//! The table form of EXPLAIN, of MySQL 5 to 9 and of MariaDB, whose ANALYZE adds `r_rows` and
//! `r_filtered`.
//!
//! Input: a text that holds such a table: boxed or with pipes, tab-separated, vertical (`\G`), or as
//! the `# explain:` lines of MariaDB's slow log. Output: its [`Plan`], with the same nodes as the
//! JSON form of the same statement where the table tells them: a table is a node of its access type,
//! more than one in a select are joined by `nested_loop`, a derived table has `materialized` below
//! it. What a table cannot tell (which sort and which grouping `Using filesort` means) stays a detail
//! of the table that says it.

mod build;
mod extra;
mod forms;
mod selects;

use crate::model::event::Engine;
use crate::model::plan::Plan;
use crate::read::plans::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};

/// Reads the table form.
#[derive(Debug)]
pub struct Table;

static META: PlanMeta = PlanMeta {
    name: "mysql-table",
    engine: Engine::Mysql,
    title: "MySQL and MariaDB: EXPLAIN and ANALYZE as a table (boxed, tab-separated, vertical)",
    bounds: Bounds::Lines,
    words: &["select_type"],
    samples: &[
        "+----+-------------+-------+------+---------------+------+---------+------+------+-------+\n\
         | id | select_type | table | type | possible_keys | key  | key_len | ref  | rows | Extra |\n\
         +----+-------------+-------+------+---------------+------+---------+------+------+-------+\n\
         |  1 | SIMPLE      | o     | ALL  | NULL          | NULL | NULL    | NULL |    9 | NULL  |\n\
         +----+-------------+-------+------+---------------+------+---------+------+------+-------+\n",
        "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\t\
         filtered\tr_filtered\tExtra\n\
         # explain: 1\tSIMPLE\to\tALL\tNULL\tNULL\tNULL\tNULL\t9\t9.00\t100.00\t100.00\tUsing where\n",
        "*************************** 1. row ***************************\n           id: 1\n  \
         select_type: SIMPLE\n        table: o\n         type: ALL\npossible_keys: NULL\n          \
         key: NULL\n      key_len: NULL\n          ref: NULL\n         rows: 9\n        Extra: \n",
    ],
};

/// A row, its cells by the names of their columns.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    /// Where it begins in the document.
    offset: usize,
    cells: Vec<(&'a str, &'a str)>,
}

impl<'a> Row<'a> {
    /// What stands in a column: nothing where it is `NULL`, empty or not there.
    fn get(&self, column: &str) -> Option<&'a str> {
        let (_, cell) = self.cells.iter().find(|(name, _)| *name == column)?;
        (!cell.is_empty() && *cell != "NULL").then_some(*cell)
    }

    fn has(&self, column: &str) -> bool {
        self.cells.iter().any(|(name, _)| *name == column)
    }

    /// The number of its select.
    fn id(&self) -> Option<u64> {
        self.get("id")?.parse().ok()
    }

    fn select_type(&self) -> &'a str {
        self.get("select_type").unwrap_or_default()
    }
}

/// A table of rows.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    rows: Vec<Row<'a>>,
    /// Its frame or its log is MariaDB's.
    is_of_mariadb: bool,
}

impl PlanReader for Table {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        forms::find(text)
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let mut plans = Vec::new();
        let mut at = 0;
        while let Some(found) = document.get(at..).and_then(forms::find) {
            let (start, end) = (at + found.start, at + found.end);
            let rows = forms::rows(document.get(start..end).unwrap_or_default(), start);
            if rows.rows.is_empty() {
                let message = "the table of an EXPLAIN without a whole row: it is cut";
                return Err(PlanError::at(start, message));
            }
            plans.push(build::plan(&rows, engine(&rows), META.name, literals)?);
            at = end.max(start + 1);
        }
        match plans.is_empty() {
            true => Err(PlanError::at(0, "no table of an EXPLAIN in it")),
            false => Ok(plans),
        }
    }
}

/// Whose a table is: some columns, words and frames are MariaDB's only.
fn engine(rows: &Rows<'_>) -> Engine {
    const WORDS: [&str; 6] =
        ["BNL join", "BNLH join", "BKA join", "BKAH join", "-ordered scan", "Using rowid filter"];
    let is_mariadb = |row: &Row<'_>| {
        let access = row.get("type").unwrap_or_default();
        let extra = row.get("Extra").unwrap_or_default();
        row.has("r_rows")
            || row.has("r_filtered")
            || row.select_type() == "RECURSIVE UNION"
            || access.starts_with("hash_")
            || access.ends_with("|filter")
            || WORDS.iter().any(|word| extra.contains(word))
    };
    match rows.is_of_mariadb || rows.rows.iter().any(is_mariadb) {
        true => Engine::Mariadb,
        false => Engine::Mysql,
    }
}

#[cfg(test)]
mod tests;
