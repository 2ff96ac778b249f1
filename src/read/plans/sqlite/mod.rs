//! SQLite's EXPLAIN QUERY PLAN: the tree of the shell, the rows that drivers and old versions give
//! in whatever a client prints them as, and what `.scanstats` measured.
//!
//! All forms are brought to lines with their depth first (`lines`, `rows`); `node` knows the words
//! of a line. One node for each line; above several top lines stands `QUERY PLAN`. Tables that
//! stand at one level are a nested loop in their order.

mod find;
mod lines;
mod node;
mod rows;

use super::{Bounds, Builder, Found, Literals, PlanError, PlanMeta, PlanReader};
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Role};
use lines::Line;

static META: PlanMeta = PlanMeta {
    name: "sqlite-eqp",
    engine: Engine::Sqlite,
    title: "SQLite EXPLAIN QUERY PLAN",
    bounds: Bounds::Lines,
    words: &[],
    samples: &[
        "QUERY PLAN\n|--SCAN o\n`--SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n",
        "0|0|0|SCAN TABLE orders AS o\n0|1|1|SEARCH TABLE customers AS c USING INTEGER PRIMARY KEY (rowid=?)\n",
        "id|parent|notused|detail\n4|0|0|SCAN o\n",
    ],
};

/// What old versions print above the parts of a UNION and its kin.
const COMPOUND: &str = "COMPOUND SUBQUERIES";

/// Reads EXPLAIN QUERY PLAN.
pub struct SqliteEqp;

impl PlanReader for SqliteEqp {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        find::find(text)
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let mut builder = Builder::new(Engine::Sqlite, META.name, literals);
        let (statement, plan_at) = find::statement(document);
        if let Some(statement) = statement {
            builder.statement(&statement);
        }
        let plan = document.get(plan_at..).unwrap_or_default();
        let lines = lines::read(plan, plan_at);
        if lines.is_empty() {
            return Err(PlanError::at(plan_at, "no line of a plan in it"));
        }
        build(&mut builder, &lines)?;
        Ok(vec![builder.finish()?])
    }
}

/// Adds all lines; a line is below the last one that stands less deep.
fn build(builder: &mut Builder, lines: &[Line<'_>]) -> Result<(), PlanError> {
    let nodes: Vec<_> = lines.iter().map(|line| node::read(line.text)).collect();
    let derived: std::collections::BTreeSet<&str> =
        nodes.iter().filter(|node| node.role == Role::Cte).filter_map(|node| node.label).collect();
    let joins = joins(lines, &nodes);
    let tops = lines.iter().filter(|line| line.depth == 0).count();
    let below = usize::from(tops > 1);
    if tops > 1 {
        let operator = if joins.top > 1 { Operator::NestedLoop } else { Operator::Other };
        builder.open(Role::Root, "QUERY PLAN", operator, 0)?;
    }
    for (at, (line, found)) in lines.iter().zip(&nodes).enumerate() {
        builder.close_to(line.depth + below);
        let inner = joins.below.get(at).copied().unwrap_or_default();
        let mut operator = found.operator;
        if found.relation.is_some_and(|name| derived.contains(name)) && operator.reads_table() {
            operator = Operator::DerivedScan;
        } else if operator == Operator::Other && inner > 1 {
            operator = Operator::NestedLoop;
        }
        let role = match joins.place.get(at).copied().flatten() {
            _ if builder.depth() == 0 => Role::Root,
            _ if found.is_table && is_below_compound(builder) => Role::Member,
            Some(0) => Role::Outer,
            Some(_) => Role::Inner,
            None => found.role,
        };
        let node = builder.open(role, &found.native, operator, line.offset)?;
        node.label = found.label.map(Into::into);
        node.relation = found.relation.map(Into::into);
        node.alias = found.alias.map(Into::into);
        node.index = found.index.map(Into::into);
        node.estimated.rows = line.measured.estimated_rows.or(found.guessed_rows);
        node.actual = line.measured.actual();
        for (name, value, is_plain) in found.details(line.measured.cycles) {
            builder.detail(name, value, is_plain);
        }
    }
    Ok(())
}

fn is_below_compound(builder: &mut Builder) -> bool {
    builder.node().is_some_and(|node| node.native.starts_with(COMPOUND))
}

/// Which lines are tables of one nested loop.
struct Joins {
    /// Of each line: the how manieth table of its loop it is; `None` if it is in none.
    place: Vec<Option<usize>>,
    /// Of each line: how many tables stand right below it.
    below: Vec<usize>,
    /// How many stand on top.
    top: usize,
}

fn joins(lines: &[Line<'_>], nodes: &[node::Found<'_>]) -> Joins {
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(lines.len());
    let mut open: Vec<usize> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        open.truncate(line.depth);
        parents.push(open.last().copied());
        open.push(at);
    }
    let mut joins = Joins { place: vec![None; lines.len()], below: vec![0; lines.len()], top: 0 };
    // What stands below a compound are the parts of it.
    let is_compound =
        |at: usize| nodes.get(at).is_some_and(|node| node.native.starts_with(COMPOUND));
    // The last table of each level.
    let mut last: std::collections::BTreeMap<Option<usize>, usize> = Default::default();
    for (at, parent) in parents.iter().enumerate() {
        let Some(node) = nodes.get(at) else { continue };
        if node.is_table && !parent.is_some_and(is_compound) {
            let before = last.insert(*parent, at).and_then(|before| nodes.get(before));
            if before.is_some_and(|before| before.is_alternative_to(node)) {
                continue;
            }
            let count = match parent {
                Some(parent) => joins.below.get_mut(*parent),
                None => Some(&mut joins.top),
            };
            let Some(count) = count else { continue };
            joins.place[at] = Some(*count);
            *count += 1;
        }
    }
    // A table alone joins nothing.
    for (at, parent) in parents.iter().enumerate() {
        let count = parent.map_or(joins.top, |parent| joins.below[parent]);
        if count < 2 {
            joins.place[at] = None;
        }
    }
    joins
}

#[cfg(test)]
mod tests;
