//! What [`mysql-full-scan`](crate::judge::rules::query::mysql_full_scan) finds in plans that no log
//! tells the load of: files of plans, and plans of statements that were not logged.

use super::mysql::{self, MANY_ROWS, MIN_SHARE, TOO_MANY};
use super::mysql_about::{About, how, rows, sentence};
use super::{Hit, each_plan, mysql_no_index_join, mysql_partitions_not_pruned};
use super::{mysql_possible_key_unused, mysql_range_checked};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Operator, Plan, Role};

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Whether another rule speaks of the scan: of the join, the key, the partitions or the subquery.
fn is_told(plan: &Plan, at: usize) -> bool {
    let node = &plan.nodes[at];
    let is_rerun = |at: usize| plan.nodes[at].role == Role::SubPlan;
    mysql_possible_key_unused::is_left_aside(node)
        || mysql_range_checked::is_checked(plan, node)
        || mysql_partitions_not_pruned::reads_many(node)
        || mysql_no_index_join::joined_by(plan, at).is_some()
        || is_rerun(at)
        || plan.ancestors(at).any(is_rerun)
        || node.text("select_type").is_some_and(|kind| kind.starts_with("DEPENDENT"))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    if plan.load_share.is_some() {
        return Vec::new();
    }
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let scans = mysql::reads(tree).filter(|(_, node)| node.operator == Operator::FullScan);
    scans
        .filter_map(|(at, node)| {
            let share = mysql::share_of_read(tree, &shares, at);
            let passed = mysql::passed(tree, at);
            if !mysql::is_tested(tree, at)
                || passed.is_some_and(|(kept, _)| kept >= TOO_MANY)
                || mysql::rows_read(tree, at) < MANY_ROWS
                || share < MIN_SHARE
                || is_told(tree, at)
            {
                return None;
            }
            let kept = match passed {
                Some((kept, is_counted)) => {
                    format!("{} of them {}are kept", percent(kept), how(is_counted))
                }
                None => "how many of them are kept the plan does not say".to_owned(),
            };
            let fact = format!(
                "table {} is read from end to end, {}; {kept}",
                mysql::called(node),
                rows(plan, at)
            );
            Some(Hit { at, share: share * (1.0 - passed.map_or(0.0, |(kept, _)| kept)), fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("Full scan of {}", about.table());
    finding.message = format!(
        "{} {}. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let columns = mysql::tested(plan.plan(), hit.at).index_columns();
    about.advise(
        finding,
        &columns,
        "Give the condition on the scanned table an index; where the statement is meant to read most of \
         it, keep its answer in a summary table that is refreshed.",
    );
    if mysql::passed(plan.plan(), hit.at).is_none() {
        finding.confidence = Confidence::Low;
    }
    if let Some(fix) = finding.fixes.first_mut().filter(|fix| !fix.undo.is_empty()) {
        fix.note.push_str(
            " It pays where few of the rows match: where a tenth do, the scan is as fast, unless the index \
             also holds every column that the statement reads.",
        );
    }
    finding.verify = about.verify("type ref or range and a key in place of ALL");
}
