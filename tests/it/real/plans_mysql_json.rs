//! JSON plans of MySQL's own tests and of four servers, against what a walk over their JSON counts.

use querylens::model::plan::{Actual, Plan};
use querylens::read::plans::{Literals, locate};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Containers that are one node each.
const NODES: [&str; 10] = [
    "table",
    "grouping_operation",
    "duplicates_removal",
    "windowing",
    "buffer_result",
    "union_result",
    "materialized_from_subquery",
    "filesort",
    "temporary_table",
    "materialized",
];

/// How many nodes a document has, by the names of its members alone.
fn counted(value: &Value) -> usize {
    let members: usize = match value {
        Value::Object(members) => members.values().map(counted).sum(),
        Value::Array(items) => items.iter().map(counted).sum(),
        _ => 0,
    };
    let Value::Object(object) = value else { return members };
    let own = object.iter().filter(|(name, member)| match name.as_str() {
        "operation" => member.is_string(),
        "ordering_operation" => member["using_filesort"] == true,
        "nested_loop" => member.as_array().is_some_and(|items| items.len() > 1),
        name => NODES.contains(&name) && (member.is_object() || member.is_array()),
    });
    members + own.count()
}

fn read(path: &Path, reader: &str) -> (Value, Plan) {
    let text = std::fs::read_to_string(path).expect("a plan");
    let located = locate(&text);
    let names: Vec<_> = located.iter().map(|one| one.reader.meta().name).collect();
    assert_eq!(names, [reader], "{}", path.display());
    let document = &text[located[0].found.start..located[0].found.end];
    let mut plans = located[0].reader.read(document, Literals::Keep).expect("a plan");
    assert_eq!(plans.len(), 1, "{}", path.display());
    (serde_json::from_str(&text).expect("JSON"), plans.remove(0))
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
    files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect()
}

#[test]
fn version_two_of_mysqls_own_tests_has_every_operation_and_its_numbers() {
    let Some(folder) = super::corpus("plans/mysql/json-v2", &["select_city.json"]) else { return };
    let files = json_files(&folder);
    let mut nodes = 0;
    for path in &files {
        let (json, plan) = read(path, "mysql-json");
        assert_eq!(plan.nodes.len(), counted(&json), "{}", path.display());
        let text = json.to_string();
        let told = plan.nodes.iter().filter(|node| node.estimated.total_cost.is_some()).count();
        let elided = text.matches("\"estimated_total_cost\":\"elided\"").count();
        let printed = text.matches("\"estimated_total_cost\":").count() - elided;
        assert_eq!(told, printed, "{}", path.display());
        let tables = plan.nodes.iter().filter(|node| node.relation.is_some()).count();
        assert!(tables >= text.matches("\"table_name\":").count(), "{}", path.display());
        assert_eq!(plan.statement.is_some(), json.get("query").is_some(), "{}", path.display());
        nodes += plan.nodes.len();
    }
    assert!(files.len() >= 60 && nodes >= 490, "{} files, {nodes} nodes", files.len());
}

#[test]
fn the_plans_of_four_servers_have_every_table() {
    let names = [
        ("mysql57.explain.json", "mysql-json"),
        ("mysql80.explain.json", "mysql-json"),
        ("mysql97.explain.json", "mysql-json"),
        ("mariadb.explain.json", "mariadb-json"),
        ("mariadb.analyze.json", "mariadb-json"),
    ];
    let files = names.map(|(name, _)| name);
    let Some(folder) = super::folder("mysql/snapshots", &files) else { return };
    for (name, reader) in names {
        let (json, plan) = read(&folder.join(name), reader);
        assert_eq!(plan.nodes.len(), counted(&json), "{name}");
        let mut tables: Vec<_> = plan.nodes.iter().filter_map(|n| n.relation.as_deref()).collect();
        tables.retain(|table| !table.starts_with('<'));
        tables.sort();
        let expected = if name.contains("97") { ["items", "orders"] } else { ["i", "o"] };
        assert_eq!(tables, expected, "{name}");
        assert_eq!(plan.is_executed(), name.contains("analyze"), "{name}");
    }
    let (json, plan) = read(&folder.join("mariadb.analyze.json"), "mariadb-json");
    let looked_up = plan.nodes.iter().find(|node| node.relation.as_deref() == Some("o"));
    let Some(Actual::Ran(ran)) = looked_up.map(|node| node.actual) else { panic!("o was read") };
    assert_eq!((ran.loops, ran.rows.map(|rows| rows.total(ran.loops).0)), (6635, Some(6635.0)));
    let total = json["query_block"]["r_total_time_ms"].as_f64();
    assert_eq!((plan.execution_ms, plan.planning_ms), (total, Some(0.12888213)));
}
