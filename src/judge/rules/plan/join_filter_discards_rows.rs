//! `join-filter-discards-rows`: a join makes pairs that its filter removes.

use super::postgres::{
    MIN_SHARE, POSTGRES, advise_index, code, node, nodes, say, side, tree, tree_share, verify,
};
use super::{Hit, each_plan};
use crate::judge::advice::plan_index;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Role;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN009",
    name: "join-filter-discards-rows",
    title: "A join makes pairs of rows and throws most away",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A join whose filter removes at least 10,000 pairs, ten times as many as it keeps, and that \
takes at least 10 % of its statement's time with its inner side.

## Why it matters

Pairs that only the join filter can tell apart are all made first: the work is the product \
of both sides.

## What to do

Join on an equality where there is one, so that a hash or an index finds the partner. An OR \
across two keys becomes a UNION of two joins. A range (`BETWEEN low AND high`) is served by \
an index on the bound, or by a GiST index on a range type.

## When to ignore it

When one side has a handful of rows and stays so.
";

/// Pairs that must be removed, and how many times as many as are kept.
const MIN_REMOVED: f64 = 10_000.0;
const TIMES: f64 = 10.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let joins = nodes(plan).filter(|seen| seen.node.operator.joins());
    joins
        .filter_map(|seen| {
            let removed = seen.counted("Rows Removed by Join Filter")?;
            let kept = seen.rows()?;
            let inner =
                side(plan, seen.at, Role::Inner).map_or(0.0, |inner| tree_share(plan, inner.at));
            let share = (seen.share().unwrap_or(0.0) + inner).min(1.0);
            let part = removed / (removed + kept);
            let fact = format!(
                "{} makes {} pairs of rows and removes {} of them by its Join Filter",
                seen.name(),
                number(removed + kept),
                percent(part)
            );
            let is_much = removed >= MIN_REMOVED && removed >= TIMES * kept && share >= MIN_SHARE;
            is_much.then_some(Hit { at: seen.at, share: share * part, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let title = format!("{} throws most of its pairs away", seen.node.native);
    let why = "Without an equality or an index condition every pair is made and tested.";
    say(evidence, plan, hit, finding, title, why);
    let inner = side(plan, hit.at, Role::Inner).into_iter().flat_map(|inner| tree(plan, inner.at));
    let filter = seen.node.text("Join Filter");
    let scan = inner.filter(|inner| inner.node.operator.reads_table()).find_map(|inner| {
        let candidate =
            plan_index::wanted_of(inner.node, filter.as_slice()).candidate(inner.table()?);
        Some((inner.table()?, candidate?))
    });
    finding.fixes.push(code(
        "Give the join an equality (a key, a bucket of the range, a day) beside the condition that it \
         has; write an OR across two keys as a UNION of two joins.",
        "An equality must follow from the condition, or the rows change: check it with the data.",
    ));
    match scan {
        Some((table, candidate)) => advise_index(evidence, plan, finding, table, Some(candidate)),
        None => finding.trade_offs = "None but the changed statement.".to_owned(),
    }
    finding.verify = verify(
        evidence,
        plan,
        "a Hash Join or an Index Cond in place of the Join Filter, and the same rows as before",
    );
}
