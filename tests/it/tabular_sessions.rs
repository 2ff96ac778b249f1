//! Several views of one server, printed one after the other as real clients do: the same tables and
//! rows from each shape, whatever stands between, in any encoding.
//!
//! `fixtures/tabular/sessions/ENGINE.json` is the truth of all files in `sessions/ENGINE/`.

use querylens::model::facts::Facts;
use querylens::pipeline::{self, Request};
use querylens::read::snapshots::tabular::{ResultSet, result_sets};
use querylens::read::snapshots::views::by_name;
use std::path::Path;

type Cells = Vec<Option<String>>;

/// A table as it should be read.
struct View {
    name: String,
    columns: Vec<String>,
    rows: Vec<Cells>,
}

/// What stands between cells and breaks those that hold it, by the beginning of a file's name.
const BREAKS: &[(&str, &[char])] = &[
    ("postgres/unaligned", &['\n', '|']),
    ("sqlite/list", &['\n', '|']),
    ("sqlite/tabs", &['\n', '\t']),
];

/// Files whose last table is printed without line ends and bars that break cells elsewhere.
const BROKEN_AT_THE_END: &str = "postgres/typed-mixed.txt";

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tabular/sessions"))
}

fn truth(engine: &str) -> Vec<View> {
    let text = std::fs::read_to_string(folder().join(format!("{engine}.json"))).expect("a truth");
    let views: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let texts = |value: &serde_json::Value| -> Cells {
        let cells = value.as_array().expect("a list").iter();
        cells.map(|cell| cell.as_str().map(Into::into)).collect()
    };
    let view = |view: &serde_json::Value| View {
        name: view["view"].as_str().expect("a name").into(),
        columns: texts(&view["columns"]).into_iter().flatten().collect(),
        rows: view["rows"].as_array().expect("rows").iter().map(texts).collect(),
    };
    views.as_array().expect("views").iter().map(view).collect()
}

/// The sessions of an engine: the name of each, and its text.
fn sessions(engine: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder().join(engine)).expect("sessions").flatten();
    let named = |file: std::fs::DirEntry| {
        let name = format!("{engine}/{}", file.file_name().to_string_lossy());
        (name, std::fs::read_to_string(file.path()).expect("text"))
    };
    let mut all: Vec<_> = files.map(named).collect();
    all.sort();
    all
}

/// A cell as it is compared: shapes do not tell the empty text from NULL, nor line ends of one system
/// from those of another.
fn compared(cell: &Option<impl AsRef<str>>) -> Option<String> {
    let is_there = |cell: &&str| !cell.is_empty() && *cell != "NULL";
    let cell = match cell.as_ref().map(AsRef::as_ref).filter(is_there)? {
        // JSON has words and a form for times of its own.
        "true" => "t",
        "false" => "f",
        cell => cell,
    };
    Some(match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') => number.to_string(),
        _ => cell.replace("\r\n", "\n").replace("T01:", " 01:").replace("+00:00", "+00"),
    })
}

/// What is wrong with the tables of a session.
fn differences(name: &str, sets: &[ResultSet], views: &[View]) -> Vec<String> {
    let found: Vec<_> = sets.iter().map(|set| (set.shape, &set.columns)).collect();
    if sets.len() != views.len() {
        return vec![format!("{name}: {found:#?}")];
    }
    let pairs = sets.iter().zip(views).enumerate();
    let differ = pairs.filter_map(|(at, (set, view))| {
        let read: (Vec<String>, Vec<Cells>, bool) = (
            set.columns.iter().map(|column| column.to_string()).collect(),
            set.rows.iter().map(|row| row.cells.iter().map(compared).collect()).collect(),
            set.dropped > 0,
        );
        let breaks = match BREAKS.iter().find(|(start, _)| name.starts_with(start)) {
            Some((_, breaks)) => breaks,
            None if name.starts_with(BROKEN_AT_THE_END) && at + 1 == views.len() => {
                &['\n', '|'][..]
            }
            None => &[],
        };
        let is_broken = |cell: &String| cell.contains(|letter: char| breaks.contains(&letter));
        let is_whole = |row: &&Cells| !row.iter().flatten().any(is_broken);
        let rows = view.rows.iter().filter(is_whole);
        let rows: Vec<Cells> = rows.map(|row| row.iter().map(compared).collect()).collect();
        let is_part = rows.len() < view.rows.len();
        let expected = (view.columns.clone(), rows, is_part);
        let first = read.1.iter().zip(&expected.1).find(|(read, expected)| read != expected);
        let counts = (read.1.len(), expected.1.len(), set.dropped);
        (read != expected).then(|| {
            let (name, view, columns) = (name, &view.name, &read.0);
            format!(
                "{name}, {view}: rows read, expected, dropped {counts:?}; {columns:?}; {first:#?}"
            )
        })
    });
    differ.collect()
}

