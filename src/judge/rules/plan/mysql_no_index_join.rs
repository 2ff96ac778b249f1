//! What [`mysql-no-index-join`](crate::judge::rules::query::mysql_no_index_join) finds in plans that
//! no log tells the load of: files of plans, and plans of statements that were not logged.

use super::mysql::{self, MANY_ROWS, MIN_SHARE};
use super::mysql_about::{About, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Operator, Plan, Role};

/// A hash join reads the table once: only where so many times fewer rows are looked up is an index
/// cheaper.
const FEWER: f64 = 10.0;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// The join that reads a table as a whole for buffers of rows, or into a hash table: of version 1 and
/// of the table form it is the table's own node.
pub(super) fn joined_by(plan: &Plan, at: usize) -> Option<usize> {
    let node = plan.nodes.get(at)?;
    if !matches!(node.operator, Operator::FullScan | Operator::FullIndexScan) {
        return None;
    }
    if node.details.get("using_join_buffer").is_some() {
        return Some(at);
    }
    let mut below = at;
    for above in plan.ancestors(at).take(3) {
        let join = &plan.nodes[above];
        if join.operator == Operator::HashJoin || join.text("buffer_type").is_some() {
            let is_inner = plan.nodes[below].role == Role::Inner;
            return (is_inner || join.text("buffer_type").is_some()).then_some(above);
        }
        if !matches!(join.operator, Operator::Filter | Operator::Hash) {
            return None;
        }
        below = above;
    }
    None
}

/// Rows of the other side, for each of which an index would be looked up.
fn lookups(plan: &Plan, join: usize) -> f64 {
    let outer = plan.children(join).find(|child| plan.nodes[*child].role == Role::Outer);
    match outer {
        Some(outer) => mysql::rows_read(plan, outer),
        None => mysql::runs(plan, join),
    }
}

/// The conditions that a join tests pairs of rows by.
fn conditions(plan: &Plan, join: usize) -> Vec<&str> {
    let node = &plan.nodes[join];
    let own = node.text("attached_condition");
    let hash = node.details.texts("hash_condition");
    let extra = node.details.texts("extra_condition");
    own.into_iter().chain(hash).chain(extra).collect()
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    if plan.load_share.is_some() {
        return Vec::new();
    }
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    mysql::reads(tree)
        .filter_map(|(at, node)| {
            let join = joined_by(tree, at)?;
            let own = if join == at { 0.0 } else { shares.get(join).copied().unwrap_or(0.0) };
            let share = (mysql::share_of_read(tree, &shares, at) + own).min(1.0);
            let (read, lookups) = (mysql::rows_read(tree, at), lookups(tree, join));
            let is_hashed = tree.nodes[join].operator == Operator::HashJoin;
            if read < MANY_ROWS || share < MIN_SHARE || (is_hashed && lookups * FEWER > read) {
                return None;
            }
            let fact = format!(
                "table {} is joined without an index and read from end to end for it, {}",
                mysql::called(node),
                rows(plan, at)
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let Some(node) = tree.nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("Join without an index to {}", about.table());
    finding.message = format!(
        "{} {}. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let mut tested = mysql::Tested::default();
    if let Some(join) = joined_by(tree, hit.at) {
        for condition in conditions(tree, join) {
            tested.add_all(tree, mysql::called(node), condition);
        }
    }
    about.advise(
        finding,
        &tested.index_columns(),
        "See whether the table is joined by a condition on its own bare column, and give that column an \
         index: a table without such a condition is multiplied with the others.",
    );
    if let Some(fix) = finding.fixes.first_mut().filter(|fix| !fix.undo.is_empty()) {
        fix.note.push_str(" Both columns of the join need one type and one collation.");
    }
    finding.verify =
        about.verify("type ref or eq_ref for the joined table, and no join buffer or hash join");
}
