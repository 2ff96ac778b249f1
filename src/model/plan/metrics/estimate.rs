//! How far the planner's guess of the rows of one loop was off, and where that means nothing.

use super::bounded::Bounded;
use super::demand::Demand;
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Role};

/// How far the planner's guess was off.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct EstimateError {
    /// The larger ÷ the smaller of actual and estimated rows, 1 or more. No rows count as one.
    pub factor: f64,
    /// More rows came than were expected.
    pub is_under: bool,
}

/// The error of the estimate of a node; `None` where it never ran, gives no rows that could be
/// counted, or was perhaps stopped before it had given as many as expected.
pub fn of(
    plan: &Plan,
    at: usize,
    rows: &[Option<Bounded>],
    demand: &Demand,
) -> Option<EstimateError> {
    let node = plan.nodes.get(at)?;
    let ran = node.measured().filter(|ran| ran.loops > 0)?;
    let expected = node.estimated.rows?;
    // What writes gives no rows unless it returns them, and bitmaps are not counted in rows.
    let gives_rows = !matches!(node.operator, Operator::Modify | Operator::BitmapCombine);
    if !gives_rows {
        return None;
    }
    let (expected, runs) = match processes(plan, at) {
        Some(Processes { planned, starts }) => (expected * planned, starts),
        None => (expected, ran.loops as f64),
    };
    let per_run = rows.get(at).copied().flatten()?.times(1.0 / runs.max(1.0));
    if per_run.least() <= expected && expected <= per_run.most() {
        return Some(EstimateError { factor: 1.0, is_under: false });
    }
    let (actual, expected) = (per_run.value.max(1.0), expected.max(1.0));
    let is_under = actual > expected;
    let factor = (actual / expected).max(expected / actual);
    let says_nothing = match is_under {
        false => demand.may_stop(at),
        // A merge join goes back over equal rows of its inner side, and counts them again.
        true => is_reread(plan, at),
    };
    (!says_nothing).then_some(EstimateError { factor, is_under: is_under && factor > 1.0 })
}

/// Whether a node keeps rows that a merge join reads several times.
fn is_reread(plan: &Plan, at: usize) -> bool {
    let node = &plan.nodes[at];
    let above = node.parent.map(|parent| plan.nodes[parent].operator);
    node.role == Role::Inner
        && above == Some(Operator::MergeJoin)
        && matches!(node.operator, Operator::Sort | Operator::Materialize)
}

/// Over how many processes a node was to spread.
struct Processes {
    /// By the planner's reckoning, in which the leader helps the less the more workers there are.
    planned: f64,
    /// How often all of them together started it.
    starts: f64,
}

/// The leader spends this part of its time on each worker, the planner thinks.
const LEADER_PER_WORKER: f64 = 0.3;

/// Where fewer workers came than were planned, a process did more than its part: then all processes
/// are compared with what the planner expected of all. `None` where one compares with one.
fn processes(plan: &Plan, at: usize) -> Option<Processes> {
    if plan.engine != Engine::Postgres || !is_spread(plan, at) {
        return None;
    }
    let gather =
        plan.ancestors(at).find(|above| plan.nodes[*above].operator == Operator::Gather)?;
    let gather = &plan.nodes[gather];
    let (planned, launched) =
        (gather.number("Workers Planned")?, gather.number("Workers Launched")?);
    if planned <= launched {
        return None;
    }
    let leader = (1.0 - LEADER_PER_WORKER * planned).max(0.0);
    Some(Processes { planned: planned + leader, starts: gather.measured()?.loops as f64 })
}

/// Whether the processes share the rows of a node: it or what drives it is parallel itself.
fn is_spread(plan: &Plan, at: usize) -> bool {
    let mut at = at;
    loop {
        let node = &plan.nodes[at];
        if node.native.starts_with("Parallel") {
            return true;
        }
        let driver = plan.children(at).find(|child| {
            matches!(plan.nodes[*child].role, Role::Outer | Role::Input | Role::Member)
        });
        match driver {
            Some(child) if node.operator != Operator::Gather => at = child,
            _ => return false,
        }
    }
}
