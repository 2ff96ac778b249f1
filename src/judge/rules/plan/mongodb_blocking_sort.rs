//! What [`blocking-sort`](crate::judge::rules::mongodb::blocking_sort) finds in explain documents.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let sorts = tree.nodes.iter().enumerate();
    sorts
        .filter(|(_, node)| mongodb::is_apart(plan) && node.operator == Operator::Sort)
        .filter_map(|(at, node)| {
            // The index against a scan gives the order as well, and no index orders what is computed.
            let is_told = mongodb::below(tree, at, |node| node.operator == Operator::FullScan);
            let is_computed = mongodb::below(tree, at, |node| {
                matches!(node.operator, Operator::Aggregate | Operator::Window)
                    || node.operator.joins()
            });
            if is_told.is_some() || is_computed.is_some() {
                return None;
            }
            let input =
                tree.children(at).next().and_then(|input| mongodb::gave(&tree.nodes[input]));
            let share = mongodb::share(plan, at);
            let fact = match input {
                Some(rows) if rows >= mongodb::MANY => {
                    format!(
                        "{} documents are sorted in memory before the first is returned",
                        number(rows)
                    )
                }
                Some(_) => return None,
                None => "documents are sorted in memory before the first is returned".to_owned(),
            };
            let own = plan.metrics().nodes.get(at).and_then(|of| of.share);
            // Without a limit everything below is read all the same.
            let is_limited = node.number("limitAmount").is_some()
                || node.parent.is_some_and(|above| tree.nodes[above].operator == Operator::Limit);
            let share = if is_limited { share } else { own.unwrap_or(share) };
            (share >= mongodb::MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    finding.title = format!("Sort in memory of {}", about.place());
    finding.message = format!("{} {}.", about.scope(), sentence(&hit.fact));
    about.advise(
        finding,
        "Give the sort an index: the fields compared with values, then those of the sort.",
    );
    finding.verify = mongodb::verify("no SORT stage above the IXSCAN");
}
