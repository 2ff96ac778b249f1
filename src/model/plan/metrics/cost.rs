//! The planner's cost of each node alone, as a part of the cost of the whole plan.
//!
//! A node's cost holds its inputs' as often as the planner expects to run them, and less of them
//! where it expects to stop early. So the cost of the inputs is fitted into that of the node, and the
//! own costs of all nodes add up to the cost of the plan.

use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Role};

/// The own costs of all nodes that have a cost.
pub fn own(plan: &Plan) -> Vec<Option<f64>> {
    let is_per_loop = costs_are_per_loop(plan);
    let totals = totals(plan);
    let mut own = vec![None; plan.nodes.len()];
    // Of the cost of the plan, what a node and its inputs have.
    let mut within = totals.clone();
    // For one unit that is printed for the inputs of a node, how much of it is in the cost of the
    // plan, if the node runs its inputs once.
    let mut once = vec![1.0; plan.nodes.len()];
    for at in 0..plan.nodes.len() {
        let (Some(total), Some(budget)) = (totals[at], within[at]) else { continue };
        let each = if total > 0.0 { budget / total } else { 0.0 };
        let scale = match plan.nodes[at].operator {
            // What keeps its input's rows does not ask for them again.
            Operator::Materialize | Operator::Sort | Operator::Hash => each.min(once[at]),
            _ => each,
        };
        let children: Vec<(usize, f64)> = plan
            .children(at)
            .filter_map(|child| {
                let runs = if is_per_loop { runs(plan, at, child) } else { 1.0 };
                Some((child, scale * totals[child]? * runs))
            })
            .collect();
        // What is driven gets what the others leave.
        let (driven, plain): (Vec<_>, Vec<_>) =
            children.into_iter().partition(|(child, _)| is_driven(plan, at, *child));
        let mut left = budget;
        for inputs in [plain, driven] {
            let sum: f64 = inputs.iter().map(|(_, cost)| cost).sum();
            let fit = if sum > left { left / sum } else { 1.0 };
            for (child, cost) in inputs {
                within[child] = Some(cost * fit);
                once[child] = scale;
            }
            left = (left - sum).max(0.0);
        }
        own[at] = Some(left);
    }
    own
}

/// The printed costs; where there is none, those of the inputs.
fn totals(plan: &Plan) -> Vec<Option<f64>> {
    let usable = |cost: &f64| cost.is_finite() && *cost >= 0.0;
    let mut totals: Vec<Option<f64>> =
        plan.nodes.iter().map(|node| node.estimated.total_cost.filter(usable)).collect();
    for at in (0..plan.nodes.len()).rev() {
        if totals[at].is_none() {
            totals[at] = plan.children(at).filter_map(|child| totals[child]).reduce(|a, b| a + b);
        }
    }
    totals
}

/// Whether the cost of what runs several times is that of one run.
fn costs_are_per_loop(plan: &Plan) -> bool {
    match plan.engine {
        Engine::Postgres => true,
        // The older JSON prints the cost of all runs.
        Engine::Mysql => plan.nodes.iter().all(|node| node.details.get("cost_info").is_none()),
        _ => false,
    }
}

/// Whether the planner runs an input for each row of another.
fn is_driven(plan: &Plan, parent: usize, child: usize) -> bool {
    let (above, node) = (&plan.nodes[parent], &plan.nodes[child]);
    node.role == Role::SubPlan || above.operator == Operator::NestedLoop && node.role == Role::Inner
}

/// How often the planner expects to run an input for one run of the node above.
fn runs(plan: &Plan, parent: usize, child: usize) -> f64 {
    if !is_driven(plan, parent, child) {
        return 1.0;
    }
    let driver = plan
        .children(parent)
        .find(|other| matches!(plan.nodes[*other].role, Role::Outer | Role::Input | Role::Member));
    let rows = match (plan.nodes[child].role, driver) {
        (Role::Inner, Some(outer)) => plan.nodes[outer].estimated.rows,
        _ => plan.nodes[parent].estimated.rows,
    };
    rows.filter(|rows| rows.is_finite()).unwrap_or(1.0).max(1.0)
}
