//! The arithmetic of plans on real ones of all engines: parts add up to the whole, and no node takes
//! less than nothing.

use super::corpus;
use crate::plan_metrics::check;
use querylens::read::plans::{Literals, locate};
use std::path::{Path, PathBuf};

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = file.path();
        match path.is_dir() {
            true => files(&path, all),
            false => all.push(path),
        }
    }
}

#[test]
fn parts_of_real_plans_add_up() {
    let samples = [("plans", "postgres/pev2-cte/02.plan"), ("mongodb/explain", "")];
    let mut all = Vec::new();
    for (name, first) in samples {
        let first: &[&str] = if first.is_empty() { &[] } else { &[first] };
        let Some(folder) = corpus(name, first) else { return };
        files(&folder, &mut all);
    }
    all.sort();
    let (mut plans, mut wrong) = (0, Vec::new());
    for path in all {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        for located in locate(&text) {
            let document = &text[located.found.start..located.found.end];
            for plan in located.reader.read(document, Literals::Hide).unwrap_or_default() {
                plans += 1;
                wrong.extend(check(&plan).map(|error| format!("{}: {error}", path.display())));
            }
        }
    }
    eprintln!("{plans} real plans");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the tool whose samples these are expects of their scans; it shares a CTE in proportion.
#[test]
fn a_cte_is_paid_by_its_scans() {
    let Some(folder) = corpus("plans/postgres/pev2-cte", &["02.plan"]) else { return };
    let text = std::fs::read_to_string(folder.join("02.plan")).expect("a sample");
    let located = locate(&text);
    let document = &text[located[0].found.start..located[0].found.end];
    let plan = located[0].reader.read(document, Literals::Hide).expect("a plan").remove(0);
    let metrics = querylens::model::plan::metrics::of(&plan);
    let own: Vec<_> = metrics.nodes.iter().filter_map(|node| node.self_ms).collect();
    // 504.954 in all, 504.880 of the CTE inside the first scan of 504.937.
    for (own, expected) in own.iter().zip([0.010, 504.880, 0.064, 0.0]) {
        assert!((own.value - expected).abs() <= own.within + 0.001, "{own:?} {expected}");
    }
}