const ENGINES: [&str; 4] = ["postgres", "mariadb", "sqlite", "copies"];

#[test]
fn every_table_of_a_session_is_read() {
    let mut wrong = Vec::new();
    for engine in ENGINES {
        let views = truth(engine);
        let all = sessions(engine);
        assert!(all.len() > 5, "{engine}: sessions are missing");
        for (name, text) in all {
            wrong.extend(differences(&name, &result_sets(&text), &views));
            let of_windows = text.replace("\r\n", "\n").replace('\n', "\r\n");
            let name = format!("{name} with CRLF");
            wrong.extend(differences(&name, &result_sets(&of_windows), &views));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A text in the encodings that PowerShell and Windows programs write.
fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
    vec![
        ("plain", text.as_bytes().to_vec()),
        ("UTF-8 with a mark", ["\u{feff}", text].concat().into_bytes()),
        ("UTF-16 LE", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16 BE", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
    ]
}

/// What the catalog and the counters of a file say, without where it stands in the file.
fn told(bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("views.txt");
    std::fs::write(&path, bytes).expect("written");
    told_by(&pipeline::run(&Request::of_paths([&path])).expect("readable"))
}

fn told_by(facts: &Facts) -> Vec<String> {
    let input = &facts.inputs[0];
    let mut told = vec![format!("{} {} {:?}", input.records, input.events, input.format)];
    for server in &facts.servers {
        for (name, table) in &server.catalog.tables {
            let scans = table.activity.values().map(|series| &series.last.value);
            told.push(format!("{} {:?}", name.shown(), scans.collect::<Vec<_>>()));
            told.extend(table.indexes.keys().map(|index| format!("index {index}")));
        }
        for class in server.workload.ranked() {
            told.push(format!("{} {}", class.counters().sum().calls, class.fingerprint));
        }
    }
    told
}

#[test]
fn encodings_of_windows_say_the_same() {
    let names = [
        "postgres/typed",
        "postgres/unaligned",
        "postgres/csv-semicolon",
        "postgres/expanded",
        "mariadb/boxed",
        "sqlite/list",
    ];
    for name in names {
        let path = folder().join(format!("{name}.txt"));
        let text = std::fs::read_to_string(path).expect("a session");
        let mut all = encoded(&text).into_iter().map(|(encoding, bytes)| (encoding, told(&bytes)));
        let (_, plain) = all.next().expect("plain");
        assert!(plain.len() > 2, "{name}: {plain:?}");
        for (encoding, told) in all {
            assert_eq!(told, plain, "{name} in {encoding}");
        }
    }
}

#[test]
fn rows_without_a_header_are_those_of_the_view_that_the_user_says() {
    let folder = folder().with_file_name("headless");
    let mut files: Vec<_> = std::fs::read_dir(&folder).expect("fixtures").flatten().collect();
    files.sort_by_key(|file| file.file_name());
    let mut all = Vec::new();
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let view = name.split('.').next().expect("a view");
        let mut request = Request::of_paths([file.path()]);
        // This one is known by its rows.
        if view != "sqlite_stat1" {
            request.read.forced_view = by_name(view);
            request.read.forced_format = Some("snapshot".to_owned());
        }
        let facts = pipeline::run(&request).expect("readable");
        let input = &facts.inputs[0];
        assert!(input.problems.is_empty(), "{name}: {:?}", input.problems);
        all.push(format!("{name}: {}", told_by(&facts).join("\n  ")));
    }
    let (told, expect) = (all.join("\n") + "\n", folder.with_extension("expect"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&expect, &told).expect("written");
    }
    assert_eq!(told, std::fs::read_to_string(&expect).unwrap_or_default());
}
