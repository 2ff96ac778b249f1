//! `sqlite-view-used-twice`: a view or CTE is computed for each of its uses, or kept without an index.

use super::sqlite::{self, About, makes_rows};
use super::{Hit, each_plan, sqlite_uses};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::counted;
use crate::model::plan::{Node, Operator, Plan, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN075",
    name: "sqlite-view-used-twice",
    title: "A view or CTE is made for several uses",
    target: "queries",
    engines: sqlite::ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite that makes a view or CTE of one name more than once (`CO-ROUTINE`, `MATERIALIZE`), \
or keeps one that the statement uses more than once (`MATERIALIZE`) and then joins it without an index \
of its own: by an automatic index, or from end to end for each row outside.

## Why it matters

Made twice, all that the view reads and groups is read and grouped twice. Kept, it holds all rows \
whatever the statement asks of them, and nobody can give it an index.

## What to do

Name it once in a CTE that is `MATERIALIZED` and use that in both places. Where it is joined, put its \
rows into a temporary table with an index, or ask the tables below it for what is needed.

## When to ignore it

When the view gives few rows from a small table.
";

/// Part of the statement that a fault must take, where that is measured.
const MIN_SHARE: f64 = 0.1;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// The nodes that make the rows of one name.
fn makers<'p>(plan: &'p Plan, name: &'p str) -> impl Iterator<Item = usize> + 'p {
    let nodes = plan.nodes.iter().enumerate().filter(|(_, node)| makes_rows(node));
    nodes.filter(move |(_, node)| node.label.as_deref() == Some(name)).map(|(at, _)| at)
}

/// The aliases under which a statement reads a name more than once; none where the plan is without its
/// statement.
fn aliases(plan: &Plan, name: &str) -> Vec<String> {
    let statement = plan.statement.as_deref().unwrap_or_default();
    Some(sqlite_uses::of(statement, name)).filter(|uses| uses.len() > 1).unwrap_or_default()
}

/// Whether a node joins what is kept under one of the names without an index of its own.
fn joins_kept(node: &Node, aliases: &[String]) -> bool {
    let is_it = |name: &str| aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
    let is_automatic = node.details.flag("automatic") == Some(true);
    let is_repeated = node.role == Role::Inner && &*node.native == "SCAN";
    node.relation.as_deref().is_some_and(is_it) && (is_automatic || is_repeated)
}

/// Whether a node reads rows that the plan keeps, so that no index can be built for it.
pub(super) fn is_kept(plan: &Plan, node: &Node) -> bool {
    let mut kept = plan.nodes.iter().filter(|node| makes_rows(node));
    node.operator == Operator::DerivedScan
        || kept.any(|maker| {
            let name = maker.label.as_deref().unwrap_or_default();
            let statement = plan.statement.as_deref().unwrap_or_default();
            joins_kept(node, &sqlite_uses::of(statement, name))
        })
}

/// What is wrong with the use of one name.
enum Fault {
    /// It is made so many times.
    MadeAgain(u64),
    /// It is kept, and joined without an index.
    Kept(u64),
}

fn fault(plan: &Plan, at: usize) -> Option<Fault> {
    let node = plan.nodes.get(at).filter(|node| makes_rows(node))?;
    let name = node.label.as_deref()?;
    let made = makers(plan, name).count() as u64;
    // Told at the first.
    if makers(plan, name).next() != Some(at) {
        return None;
    }
    if made > 1 {
        return Some(Fault::MadeAgain(made));
    }
    let aliases = aliases(plan, name);
    let is_joined = plan.nodes.iter().any(|node| joins_kept(node, &aliases));
    (&*node.native == "MATERIALIZE" && is_joined).then_some(Fault::Kept(aliases.len() as u64))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let names = (0..tree.nodes.len()).filter_map(|at| Some((at, fault(tree, at)?)));
    names
        .filter_map(|(at, fault)| {
            let name = tree.nodes[at].label.as_deref()?;
            let (part, fact) = match fault {
                Fault::MadeAgain(times) => (
                    (times - 1) as f64 / times as f64,
                    format!("the view or CTE {name} is made {}", counted(times, "time")),
                ),
                Fault::Kept(uses) => (
                    1.0,
                    format!(
                        "all rows of {name} are kept without an index for {}",
                        counted(uses, "use")
                    ),
                ),
            };
            let share = makers(tree, name).map(|at| share_of_tree(plan, at)).sum::<f64>().min(1.0);
            (share >= MIN_SHARE).then_some(Hit { at, share: share * part, fact })
        })
        .collect()
}

/// The part of the statement that a node takes with all below it; all of it where nothing is measured.
fn share_of_tree(plan: &PlanEvidence<'_>, at: usize) -> f64 {
    let end = plan.plan().nodes.get(at).map_or(at, |node| node.end);
    let below = plan.metrics().nodes.get(at..end).unwrap_or_default();
    let known: Vec<f64> = below.iter().filter_map(|node| node.share).collect();
    if known.is_empty() { 1.0 } else { known.iter().sum() }
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(plan, node);
    let name = node.label.as_deref().unwrap_or_default();
    finding.message = format!("{} {}.", about.scope(), sqlite::sentence(&hit.fact));
    about.weigh(finding);
    finding.confidence = match plan.plan().is_executed() {
        true => Confidence::Medium,
        false => Confidence::Low,
    };
    match fault(plan.plan(), hit.at) {
        Some(Fault::MadeAgain(_)) => {
            finding.title = format!("`{name}` is made more than once in one statement");
            finding.fixes.push(rewrite::code(
                "Begin the statement with a CTE that is AS MATERIALIZED (SELECT … FROM the view), and read \
                 that in all places.",
                "AS MATERIALIZED is of SQLite 3.35 and later; before that a CTE that is used twice is made \
                 twice: there keep the rows in a temporary table.",
            ));
            finding.verify = sqlite::verify("one MATERIALIZE, and only scans of it");
            finding.trade_offs =
                "All its rows are kept for the statement, those too that a condition outside drops."
                    .to_owned();
        }
        _ => {
            finding.title = format!("`{name}` is joined without an index");
            finding.fixes.push(rewrite::code(
                "CREATE TEMP TABLE … AS SELECT … FROM it, CREATE INDEX on the columns of the join, and read \
                 that table in all places; or read the tables below it for the few rows that are needed.",
                "A view or CTE takes no index. A temporary table goes with its connection, and does not \
                 follow later writes.",
            ));
            finding.verify = sqlite::verify("SEARCH with an index that is not AUTOMATIC");
            finding.trade_offs =
                "A table to fill and to drop; it shows the state at which it was filled."
                    .to_owned();
        }
    }
}
