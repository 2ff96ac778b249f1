//! What [`collection-scan`](crate::judge::rules::mongodb::collection_scan) finds in explain documents.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::{Node, Operator, Plan};

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Share of the documents read that may match: an index on more costs more than it spares.
const TOO_MANY: f64 = 0.05;

/// Documents that come out of a scan, tested: its own filter's, or those of one right above.
fn matched(plan: &Plan, at: usize) -> Option<f64> {
    let node = plan.nodes.get(at)?;
    let above = node.parent.and_then(|above| plan.nodes.get(above));
    let filter = above.filter(|above| above.operator == Operator::Filter);
    mongodb::gave(filter.unwrap_or(node))
}

fn is_scan(node: &Node) -> bool {
    node.operator == Operator::FullScan
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let scans = tree.nodes.iter().enumerate().filter(|(_, node)| is_scan(node));
    scans
        .filter(|_| mongodb::is_apart(plan))
        .filter_map(|(at, node)| {
            let is_tested = node.details.get("filter").is_some();
            let share = mongodb::share(plan, at);
            let (docs, matched) = (mongodb::docs(node), matched(tree, at));
            let fact = match (docs, matched) {
                (Some(docs), Some(matched)) => {
                    let is_waste = docs >= mongodb::MANY && matched < TOO_MANY * docs;
                    is_waste.then(|| {
                        format!(
                            "the scan reads {} documents for {} that match",
                            number(docs),
                            number(matched)
                        )
                    })?
                }
                // Not executed: how many match nobody knows.
                _ if is_tested => "all documents are read and tested".to_owned(),
                _ => return None,
            };
            (share >= mongodb::MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    finding.title = format!("Collection scan of {}", about.place());
    finding.message = format!("{} {}.", about.scope(), sentence(&hit.fact));
    about.advise(
        finding,
        "Give the command a predicate that an index can serve: an equality or a range on a field, without \
         $ne, $nin, $not or $where.",
    );
    finding.verify = mongodb::verify("IXSCAN in place of COLLSCAN, with bounds on the new index");
}
