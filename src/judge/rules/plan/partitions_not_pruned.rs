//! `partitions-not-pruned`: an Append reads all partitions of a table, because the condition does not name their key.

use super::postgres::{POSTGRES, Seen, inputs, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN036",
    name: "partitions-not-pruned",
    title: "All partitions are read",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An Append of at least 10 scans of which none was removed or left unexecuted, that takes at \
least 30 % of its statement's time.

## Why it matters

Without a condition on the partition key every partition is planned, opened and read.

## What to do

Add the partition key to the condition, as a constant or parameter of its own type. The \
finding prints the query that shows the key.

## When to ignore it

When the statement must look at everything.
";

/// Scans that there must be, and their share of the statement.
const MIN_SCANS: usize = 10;
const MIN_APPEND_SHARE: f64 = 0.3;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let appends = nodes(plan)
        .filter(|seen| matches!(seen.node.operator, Operator::Append | Operator::MergeAppend));
    appends
        .filter_map(|seen| {
            let members = inputs(plan, seen.at);
            let is_read = |member: &Seen<'_>| {
                member.loops().is_some()
                    && member.table().is_some()
                    && member.node.operator.reads_table()
            };
            let removed = seen.node.number("Subplans Removed").unwrap_or(0.0);
            let share = tree_share(plan, seen.at);
            let fact =
                format!("{} reads {} tables, none of them pruned", seen.name(), members.len());
            let all = members.len() >= MIN_SCANS && members.iter().all(is_read) && removed == 0.0;
            (all && has_condition(&members) && share >= MIN_APPEND_SHARE).then_some(Hit {
                at: seen.at,
                share,
                fact,
            })
        })
        .collect()
}

/// Whether the statement asks for a part of the rows only.
fn has_condition(members: &[Seen<'_>]) -> bool {
    let names = ["Filter", "Index Cond", "Recheck Cond"];
    members.iter().all(|member| names.iter().any(|name| member.node.text(name).is_some()))
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let members = inputs(plan, hit.at);
    let table = members.first().and_then(|member| member.table()).unwrap_or_default();
    let title = format!("{} partitions are read, none is pruned", members.len());
    say(evidence, plan, hit, finding, title, "The condition does not fix the partition key.");
    finding.fixes.push(setting::look(
        lookup::partition_key(table),
        "Add a condition on this key to the statement, of the key's own type and on the bare column: a \
         cast or a function around it keeps partitions from being pruned.",
    ));
    finding.verify = verify(evidence, plan, "a few partitions, or `Subplans Removed`");
    finding.trade_offs = "The result changes where rows of other partitions were meant.".to_owned();
}
