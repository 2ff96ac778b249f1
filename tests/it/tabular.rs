//! One table, printed by real clients in every shape they have: the rows must be the same from each.
//!
//! `fixtures/tabular/table.json` is the truth; `LOSSES` says what a shape cannot carry.

use proptest::prelude::*;
use querylens::read::snapshots::tabular::{SHAPES, result_sets};
use std::collections::BTreeSet;
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
    Delimiter(char),
    /// Where a wide text was cut, it seems to have a line end.
    Cuts,
    /// There is no header.
    Header,
}

use Loss::{Cuts, Delimiter, EmptyIsNull, Header, LineEnds, Tabs, WordIsNull};

/// What files lose, by the beginning of their name; the first that fits. The others lose nothing.
const LOSSES: &[(&str, &[Loss])] = &[
    ("mariadb/xml", &[]),
    ("mariadb/", &[WordIsNull]),
    ("postgres/copy.", &[Header]),
    ("postgres/csv", &[EmptyIsNull, WordIsNull]),
    ("postgres/html", &[EmptyIsNull, WordIsNull]),
    ("postgres/unaligned", &[EmptyIsNull, WordIsNull, LineEnds, Delimiter('|')]),
    ("postgres/wrapped-old-ascii-0", &[EmptyIsNull, WordIsNull, Tabs, Cuts]),
    ("postgres/expanded-wrapped-old-ascii-0", &[EmptyIsNull, WordIsNull, Tabs, Cuts]),
    ("postgres/aligned-null", &[WordIsNull, Tabs]),
    ("postgres/expanded-null", &[WordIsNull, Tabs]),
    ("postgres/aligned", &[EmptyIsNull, WordIsNull, Tabs]),
    ("postgres/wrapped", &[EmptyIsNull, WordIsNull, Tabs]),
    ("postgres/expanded", &[EmptyIsNull, WordIsNull, Tabs]),
    ("sqlite/ascii-bare", &[EmptyIsNull, WordIsNull, Header]),
    ("sqlite/tcl-bare", &[EmptyIsNull, WordIsNull, Header]),
    ("sqlite/csv-bare", &[WordIsNull, Header]),
    ("sqlite/csv", &[WordIsNull]),
    ("sqlite/insert-bare", &[Header]),
    ("sqlite/ascii", &[EmptyIsNull, WordIsNull]),
    ("sqlite/html", &[EmptyIsNull, WordIsNull]),
    ("sqlite/line", &[EmptyIsNull, WordIsNull]),
    ("sqlite/tcl", &[EmptyIsNull, WordIsNull]),
    ("sqlite/list", &[EmptyIsNull, WordIsNull, LineEnds, Delimiter('|')]),
    ("sqlite/tabs", &[EmptyIsNull, WordIsNull, LineEnds, Delimiter('\t')]),
    ("sqlite/box", &[EmptyIsNull, WordIsNull, Tabs]),
    ("sqlite/column", &[EmptyIsNull, WordIsNull, Tabs]),
    ("sqlite/markdown", &[EmptyIsNull, WordIsNull, Tabs]),
    ("sqlite/table", &[EmptyIsNull, WordIsNull, Tabs]),
];

/// What nobody can read for sure: rows without a header whose cells break them, commas that nothing
/// quotes.
const UNREADABLE: &[&str] = &[
    "postgres/unaligned-comma.txt",
    "sqlite/column-bare.txt",
    "sqlite/html-bare.txt",
    "sqlite/list-bare.txt",
    "sqlite/quote-bare.txt",
    "sqlite/tabs-bare.txt",
];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tabular"))
}

