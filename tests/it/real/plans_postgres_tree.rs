//! PostgreSQL's plans in all four forms: the samples of another tool with the fields that it expects
//! of them.

use super::corpus;
use querylens::model::plan::{Actual, Node, Plan};
use querylens::read::plans::{Literals, locate};
use std::path::PathBuf;

/// The values of a field of a sample's expected nodes.
fn values<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let key = format!("'{name}' => ");
    let behind = text.match_indices(&key).map(|(at, _)| &text[at + key.len()..]);
    behind.filter_map(|rest| Some(rest.split([',', '\n']).next()?.trim_matches('\''))).collect()
}

/// The numbers of a sample's expected nodes, whatever their order.
fn expected(text: &str, name: &str) -> Vec<f64> {
    sorted(values(text, name).iter().filter_map(|value| value.parse().ok()).collect())
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn words(text: &str, name: &str) -> Vec<String> {
    let mut all: Vec<_> = values(text, name).iter().map(|value| (*value).to_owned()).collect();
    all.sort();
    all
}

fn numbers(plan: &Plan, of: impl Fn(&Node) -> Option<f64>) -> Vec<f64> {
    sorted(plan.nodes.iter().filter_map(of).collect())
}

fn plans(text: &str) -> Vec<Plan> {
    let mut all = Vec::new();
    for located in locate(text) {
        let document = &text[located.found.start..located.found.end];
        all.extend(located.reader.read(document, Literals::Hide).expect("a plan"));
    }
    all
}

#[test]
fn samples_agree_with_what_is_expected_of_them() {
    let mut read = 0;
    for (folder, end, first) in [
        ("pg-explain", "-plan", "01-plan"),
        ("pg-explain-json", ".json", "1.json"),
        ("pg-explain-xml", ".xml", "1.xml"),
        ("pg-explain-yaml", ".yaml", "4.yaml"),
    ] {
        let Some(folder) = corpus(&format!("plans/postgres/{folder}"), &[first]) else {
            return;
        };
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        for path in &files {
            let name = path.to_string_lossy();
            let Some(stem) = name.strip_suffix(end) else { continue };
            let twin = format!("{stem}{}expect", &end[..1]);
            // Some samples are there for the text alone.
            let Ok(expect) = std::fs::read_to_string(twin) else { continue };
            let expect = expect.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
            let expect = expect.join(" ");
            let text = std::fs::read_to_string(path).expect("a sample");
            let plans = plans(&text);
            let [plan] = &plans[..] else { panic!("{name}: {} plans", plans.len()) };
            let mut types: Vec<_> = plan.nodes.iter().map(|node| node.native.to_string()).collect();
            types.sort();
            assert_eq!(types, words(&expect, "type"), "{name}");
            let ran = |of: fn(&querylens::model::plan::Measured) -> Option<f64>| {
                numbers(plan, |node| match &node.actual {
                    Actual::Ran(ran) => of(ran),
                    Actual::Never | Actual::Unknown => None,
                })
            };
            let loops = numbers(plan, |node| match &node.actual {
                Actual::Ran(ran) => Some(ran.loops as f64),
                Actual::Never => Some(0.0),
                Actual::Unknown => None,
            });
            for (field, got) in [
                ("estimated_total_cost", numbers(plan, |node| node.estimated.total_cost)),
                ("estimated_startup_cost", numbers(plan, |node| node.estimated.startup_cost)),
                ("estimated_rows", numbers(plan, |node| node.estimated.rows)),
                ("estimated_row_width", numbers(plan, |node| node.estimated.width_bytes)),
                ("actual_rows", ran(|ran| ran.rows.map(|rows| rows.value))),
                ("actual_loops", loops),
                ("actual_time_first", ran(|ran| ran.first_ms.map(|ms| ms.value))),
                ("actual_time_last", ran(|ran| ran.total_ms.map(|ms| ms.value))),
            ] {
                assert_eq!(got, expected(&expect, field), "{name}: {field}");
            }
            read += 1;
        }
    }
    assert_eq!(read, 18, "samples of the four forms");
}
