//! Plans in text form that other projects keep, against an independent count of their nodes and the
//! fields that stand beside them.

use super::within;
use querylens::model::plan::{Actual, Node, Plan, Value};
use querylens::read::plans::{Literals, locate};
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 5] = ["pev2-text", "pev2-io", "pev2-wrapped", "pev2-cte", "pg-explain"];

/// The plans of a folder, each with the file that says what is in it.
fn files(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with("plan"))
        .map(|path| {
            let name = path.to_string_lossy();
            let twin = format!("{}expect", name.strip_suffix("plan").unwrap_or(&name));
            (path.clone(), PathBuf::from(twin))
        })
        .collect();
    all.sort();
    all
}

/// One for the root, and one for each line that begins with an arrow. Pieces of wrapped lines that
/// hold an arrow begin with it, too.
fn nodes_counted(text: &str) -> usize {
    let is_arrow = |line: &&str| {
        line.trim_start_matches(|c: char| c.is_whitespace() || "|'\"".contains(c))
            .starts_with("->  ")
    };
    let first = text.lines().find(|line| line.contains("(cos") || line.contains("(actual"));
    let root = usize::from(first.is_none_or(|line| !is_arrow(&line)));
    root + text.lines().filter(is_arrow).count()
}

fn read(path: &Path) -> Vec<Plan> {
    let text = String::from_utf8_lossy(&std::fs::read(path).expect("a plan")).into_owned();
    let mut plans = Vec::new();
    for located in locate(&text) {
        let document = &text[located.found.start..located.found.end];
        plans.extend(located.reader.read(document, Literals::Keep).expect("a plan"));
    }
    plans
}

#[test]
fn every_plan_in_text_form_has_all_its_nodes() {
    let (mut read_files, mut nodes, mut wrong) = (0, 0, Vec::new());
    for folder in FOLDERS {
        let Some(folder) = within("corpus/plans/postgres", folder, &[]).filter(|f| f.is_dir())
        else {
            return;
        };
        for (path, _) in files(&folder) {
            let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a plan")).into_owned();
            let plans = read(&path);
            let (got, expected) =
                (plans.iter().map(|plan| plan.nodes.len()).sum::<usize>(), nodes_counted(&text));
            read_files += 1;
            nodes += got;
            if plans.len() != 1 || got != expected {
                wrong.push(format!(
                    "{}: {} plans, {got} of {expected}",
                    path.display(),
                    plans.len()
                ));
            }
        }
    }
    eprintln!("{read_files} plans in text form, {nodes} nodes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a node says by a name of the JSON form.
fn field(node: &Node, name: &str) -> Option<String> {
    let number = |number: Option<f64>| number.map(|number| number.to_string());
    let ran = node.measured();
    let quantity = |q: Option<querylens::model::plan::Quantity>| q.map(|q| q.value.to_string());
    match name {
        "Startup Cost" => number(node.estimated.startup_cost),
        "Total Cost" => number(node.estimated.total_cost),
        "Plan Rows" => number(node.estimated.rows),
        "Plan Width" => number(node.estimated.width_bytes),
        "Actual Loops" => match node.actual {
            Actual::Never => Some("0".to_owned()),
            _ => ran.map(|ran| ran.loops.to_string()),
        },
        "Actual Rows" => ran.and_then(|ran| quantity(ran.rows)),
        "Actual Startup Time" => ran.and_then(|ran| quantity(ran.first_ms)),
        "Actual Total Time" => ran.and_then(|ran| quantity(ran.total_ms)),
        "Relation Name" | "CTE Name" | "Function Name" => {
            node.relation.as_deref().map(str::to_owned)
        }
        "Alias" => node.alias.as_deref().or(node.relation.as_deref()).map(str::to_owned),
        "Index Name" => node.index.as_deref().map(str::to_owned),
        "Subplan Name" => node.label.as_deref().map(str::to_owned),
        _ => node.details.get(name).map(shown),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Nothing => "null".to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Group(_) => "…".to_owned(),
    }
}

/// Compares a node of the file beside a plan, and those below it.
fn compare(
    expected: &serde_json::Value,
    plan: &Plan,
    at: usize,
    compared: &mut usize,
    wrong: &mut Vec<String>,
) {
    for (name, value) in expected.as_object().into_iter().flatten() {
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
            _ => continue,
        };
        // Fields that only the other project derives are marked, and zeros are not printed.
        if name.starts_with('*') || value == "0" {
            continue;
        }
        *compared += 1;
        // Words that the model keeps together in the native name.
        const WORDS: [&str; 5] =
            ["Node Type", "Join Type", "Scan Direction", "Strategy", "Partial Mode"];
        let native = &*plan.nodes[at].native;
        let has_words = value.split(' ').all(|word| native.contains(word) || word == "Join");
        let got = match name.as_str() {
            "Parent Relationship" => continue,
            word if WORDS.contains(&word) && (has_words || value == "Forward") => continue,
            word if WORDS.contains(&word) => Some(native.to_owned()),
            _ => field(&plan.nodes[at], name),
        };
        if got.as_deref() != Some(&value) {
            wrong.push(format!("node {at} {name}: {got:?} for {value}"));
        }
    }
    let children: Vec<_> = plan.children(at).collect();
    let below = expected.get("Plans").and_then(|plans| plans.as_array());
    let below = below.map(Vec::as_slice).unwrap_or_default();
    if !below.is_empty() && below.len() != children.len() {
        wrong.push(format!("node {at}: {} children for {}", children.len(), below.len()));
    }
    for (child, expected) in children.into_iter().zip(below) {
        compare(expected, plan, child, compared, wrong);
    }
}

#[test]
fn fields_beside_plans_in_text_form_agree() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for folder in ["pev2-text", "pev2-io", "pev2-wrapped"] {
        let Some(folder) = within("corpus/plans/postgres", folder, &[]).filter(|f| f.is_dir())
        else {
            return;
        };
        for (path, twin) in files(&folder) {
            let Ok(expected) = std::fs::read(&twin) else { continue };
            let expected: serde_json::Value = serde_json::from_slice(&expected).expect("JSON");
            let plans = read(&path);
            let mut here = Vec::new();
            compare(
                expected.get("Plan").unwrap_or(&expected),
                &plans[0],
                0,
                &mut compared,
                &mut here,
            );
            wrong.extend(here.into_iter().map(|one| format!("{}: {one}", path.display())));
        }
    }
    eprintln!("{compared} fields compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
