//! Trees and tables of real servers: each plan has as many nodes as its text has operations or rows.

use querylens::read::plans::{Literals, locate};
use std::io::Read;

const SNAPSHOTS: [&str; 12] = [
    "mariadb.explain_table.txt",
    "mariadb.explain_vertical.txt",
    "mysql57.explain_table.txt",
    "mysql57.explain_vertical.txt",
    "mysql80.explain_analyze.txt",
    "mysql80.explain_table.txt",
    "mysql80.explain_tree.txt",
    "mysql80.explain_vertical.txt",
    "mysql97.explain_analyze.txt",
    "mysql97.explain_table.txt",
    "mysql97.explain_tree.txt",
    "mysql97.explain_vertical.txt",
];

/// Nodes of a row that is no table's.
const RESULTS: [&str; 2] = ["union_result", "recursive_union"];

/// The nodes of a text's plans that an operation or a row stands for.
fn nodes(text: &str) -> (usize, usize) {
    let (mut plans, mut nodes) = (0, 0);
    for located in locate(text) {
        let document = &text[located.found.start..located.found.end];
        for plan in located.reader.read(document, Literals::Hide).expect(document) {
            plans += 1;
            let is_of_tree = plan.format == "mysql-tree";
            let is_row = |node: &&querylens::model::plan::Node| {
                let is_result = RESULTS.contains(&&*node.native) && node.relation.is_some();
                is_of_tree || node.text("select_type").is_some() || is_result
            };
            nodes += plan.nodes.iter().filter(is_row).count();
        }
    }
    (plans, nodes)
}

/// The operations and rows that a search for lines finds.
fn counted(text: &str) -> usize {
    let is_one = |line: &&str| {
        let operation = line.trim_start_matches(['|', ' ']).trim_start_matches("EXPLAIN: ");
        let is_heading = operation.starts_with("-> Select #") || operation == "-> Hash";
        let is_operation = operation.starts_with("-> ") && !is_heading;
        let cell = line.strip_prefix('|').and_then(|line| line.split('|').next()).map(str::trim);
        let is_row = cell.is_some_and(|id| id == "NULL" || id.parse::<u32>().is_ok());
        is_operation || is_row || line.contains(". row *")
    };
    text.lines().filter(is_one).count()
}

#[test]
fn snapshots_of_real_servers_have_a_node_for_each_line() {
    let Some(folder) = super::folder("mysql/snapshots", &SNAPSHOTS) else { return };
    for name in SNAPSHOTS {
        let text = std::fs::read_to_string(folder.join(name)).expect(name);
        let expected = match counted(&text) {
            // The version of 9.7 answers any EXPLAIN with a tree; vertical, it is one row.
            rows if text.contains("EXPLAIN: -> ") => rows - 1,
            rows => rows,
        };
        assert_eq!(nodes(&text), (1, expected), "{name}");
    }
}

#[test]
fn explain_lines_of_a_real_slow_log_have_a_node_each() {
    const LOGS: [&str; 2] = ["mariadb_slow_raw.log.gz", "mariadb_slow_raw.adversarial.log.gz"];
    let Some(folder) = super::folder("mysql", &LOGS) else { return };
    for name in LOGS {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(folder.join(name)).expect(name);
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("a gzip file");
        let text = String::from_utf8_lossy(&bytes);
        let lines = || text.lines().filter(|line| line.starts_with("# explain: "));
        let headers = lines().filter(|line| line.starts_with("# explain: id")).count();
        assert_eq!(nodes(&text), (headers, lines().count() - headers), "{name}");
    }
}
