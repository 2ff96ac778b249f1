//! `sort-feeds-group`: rows are sorted only to be grouped, or to drop those that come twice.

use super::postgres::{
    POSTGRES, Seen, advise_memory, code, inputs, node, nodes, say, tree, verify,
};
use super::{Hit, each_plan};
use crate::judge::advice::plan_index;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::{bytes, percent};
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN039",
    name: "sort-feeds-group",
    title: "Rows are sorted to be grouped",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A GroupAggregate or Unique over a Sort that goes through the disk, or a Unique over a Sort \
that drops at least half of the rows sorted; with the sort itself at least 20 % of the \
statement's time. What the sort writes is told here, not by `sort-spilled`.

## Why it matters

To group, rows need no order: a hash table of the groups takes one pass. Rows that a join \
has multiplied are sorted only to be dropped again.

## What to do

Make fewer rows: EXISTS in place of a join with DISTINCT, group before joining. Then give the \
statement or its role the memory for a hash of the groups.

## When to ignore it

When the statement orders its result by the same columns: the sort stays then.
";

/// Share of the statement that sort and grouping must take together.
const MIN_GROUP_SHARE: f64 = 0.2;
/// Part of the sorted rows that Unique drops, where nothing spills.
const DROPPED: f64 = 0.5;
/// What is saved of sort and grouping at most where no row is spared. In trials on PostgreSQL 15 memory
/// for a hash saved nothing to a fifth of the statement, count(DISTINCT) rewritten a quarter, and EXISTS,
/// which spares rows, half.
const HASH_PART: f64 = 0.3;
/// Rows below which a sort is no cost of its own.
const MIN_SORTED: f64 = 1_000.0;
/// Bytes that a group takes in a hash table beside its columns.
const BYTES_BESIDE: f64 = 100.0;
/// Keys of an index that is worth naming.
const MAX_KEYS: usize = 4;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    nodes(plan).filter_map(|group| hit(plan, group)).collect()
}

/// Whether a sort is told here.
pub(super) fn is_told(plan: &PlanEvidence<'_>, sort: usize) -> bool {
    let above = plan.plan().ancestors(sort).filter_map(|above| node(plan, above)).take(2);
    above.into_iter().any(|group| {
        sort_below(plan, group).is_some_and(|below| below.at == sort) && hit(plan, group).is_some()
    })
}

fn hit(plan: &PlanEvidence<'_>, group: Seen<'_>) -> Option<Hit> {
    let sort = sort_below(plan, group)?;
    let share = sort.share().unwrap_or(0.0) + group.share().unwrap_or(0.0);
    let (sorted, left) = (sort.rows()?, group.rows()?);
    let spilled = spilled_bytes(sort);
    let drops = group.node.operator == Operator::Unique && left <= (1.0 - DROPPED) * sorted;
    let is_much = sorted >= MIN_SORTED && share >= MIN_GROUP_SHARE;
    let wrote =
        spilled.map_or(String::new(), |wrote| format!(" through {} of files", bytes(wrote)));
    let fact = format!(
        "{} sorts {} rows{wrote}, of which {} leaves {}",
        sort.name(),
        number(sorted),
        group.name(),
        number(left)
    );
    let saved = if drops { share } else { share * HASH_PART };
    let is_fault = is_much && (spilled.is_some() || drops);
    is_fault.then_some(Hit { at: group.at, share: saved, fact })
}

/// The sort that a node groups by, straight or through the Gather Merge of its workers.
fn sort_below<'p>(plan: &'p PlanEvidence<'_>, group: Seen<'p>) -> Option<Seen<'p>> {
    let is_sorted = match group.node.operator {
        Operator::Unique => true,
        Operator::Aggregate => !group.node.details.texts("Group Key").is_empty(),
        _ => false,
    };
    let input = inputs(plan, group.at).into_iter().next().filter(|_| is_sorted)?;
    let input = match input.node.operator {
        Operator::Gather => inputs(plan, input.at).into_iter().next()?,
        _ => input,
    };
    (input.node.operator == Operator::Sort).then_some(input)
}

/// What a sort wrote, if it did.
fn spilled_bytes(sort: Seen<'_>) -> Option<u64> {
    let is_disk = sort.node.text("Sort Space Type") == Some("Disk");
    let kilobytes = sort.node.number("Sort Space Used").filter(|_| is_disk)?;
    Some(kilobytes.max(0.0) as u64 * 1024)
}

