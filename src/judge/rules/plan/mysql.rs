//! What the rules about plans of MySQL and MariaDB share: how many rows a node reads and keeps, what
//! part of the statement it is, and the columns that its conditions test. Judges nothing.
//!
//! All forms of these plans look alike from here. In JSON and in the table form a table's condition
//! is its own; in TREE and in JSON version 2 it is that of the filter right above.

use crate::judge::advice::ident;
use crate::judge::evidence::PlanEvidence;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{self, Comparison, Predicate};
use crate::model::event::Engine;
use crate::model::plan::{Actual, Node, Operator, Plan};

/// The engines of these rules.
pub(super) const ENGINES: &[Engine] = &[Engine::Mysql, Engine::Mariadb];
/// Part of the statement that a fault must take.
pub(super) const MIN_SHARE: f64 = 0.1;
/// Fewer rows than this are read so fast that an index has nothing to gain.
pub(super) const MANY_ROWS: f64 = 1000.0;
/// Share of the rows read that are kept from which an index on the conditions costs more than it
/// spares.
pub(super) const TOO_MANY: f64 = 0.05;
/// Tables that a join of MySQL may have, and columns of a proposed index.
const MAX_TABLES: usize = 61;
const MAX_COLUMNS: usize = 3;

/// The nodes that read a table of the database, with their numbers; not those that never ran.
pub(super) fn reads(plan: &Plan) -> impl Iterator<Item = (usize, &Node)> {
    plan.nodes.iter().enumerate().filter(|(_, node)| {
        (node.operator.reads_table() || node.operator == Operator::BitmapCombine)
            && node.relation.as_deref().is_some_and(|relation| !relation.starts_with('<'))
            && node.actual != Actual::Never
    })
}

/// What the statement calls the table of a node.
pub(super) fn called(node: &Node) -> &str {
    node.alias.as_deref().or(node.relation.as_deref()).unwrap_or_default()
}

/// Rows that one run of a node reads: counted, else as expected.
pub(super) fn rows_per_run(node: &Node) -> Option<f64> {
    let counted = node.measured().and_then(|ran| Some(ran.rows?.per_loop(ran.loops).0));
    counted.or(node.estimated.rows)
}

/// How often a node runs: counted, else for how many rows of the tables before it the optimizer
/// expects it to.
pub(super) fn runs(plan: &Plan, at: usize) -> f64 {
    if let Some(ran) = plan.nodes.get(at).and_then(Node::measured) {
        return ran.loops as f64;
    }
    let (mut runs, mut below) = (1.0, at);
    for above in plan.ancestors(at) {
        if plan.nodes[above].operator == Operator::NestedLoop {
            let before = plan.children(above).take(MAX_TABLES).take_while(|child| *child < below);
            let rows = before.map(|child| plan.nodes[child].estimated.rows.unwrap_or(1.0));
            runs *= rows.map(|rows| rows.max(1.0)).product::<f64>();
        }
        below = above;
    }
    runs
}

/// Rows that a node reads in the whole statement.
pub(super) fn rows_read(plan: &Plan, at: usize) -> f64 {
    let per_run = plan.nodes.get(at).and_then(rows_per_run).unwrap_or(0.0);
    per_run * runs(plan, at)
}

/// The filter right above a node that tests nothing else.
fn filter_above(plan: &Plan, at: usize) -> Option<&Node> {
    let above = plan.nodes.get(plan.nodes.get(at)?.parent?)?;
    (above.operator == Operator::Filter).then_some(above)
}

/// Share of the rows read that pass the conditions, 0 to 1, and whether it was counted.
pub(super) fn passed(plan: &Plan, at: usize) -> Option<(f64, bool)> {
    let node = plan.nodes.get(at)?;
    let percent = |name: &str| node.number(name).map(|percent| percent / 100.0);
    if let Some(share) = percent("r_filtered") {
        return Some((share, true));
    }
    if let Some(filter) = filter_above(plan, at) {
        let share = rows_per_run(filter)? / rows_per_run(node)?.max(1.0);
        return Some((share.min(1.0), filter.measured().is_some()));
    }
    // MariaDB says 100 where it knows nothing of a column.
    let guess = percent("filtered")?;
    (plan.engine == Engine::Mysql || guess < 1.0).then_some((guess, false))
}

/// The conditions that rows of a node are tested by once they are read.
pub(super) fn conditions(plan: &Plan, at: usize) -> Vec<&str> {
    let Some(node) = plan.nodes.get(at) else { return Vec::new() };
    let own = node.text("attached_condition");
    let above = filter_above(plan, at).and_then(|filter| filter.text("condition"));
    own.into_iter().chain(above).collect()
}

