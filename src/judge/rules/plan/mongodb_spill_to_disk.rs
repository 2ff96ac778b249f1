//! What [`spill-to-disk`](crate::judge::rules::mongodb::spill_to_disk) finds in explain documents.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::bytes;
use crate::model::plan::Node;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Bytes that a stage wrote to disk, where it tells them.
fn spilled(node: &Node) -> Option<f64> {
    let names = [
        "spilledDataStorageSize",
        "numBytesSpilledEstimate",
        "spilledBytes",
        "spilledBytesApprox",
        "totalSpilledBytes",
    ];
    names.iter().find_map(|name| node.number(name)).filter(|bytes| *bytes > 0.0)
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let nodes = plan.plan().nodes.iter().enumerate();
    nodes
        .filter(|_| mongodb::is_apart(plan))
        .filter(|(_, node)| {
            node.details.flag("usedDisk") == Some(true)
                || node.number("spills").is_some_and(|spills| spills > 0.0)
        })
        .filter_map(|(at, node)| {
            let share = plan.metrics().nodes.get(at)?.share.unwrap_or(1.0);
            let times = node
                .number("spills")
                .map_or(String::new(), |spills| format!(" {} times", number(spills)));
            let much =
                spilled(node).map_or(String::new(), |size| format!(", {}", bytes(size as u64)));
            let fact = format!("stage {} went to disk{times}{much}", node.native);
            (share >= mongodb::MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    finding.title = format!("Spills to disk on {}", about.place());
    finding.message = format!(
        "{} {}: what it keeps is more than its memory (100 MB by default).",
        about.scope(),
        sentence(&hit.fact)
    );
    finding.fixes.push(rewrite::code(
        "Let less reach the stage that spills: $match and $project before $group, $sort and $lookup, a \
         $limit right behind the $sort, an index that gives the order of the sort. Where the same sums are \
         asked for again and again, write them to a collection with $merge and read that.",
        "allowDiskUse only lets the command finish; it does not make it fast. The memory of a stage is a \
         setting of the whole server: more of it is taken by every such command at once.",
    ));
    finding.verify = mongodb::verify(
        "`$match` and `$project` pushed into the first stage, and no SORT where an index gives the order",
    );
    finding.trade_offs =
        "A collection of sums has to be kept up to date, and is as old as its last update."
            .to_owned();
}