/// The memory of a hash table of the groups: as many as came, or as the planner expects, which
/// decides by its own number.
fn hash_bytes(group: Seen<'_>) -> u64 {
    let groups = group.rows().unwrap_or(0.0).max(group.node.estimated.rows.unwrap_or(0.0));
    let width = group.node.estimated.width_bytes.unwrap_or(0.0);
    (groups * (width + BYTES_BESIDE)).max(0.0) as u64
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(group) = node(plan, hit.at) else { return };
    let Some(sort) = sort_below(plan, group) else { return };
    let sorted = sort.rows().unwrap_or_default();
    let left = group.rows().unwrap_or_default();
    let is_unique = group.node.operator == Operator::Unique;
    let title = format!(
        "{} rows are sorted to {} {}",
        number(sorted),
        if is_unique { "return" } else { "group them into" },
        number(left)
    );
    let why = match is_unique {
        true => format!(
            "{} of the rows are made and sorted only to be dropped.",
            percent(1.0 - left / sorted.max(1.0))
        ),
        false => "Grouping needs no order: a hash table of the groups takes one pass.".to_owned(),
    };
    say(evidence, plan, hit, finding, title, &why);
    let joins = tree(plan, sort.at).any(|below| below.node.operator.joins());
    finding.fixes.push(match (is_unique, joins) {
        (true, true) => code(
            "Ask with EXISTS (SELECT FROM other WHERE other.key = this.key) for the tables that return \
             no column, in place of a join and DISTINCT.",
            "The join repeats a row for each match and DISTINCT drops the repetition; EXISTS stops at \
             the first. The same rows where the returned columns hold a key of their table; else keep \
             the DISTINCT.",
        ),
        (true, false) => code(
            "Leave out DISTINCT where the returned columns hold a key; else let GROUP BY on the fewest \
             columns find the rows, and join the others to them by key.",
            "DISTINCT compares all returned columns, wide ones too.",
        ),
        (false, _) => code(
            "Group fewer and narrower rows: filter first, group before joining, and join descriptive \
             columns to the groups by key.",
            "An aggregate with DISTINCT or ORDER BY in its parentheses cannot be hashed whatever the \
             memory: count(DISTINCT x) by k is SELECT k, count(x) FROM (SELECT DISTINCT k, x FROM …) s \
             GROUP BY k.",
        ),
    });
    let how = "the groups, as many as came or were expected, times their width and 100 bytes; from \
               PostgreSQL 15 on hash_mem_multiplier gives hashes twice the setting; with too little \
               the planner sorts again; in trials memory alone saved at most a fifth";
    advise_memory(evidence, plan, finding, hash_bytes(group), how);
    add_index(evidence, plan, sort, finding);
    finding.verify = verify(
        evidence,
        plan,
        "a HashAggregate with `Batches: 1`, or no DISTINCT at all, in place of the Sort",
    );
}

/// An index in the order of the groups, where one table is sorted.
fn add_index(
    evidence: &Evidence<'_>,
    plan: &PlanEvidence<'_>,
    sort: Seen<'_>,
    finding: &mut Finding,
) {
    let Some(scan) = inputs(plan, sort.at).into_iter().next() else { return };
    let keys = sort.node.details.texts("Sort Key");
    let Some(table) = scan.table().filter(|_| scan.node.operator.reads_table()) else { return };
    let unsorted = plan_index::wanted(scan.node);
    let wanted = unsorted.clone().sorted_by(scan.node, &keys);
    if wanted == unsorted || keys.len() > MAX_KEYS {
        return;
    }
    if let Some((candidate, reason)) = wanted.candidate(table) {
        let mut fix = plan_index::fix(candidate, &reason, plan, evidence);
        // Without the other columns it was slower than the sort in a trial, with them twice as fast.
        if let Some(index) = fix.text.strip_suffix(");").filter(|_| !fix.undo.is_empty()) {
            fix.text = format!("{index}) INCLUDE ({{1}});");
            fix.complete = false;
            fix.note.insert_str(
                0,
                "{1} are the other columns that the statement reads of the table: without them each row is \
                 fetched, and that is slower than the sort. PostgreSQL 11 and later; the table must be \
                 vacuumed, as autovacuum does. ",
            );
        }
        finding.fixes.push(fix);
        let cost = plan_index::cost(plan, evidence, table);
        finding.trade_offs = format!("{} The index: {cost}", finding.trade_offs).trim().to_owned();
    }
}