/// Whether rows are tested at all once they are read. The table form has no conditions, but says
/// that there are some.
pub(super) fn is_tested(plan: &Plan, at: usize) -> bool {
    !conditions(plan, at).is_empty()
        || plan.nodes.get(at).is_some_and(|node| node.details.get("using_where").is_some())
}

/// The columns of a table that its conditions test with a plain comparison, in lower case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Tested {
    /// For equality, with a constant or with a row that is known by then.
    pub equal: Vec<String>,
    /// For a range.
    pub range: Vec<String>,
}

impl Tested {
    /// The columns of an index that serves them: equalities first, then one range.
    pub fn index_columns(&self) -> Vec<String> {
        let range = self.range.iter().find(|column| !self.equal.contains(column));
        self.equal.iter().chain(range).take(MAX_COLUMNS).cloned().collect()
    }

    /// Adds what a condition of a plan tests of the table that is called so.
    pub fn add_all(&mut self, plan: &Plan, called: &str, condition: &str) {
        for predicate in predicates(plan, condition) {
            let table = predicate.column.table.as_deref().map(ident::last_part);
            if table.is_none_or(|table| table.eq_ignore_ascii_case(called)) {
                self.add(&predicate);
            }
        }
    }

    fn add(&mut self, predicate: &Predicate) {
        let column = ident::unquoted(&predicate.column.column);
        let columns = match predicate.comparison {
            Comparison::Equal | Comparison::In => &mut self.equal,
            Comparison::Range => &mut self.range,
            _ => return,
        };
        if predicate.wrapped_in.is_none() && !predicate.below_or && !columns.contains(&column) {
            columns.push(column);
        }
    }
}

/// The columns that the conditions of a node test.
pub(super) fn tested(plan: &Plan, at: usize) -> Tested {
    let mut tested = Tested::default();
    let Some(node) = plan.nodes.get(at) else { return tested };
    let name = called(node);
    for condition in conditions(plan, at) {
        tested.add_all(plan, name, condition);
    }
    tested
}

/// The columns by which a node finds its rows in an index.
pub(super) fn key_columns(node: &Node) -> Vec<String> {
    let parts = node.details.texts("used_key_parts");
    if !parts.is_empty() {
        return parts.into_iter().map(str::to_owned).collect();
    }
    // TREE says it as `customer_id='?', status=o.status`.
    let said = ["lookup_condition", "index_condition"].iter().find_map(|name| node.text(name));
    let pairs = said.into_iter().flat_map(|text| text.split(", "));
    let columns = pairs.map_while(|pair| {
        let column = pair.split_once('=')?.0.trim().trim_matches(['(', '`']);
        column.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| column.to_owned())
    });
    columns.collect()
}

/// The comparisons of a condition, read as that of a statement over the tables of the plan.
fn predicates(plan: &Plan, condition: &str) -> Vec<Predicate> {
    let mut tables: Vec<String> = Vec::new();
    for (_, node) in reads(plan).take(MAX_TABLES) {
        let name = format!("`{}`", called(node).replace('`', "``"));
        if !tables.contains(&name) {
            tables.push(name);
        }
    }
    let text = format!("select 1 from {} where {condition}", tables.join(", "));
    shape::read(&text, Dialect::Mysql).predicates
}

/// The part of the statement that each node takes itself, 0 to 1: of its time, of its cost where it
/// was not executed, of the rows that are read where the plan tells neither.
pub(super) fn shares(plan: &PlanEvidence<'_>) -> Vec<f64> {
    let told = &plan.metrics().nodes;
    if told.iter().any(|node| node.share.is_some()) {
        return told.iter().map(|node| node.share.unwrap_or(0.0)).collect();
    }
    let plan = plan.plan();
    let mut rows = vec![0.0; plan.nodes.len()];
    reads(plan).for_each(|(at, _)| rows[at] = rows_read(plan, at));
    let all: f64 = rows.iter().sum();
    rows.into_iter().map(|rows| rows / all.max(1.0)).collect()
}

/// The part that a node takes with the filter above it, which tests its rows.
pub(super) fn share_of_read(plan: &Plan, shares: &[f64], at: usize) -> f64 {
    let of = |at: usize| shares.get(at).copied().unwrap_or(0.0);
    let parent = plan.nodes.get(at).and_then(|node| node.parent);
    let filter = filter_above(plan, at).and(parent).map_or(0.0, of);
    (of(at) + filter).min(1.0)
}

/// The part that a node takes with all that is below it.
pub(super) fn share_of_tree(plan: &Plan, shares: &[f64], at: usize) -> f64 {
    let end = plan.nodes.get(at).map_or(at, |node| node.end);
    shares.get(at..end).unwrap_or_default().iter().sum::<f64>().min(1.0)
}