/// Every printed table: its engine and shape, and the text.
fn printed() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for engine in ["mariadb", "postgres", "sqlite"] {
        for file in std::fs::read_dir(folder().join(engine)).expect("fixtures") {
            let path = file.expect("a file").path();
            let shape = path.file_name().expect("a name").to_string_lossy().into_owned();
            all.push((format!("{engine}/{shape}"), std::fs::read_to_string(path).expect("text")));
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

/// A cell as it comes out of a shape.
fn carried(cell: Option<&String>, losses: &[Loss]) -> Option<String> {
    let cell = cell?;
    let has = |loss: Loss| losses.contains(&loss);
    let is_null = (has(EmptyIsNull) && cell.is_empty()) || (has(WordIsNull) && cell == "NULL");
    // The only tabs are in a cell of this form.
    let filled = has(Tabs).then(|| cell.replacen("a\tb\t", "a       b", 1));
    (!is_null).then(|| filled.unwrap_or_else(|| cell.clone()))
}

/// A cell as the shape is compared.
fn compared(cell: Option<&str>, losses: &[Loss]) -> Option<String> {
    let is_cut = losses.contains(&Cuts) && cell.is_some_and(|cell| cell.len() > 100);
    cell.map(|cell| if is_cut { cell.split_whitespace().collect() } else { cell.to_owned() })
}

#[test]
fn every_client_and_shape_gives_the_same_rows() {
    let (columns, rows) = truth();
    let mut shapes = BTreeSet::new();
    for (name, text) in printed() {
        let sets = result_sets(&text);
        if UNREADABLE.contains(&name.as_str()) {
            assert!(sets.is_empty(), "{name}: {sets:?}");
            continue;
        }
        let losses = LOSSES
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .map_or(&[][..], |(_, losses)| losses);
        let [set] = sets.as_slice() else { panic!("{name}: {} tables", sets.len()) };
        shapes.insert(set.shape);
        let is_broken = |row: &&Cells| {
            let breaks = |loss: &Loss, cell: &str| match loss {
                LineEnds => cell.contains('\n'),
                Delimiter(between) => cell.contains(*between),
                _ => false,
            };
            row.iter().flatten().any(|cell| losses.iter().any(|loss| breaks(loss, cell)))
        };
        let expected_columns = if losses.contains(&Header) { Vec::new() } else { columns.clone() };
        // `jsonb` has an order of its own.
        let mut printed: Vec<String> = set.columns.iter().map(|name| name.to_string()).collect();
        let place = |name: &String| printed.iter().position(|printed| printed == name);
        let places: Vec<usize> = match printed.is_empty() {
            true => (0..columns.len()).collect(),
            false => columns
                .iter()
                .map(|name| place(name).unwrap_or_else(|| panic!("{name} of {name}")))
                .collect(),
        };
        if name == "postgres/json-pretty.txt" {
            printed.sort_by_key(|name| columns.iter().position(|column| column == name));
        }
        assert_eq!(printed, expected_columns, "{name}");
        let expected: Vec<Cells> = rows
            .iter()
            .filter(|row| !is_broken(row))
            .map(|row| {
                row.iter()
                    .map(|cell| compared(carried(cell.as_ref(), losses).as_deref(), losses))
                    .collect()
            })
            .collect();
        let read: Vec<Cells> = set
            .rows
            .iter()
            .map(|row| {
                places.iter().map(|place| compared(row.cells[*place].as_deref(), losses)).collect()
            })
            .collect();
        assert_eq!(read, expected, "{name}");
        let has_broken = expected.len() < rows.len();
        assert_eq!(
            (set.dropped > 0, set.first_dropped.is_some()),
            (has_broken, has_broken),
            "{name}"
        );
        let lines: Vec<u32> = set.rows.iter().map(|row| row.line).collect();
        // Rows of JSON in a cell all begin where the cell does.
        assert!(lines.is_sorted(), "{name}: {lines:?}");
    }
    let all = SHAPES.iter().map(|shape| shape.meta().name).chain(["bare"]);
    let unprinted: Vec<&str> = all.filter(|name| !shapes.contains(name)).collect();
    assert!(unprinted.is_empty(), "no client printed {unprinted:?}");
}

/// So many places of each text are tried.
const PLACES: usize = 120;

#[test]
fn texts_cut_anywhere_give_the_first_rows() {
    for (name, text) in printed() {
        let whole = result_sets(&text);
        let all: Vec<_> = whole.iter().flat_map(|set| &set.rows).collect();
        let step = (text.len() / PLACES).max(1);
        for at in (0..text.len()).step_by(step).filter(|at| text.is_char_boundary(*at)) {
            let cut = result_sets(&text[..at]);
            let rows: Vec<_> = cut.iter().flat_map(|set| &set.rows).collect();
            // The last row may end where the text does.
            let known = rows.len().saturating_sub(1);
            assert!(rows.len() <= all.len().max(1), "{name} cut at {at}: {rows:?}");
            assert_eq!(rows[..known], all[..known], "{name} cut at {at}");
        }
    }
}

/// Texts that are no tables: logs, plans, prose.
#[test]
fn what_is_no_table_gives_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for folder in [
        "fixtures/plans",
        "fixtures/logs",
        "fixtures/bench",
        "fixtures/prefix",
        "fixtures/tabular/dumps",
        "fixtures/rules",
        "fixtures/fingerprint",
    ] {
        for path in files(&root.join(folder)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            // Collected snapshots stand among the cases of rules.
            // So do states of a server beside its settings files, and logs in CSV whose columns are
            // mapped.
            let is_mapped =
                path.parent().is_some_and(|folder| folder.with_extension("map").exists());
            if text.contains("--@querylens view") || is_mapped || path.ends_with("status.tsv") {
                continue;
            }
            for set in result_sets(&text) {
                wrong.push(format!(
                    "{}: {} {:?} {} rows at {}",
                    path.display(),
                    set.shape,
                    set.columns,
                    set.rows.len(),
                    set.start
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_without_harm(text in "([a-z]{1,3}|[|+\\-\\n\t ,;\"':=*#<>{}\\[\\]\\\\─│┌┐]|\\PC|-\\[ RECORD 1 \\]|INSERT INTO t VALUES\\(|COPY t \\(a\\) FROM stdin;|\\*\\*\\* 1. row \\*\\*\\*|<TR><TH>|---){0,80}") {
        let mut behind = 0;
        for set in result_sets(&text) {
            prop_assert!(behind <= set.start && set.start < set.end && set.end <= text.len());
            behind = set.end;
            for row in &set.rows {
                prop_assert!(set.columns.is_empty() || row.cells.len() == set.columns.len());
            }
        }
    }

    #[test]
    fn changed_bytes_do_no_harm(file in 0..200_usize, changes in prop::collection::vec((0..40_000_usize, any::<u8>()), 1..20)) {
        let printed = printed();
        let (_, text) = &printed[file % printed.len()];
        let mut bytes = text.clone().into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let text = String::from_utf8_lossy(&bytes);
        for set in result_sets(&text) {
            prop_assert!(set.start < set.end && set.end <= text.len());
        }
    }
}

/// What a text begins with, what it repeats, and so on without an end.
const ENDLESS: &[(&str, &str)] = &[
    ("", "a,b\n\"x\n"),
    ("", "a,b\n1,\"\n"),
    ("", "a\tb\n\"1\n"),
    ("", "a|b|c\nx\n"),
    ("a,b,c\n1,2,3\n", "a\tb\n"),
    ("a|b\n1|2\n", "\n"),
    ("", "[{\"a\":\n"),
    ("", "[{\"a\":1},\n"),
    ("", "{\"a\":{\n"),
    ("", "  [ \n"),
    ("", "[\n"),
    ("", "+--+\n"),
    ("+-----+-----+\n| a   | b   |\n+-----+-----+\n", "| 1\n"),
    ("+-----+-----+\n| a   | b   |\n+-----+-----+\n", "x\n"),
    ("", "+--+--+\n|a |b |\n+--+--+\n| 1\n"),
    ("", "a b\n- -\n"),
    ("", " a | b\n---+---\n"),
    ("", "-[ RECORD 1 ]-\na | 1\n"),
    ("-[ RECORD 1 ]-\na | 1\n", "  | 2 +\n"),
    ("", "* Record 1\na 1\n"),
    ("", "*** 1. row ***\na: 1\n"),
    ("*** 1. row ***\na: 1\n", "b: 1\n"),
    ("", "*** 2. row ***\na: 1\n"),
    ("", "   id = 1\n name = 2\n"),
    ("   id = 1\n", "  col = 1\n"),
    ("", "INSERT INTO t VALUES('"),
    ("", "INSERT INTO t VALUES('\n"),
    ("", "INSERT INTO t(a) VALUES(replace(replace(replace(\n"),
    ("", "'a','b'\n1,'\n"),
    ("", "\"a\" \"b\"\n"),
    ("", "\"a\" \"\\\n"),
    ("", "COPY t (a) FROM stdin;\n"),
    ("", "COPY t (a\n"),
    ("", "<TR><TH>a\n"),
    ("", "<TABLE\n"),
    ("", "<TR><TH>a</TH></TR><TR><TD>\n"),
    ("", "<resultset statement=\"\n"),
    ("", "<resultset><row><field name=\"a\">1</field></row>\n"),
    ("", "<resultset>\n<row>"),
    ("", "| a | b |\n|---|---|\n"),
    ("", "a\u{1f}b\u{1e}"),
    ("", "a\u{1f}b\n"),
];

#[test]
fn time_grows_as_texts_do() {
    let took = |start: &str, part: &str, bytes: usize| {
        let text = start.to_owned() + &part.repeat(bytes / part.len());
        let begun = std::time::Instant::now();
        std::hint::black_box(result_sets(&text));
        begun.elapsed().as_secs_f64()
    };
    for (start, part) in ENDLESS {
        let (small, large) = (took(start, part, 20_000), took(start, part, 160_000));
        println!("{small:8.4} {large:8.4} {:6.1} {part:?}", large / small);
        // Eight times the text; thirty times would be a power of it. Short times say nothing.
        assert!(large < 0.5 || large < small * 30.0, "{start:?} {part:?}: {small} s, {large} s");
    }
}
