//! One table, printed by real clients in every shape they have: the rows must be the same from each.
//!
//! `fixtures/tabular/table.json` is the truth; `LOSSES` says what a shape cannot carry.

use querylens::read::snapshots::tabular::result_sets;
use std::path::Path;

type Cells = Vec<Option<String>>;

/// What a shape does not tell apart, or does to a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    /// NULL and the empty text are both nothing.
    EmptyIsNull,
    /// NULL is the word that a text may hold.
    WordIsNull,
    /// A tab is filled up with blanks, blanks at the end are lost.
    Tabs,
    /// Rows whose cells hold line ends are broken.
    LineEnds,
    /// Rows whose cells hold what stands between cells are broken.
    Delimiters(char),
    /// There is no header.
    Header,
}

use Loss::{Delimiters, EmptyIsNull, Header, LineEnds, Tabs, WordIsNull};

/// The files of a shape, by the beginning of their name, and what they lose. The first that fits.
const LOSSES: &[(&str, &str, &[Loss])] = &[];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tabular"))
}

/// Every printed table: engine, shape, text.
fn printed() -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for engine in ["mariadb", "postgres", "sqlite"] {
        for file in std::fs::read_dir(folder().join(engine)).expect("fixtures") {
            let path = file.expect("a file").path();
            let shape = path.file_stem().expect("a name").to_string_lossy().into_owned();
            all.push((engine.to_owned(), shape, std::fs::read_to_string(path).expect("text")));
        }
    }
    all.sort();
    all
}

fn truth() -> (Vec<String>, Vec<Cells>) {
    let text = std::fs::read_to_string(folder().join("table.json")).expect("the truth");
    let table: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let cell = |cell: &serde_json::Value| match cell {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let columns = list(&table["columns"]).iter().filter_map(cell).collect();
    let rows =
        list(&table["rows"]).iter().map(|row| list(row).iter().map(cell).collect()).collect();
    (columns, rows)
}

#[test]
fn debug_all() {
    let (columns, rows) = truth();
    for (engine, shape, text) in printed() {
        let sets = result_sets(&text);
        println!("== {engine}/{shape}: {} sets", sets.len());
        for set in &sets {
            println!(
                "   {} {:?} rows {} dropped {} title {:?} end {}/{}",
                set.shape,
                set.columns,
                set.rows.len(),
                set.dropped,
                set.title,
                set.end,
                text.len()
            );
            if set.columns.iter().map(|c| c.to_string()).collect::<Vec<_>>() != columns {
                println!("   COLUMNS");
            }
            for row in &set.rows {
                let cells: Cells =
                    row.cells.iter().map(|c| c.as_ref().map(|c| c.to_string())).collect();
                let want = rows.iter().find(|r| r[0] == cells[0]);
                match want {
                    Some(want) => {
                        for (i, (g, w)) in cells.iter().zip(want).enumerate() {
                            if g != w {
                                println!(
                                    "   row {:?} col {i}: got {:.80?} want {:.80?}",
                                    cells[0], g, w
                                );
                            }
                        }
                    }
                    None => println!("   ROW? {cells:.100?}"),
                }
            }
        }
    }
}
