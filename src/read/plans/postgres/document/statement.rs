//! A statement of a document: its plan, and what is about no single node.

use super::super::super::tree::{Ref, Tree};
use super::super::super::{Builder, Literals, PlanError};
use super::super::{operator, quantity};
use super::{detail, is_statement, nodes};
use crate::model::event::Engine;
use crate::model::plan::{Plan, Trigger};

/// Reads a statement, or a node that stands alone.
pub fn read(
    at: Ref<'_, '_>,
    tree: &Tree<'_>,
    format: &'static str,
    literals: Literals,
) -> Result<Plan, PlanError> {
    let mut builder = Builder::new(Engine::Postgres, format, literals);
    if !is_statement(at) {
        nodes::read(at, tree, &mut builder)?;
    } else {
        for member in at.children() {
            match member.key() {
                "Plan" if member.is_object() => nodes::read(member, tree, &mut builder)?,
                _ => beside(member, &mut builder),
            }
        }
    }
    let mut plan = builder.finish()?;
    operator::settle_results(&mut plan);
    Ok(plan)
}

/// What stands beside a plan.
fn beside(member: Ref<'_, '_>, builder: &mut Builder) {
    match (member.key(), member.number()) {
        ("Query Text", _) if member.text().is_some() => {
            builder.statement(member.text().unwrap_or_default().trim());
        }
        ("Planning Time", Some(ms)) => builder.plan().planning_ms = Some(ms),
        ("Execution Time" | "Total Runtime", Some(ms)) => builder.plan().execution_ms = Some(ms),
        ("Triggers", _) => {
            for trigger in member.children().filter_map(trigger) {
                builder.plan().triggers.push(trigger);
            }
        }
        (name, _) => {
            if let Some(value) = detail::value(builder, name, member) {
                builder.plan_detail(name, value, true);
            }
        }
    }
}

fn trigger(at: Ref<'_, '_>) -> Option<Trigger> {
    let text = |name| at.get(name).and_then(Ref::text);
    let constraint = text("Constraint Name");
    Some(Trigger {
        name: text("Trigger Name").or(constraint)?.into(),
        constraint: constraint.map(Into::into),
        relation: text("Relation").map(Into::into),
        time_ms: text("Time").and_then(quantity::total_time_ms),
        calls: text("Calls").and_then(quantity::count).unwrap_or_default(),
    })
}
