//! The arithmetic of every plan under `fixtures/plans`: its parts add up to the whole within what
//! they say they may be off, and no part is negative.

use querylens::model::plan::metrics::{self, Bounded};
use querylens::model::plan::{Actual, Plan};
use querylens::read::plans::{Literals, locate};
use std::path::Path;

/// Sums of as many numbers are not exact.
const EXACT: f64 = 1e-6;

/// What is wrong with the arithmetic of a plan.
pub fn check(plan: &Plan) -> Option<String> {
    let metrics = metrics::of(plan);
    if metrics.nodes.len() != plan.nodes.len() {
        return Some("not one for each node".to_owned());
    }
    for (at, (node, of)) in plan.nodes.iter().zip(&metrics.nodes).enumerate() {
        let times = [of.self_ms, of.total_ms, of.rows, of.rows_removed].into_iter().flatten();
        let is_wrong =
            |one: &Bounded| !(one.value >= 0.0 && one.within >= 0.0 && one.within.is_finite());
        let amounts = [of.self_cost, of.self_blocks, of.self_blocks_read, of.self_io_ms, of.share];
        if times.clone().any(|one| is_wrong(&one))
            || amounts.into_iter().flatten().any(|one| !(one >= 0.0))
        {
            return Some(format!("node {at} {}: {of:?}", node.native));
        }
        if node.actual == Actual::Never && of.estimate.is_some() {
            return Some(format!("node {at} {} never ran: {of:?}", node.native));
        }
    }
    let shares: f64 = metrics.nodes.iter().filter_map(|node| node.share).sum();
    if shares > 1.0 + EXACT {
        return Some(format!("shares of {shares}"));
    }
    let total = metrics.total_ms.filter(|_| metrics.is_measured)?;
    let own = metrics.nodes.iter().filter_map(|node| node.self_ms);
    let parts = own.chain(metrics.others.iter().map(|part| part.time_ms));
    let sum = parts.fold(Bounded::default(), |sum, part| Bounded {
        value: sum.value + part.value,
        within: sum.within + part.within,
    });
    let off = (sum.value - total.value).abs();
    (off > sum.within + total.within + EXACT * total.value.max(1.0))
        .then(|| format!("parts are {sum:?}, the whole is {total:?}"))
}

#[test]
fn parts_of_every_fixture_add_up() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let (mut measured, mut wrong) = (0, Vec::new());
    for path in crate::plans::plan_files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        for located in locate(&text) {
            let document = &text[located.found.start..located.found.end];
            for plan in located.reader.read(document, Literals::Hide).unwrap_or_default() {
                measured += usize::from(metrics::of(&plan).is_measured);
                wrong.extend(check(&plan).map(|error| format!("{}: {error}", path.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(measured > 0, "no fixture holds times");
}
