//! Every plan under `fixtures/plans/ENGINE/`, read and compared with its snapshot `NAME.expect`.
//! `UPDATE_EXPECT=1` writes snapshots anew; read them before committing them.

use querylens::model::plan::{Actual, Node, Of, Plan, Properties, Quantity, Value};
use querylens::read::plans::{Literals, locate};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn quantity(quantity: Option<Quantity>) -> String {
    match quantity {
        None => "–".to_owned(),
        Some(Quantity { value, within, of }) => {
            let all = if of == Of::AllLoops { " in all" } else { "" };
            format!("{value}±{within}{all}")
        }
    }
}

fn value(one: &Value) -> String {
    match one {
        Value::Nothing => "null".to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Value::Group(group) => format!("{{{}}}", properties(group).join(", ")),
    }
}

fn properties(all: &Properties) -> Vec<String> {
    all.iter().map(|(name, one)| format!("{name}: {}", value(one))).collect()
}

fn node(node: &Node, out: &mut String) {
    let indent = "  ".repeat(node.depth);
    let name = |what: &str, name: &Option<Box<str>>| {
        name.as_ref().map_or(String::new(), |name| format!(" {what} {name}"))
    };
    let _ = writeln!(
        out,
        "{indent}{:?} {:?} = {:?}{}{}{}{}",
        node.role,
        node.native,
        node.operator,
        name("label", &node.label),
        name("on", &node.relation),
        name("as", &node.alias),
        name("by", &node.index),
    );
    let estimated = node.estimated;
    let parts = [
        ("rows", estimated.rows),
        ("startup", estimated.startup_cost),
        ("cost", estimated.total_cost),
        ("width", estimated.width_bytes),
    ];
    let parts: Vec<_> =
        parts.iter().filter_map(|(name, one)| Some(format!("{name} {}", (*one)?))).collect();
    if !parts.is_empty() {
        let _ = writeln!(out, "{indent}  estimated {}", parts.join(" "));
    }
    match &node.actual {
        Actual::Unknown => {}
        Actual::Never => {
            let _ = writeln!(out, "{indent}  never executed");
        }
        Actual::Ran(ran) => {
            let _ = writeln!(
                out,
                "{indent}  actual loops {} rows {} first {} total {} ms",
                ran.loops,
                quantity(ran.rows),
                quantity(ran.first_ms),
                quantity(ran.total_ms)
            );
        }
    }
    for one in properties(&node.details) {
        let _ = writeln!(out, "{indent}  {one}");
    }
}

/// A plan in full.
pub fn dump(plan: &Plan) -> String {
    let mut out = format!("{} {} {} nodes\n", plan.engine.title(), plan.format, plan.nodes.len());
    if let Some(statement) = &plan.statement {
        let _ = writeln!(out, "statement {statement:?}");
    }
    plan.nodes.iter().for_each(|one| node(one, &mut out));
    for (name, ms) in [("planning", plan.planning_ms), ("execution", plan.execution_ms)] {
        if let Some(ms) = ms {
            let _ = writeln!(out, "{name} {ms} ms");
        }
    }
    for trigger in &plan.triggers {
        let time = quantity(trigger.time_ms);
        let _ = writeln!(
            out,
            "trigger {} constraint {:?} on {:?} {time} ms, {} calls",
            trigger.name, trigger.constraint, trigger.relation, trigger.calls
        );
    }
    for one in properties(&plan.details) {
        let _ = writeln!(out, "{one}");
    }
    out
}

/// All plans of a text, and what is wrong with those that cannot be read.
pub fn read_all(text: &str) -> String {
    let mut out = String::new();
    for located in locate(text) {
        let found = located.found;
        let line = text[..found.start].matches('\n').count() + 1;
        let _ = writeln!(out, "== line {line}: {}", located.reader.meta().name);
        match located.reader.read(&text[found.start..found.end], Literals::Hide) {
            Ok(plans) => plans.iter().for_each(|plan| out.push_str(&dump(plan))),
            Err(error) => {
                let _ = writeln!(out, "error at {}: {}", error.offset, error.message);
            }
        }
    }
    out
}

/// The plan files below a folder.
pub fn plan_files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = Vec::new();
    for engine in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(engine.path()).into_iter().flatten().flatten() {
            let path = file.path();
            if path.extension().is_none_or(|extension| extension != "expect" && extension != "py") {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

#[test]
fn every_plan_reads_as_its_snapshot_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let mut wrong = Vec::new();
    for path in plan_files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        let mut snapshot = path.clone().into_os_string();
        snapshot.push(".expect");
        let got = read_all(&text);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&snapshot, &got).expect("a writable fixture");
        }
        let expected = std::fs::read_to_string(&snapshot).unwrap_or_default();
        if got != expected {
            let path = path.display();
            wrong.push(format!("{path}:\n--- expected\n{expected}--- got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text and a JSON file of equal stem hold one plan in two forms.
#[test]
fn one_plan_in_two_forms_is_the_same_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let read = |path: &Path| {
        let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
        // The first two lines name the place and the form.
        read_all(&text).lines().skip(2).map(|line| format!("{line}\n")).collect::<String>()
    };
    let (mut pairs, mut wrong) = (0, Vec::new());
    for path in plan_files(&folder) {
        let twin = path.with_extension("json");
        if path.extension().is_some_and(|extension| extension == "txt") && twin.is_file() {
            pairs += 1;
            let (text, json) = (read(&path), read(&twin));
            if text != json {
                wrong.push(format!("{}:\n--- text\n{text}--- JSON\n{json}", path.display()));
            }
        }
    }
    assert!(pairs > 10, "only {pairs} pairs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
