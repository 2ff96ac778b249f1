//! What [`mysql-filesort`](crate::judge::rules::query::mysql_filesort) finds in plans that no log
//! tells the load of: files of plans, and plans of statements that were not logged.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{About, sentence};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, rewrite};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator, Plan};

/// Rows sorted by a run from which the sort is a cost of its own.
const MANY_SORTED: f64 = 10_000.0;
/// Columns of a proposed index.
const MAX_COLUMNS: usize = 4;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// The only table that a sort reads, straight or through a filter: its rows come in the order of an
/// index. Joined or grouped rows have no such order.
fn sorted_table(plan: &Plan, sort: usize) -> Option<usize> {
    let end = plan.nodes.get(sort)?.end;
    let mut below = sort + 1..end;
    let mut only = below.next()?;
    if plan.nodes[only].operator == Operator::Filter {
        only = below.next()?;
    }
    let reads = plan.nodes[only].operator.reads_table();
    (reads && plan.nodes[only].end == end).then_some(only)
}

/// Whether a sort keeps its first rows only.
pub(super) fn is_limited(plan: &Plan, sort: usize) -> bool {
    let node = &plan.nodes[sort];
    let above = node.parent.is_some_and(|above| plan.nodes[above].operator == Operator::Limit);
    above || ["r_limit", "per_chunk_limit", "limit"].iter().any(|name| node.number(name).is_some())
}

/// The part of the statement that sorting takes. MariaDB counts what it does while it reads a table as
/// that table's other time.
pub(super) fn own_share(plan: &Plan, shares: &[f64], sort: usize, table: usize) -> f64 {
    let of = |at: usize| shares.get(at).copied().unwrap_or(0.0);
    let number = |name: &str| plan.nodes[table].number(name);
    let among = match (number("r_table_time_ms"), number("r_other_time_ms")) {
        (Some(table), Some(other)) if table + other > 0.0 => other / (table + other),
        _ => 0.0,
    };
    (of(sort) + among * of(table)).min(1.0)
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    if plan.load_share.is_some() {
        return Vec::new();
    }
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let sorts = tree.nodes.iter().enumerate().filter(|(_, node)| node.operator == Operator::Sort);
    sorts
        .filter_map(|(at, _)| {
            let table = sorted_table(tree, at)?;
            let kept = mysql::passed(tree, table).map_or(1.0, |(kept, _)| kept);
            let sorted = mysql::rows_read(tree, table) * kept;
            // With the order at hand a LIMIT ends the reading early.
            let share = match is_limited(tree, at) {
                true => mysql::share_of_tree(tree, &shares, at),
                false => own_share(tree, &shares, at, table),
            };
            if sorted < MANY_SORTED || share < MIN_SHARE {
                return None;
            }
            let fact = format!(
                "{} rows of {} are sorted{}",
                number(sorted.round()),
                mysql::called(&tree.nodes[table]),
                if is_limited(tree, at) { " to return the first of them" } else { "" }
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// The columns that a sort orders by, where an index can give the order: bare ones of one table, all
/// in one direction.
fn order(sort: &Node, table: &str) -> Vec<String> {
    let keys = sort.text("sort_key").map(|keys| keys.split(", ").collect::<Vec<_>>());
    let keys = keys.unwrap_or_else(|| sort.details.texts("sort_fields"));
    let mut columns = Vec::new();
    let mut directions = Vec::new();
    for key in keys {
        let (column, direction) = match key.trim().split_once(' ') {
            Some((column, direction)) => (column, direction.to_ascii_lowercase()),
            None => (key.trim(), String::new()),
        };
        let parts = ident::parts(&column.replace('`', "\""));
        let is_own = match parts.as_slice() {
            [.., of, _] => of.eq_ignore_ascii_case(table),
            _ => true,
        };
        let is_plain = |part: &String| part.chars().all(|c| c.is_alphanumeric() || c == '_');
        let Some(last) = parts.last().filter(|last| is_own && is_plain(last)) else {
            return Vec::new();
        };
        columns.push(last.clone());
        directions.push(direction == "desc");
    }
    directions.dedup();
    if directions.len() > 1 { Vec::new() } else { columns }
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let (Some(sort), Some(table)) = (tree.nodes.get(hit.at), sorted_table(tree, hit.at)) else {
        return;
    };
    let node = &tree.nodes[table];
    let about = About::new(evidence, plan, node);
    finding.title = format!("Sorts many rows of {}", about.table());
    finding.message = format!(
        "{} {}. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let order = order(sort, mysql::called(node));
    let mut columns = mysql::tested(tree, table).equal;
    columns.retain(|column| !order.contains(column));
    columns.extend(order.iter().cloned());
    // Most rows of a table are read faster from end to end, and sorted.
    let is_few = mysql::passed(tree, table).is_some_and(|(kept, _)| kept < mysql::TOO_MANY);
    let pays = is_few || is_limited(tree, hit.at);
    let fits = pays && !order.is_empty() && columns.len() <= MAX_COLUMNS;
    let otherwise = "Sort less: add a LIMIT where only the first rows are read, sort keys alone and join the \
                     rows to them afterwards, leave out the ORDER BY where nobody needs it.";
    about.advise(finding, if fits { &columns } else { &[] }, otherwise);
    if fits {
        finding.fixes.push(rewrite::code(
            otherwise,
            "Each row that an index finds is fetched by itself: that pays where few are returned.",
        ));
    }
    finding.verify = about.verify("no filesort");
}
