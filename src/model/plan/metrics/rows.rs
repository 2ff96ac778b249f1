//! Rows over all loops. A mean of many loops is rounded, `rows=0 loops=200000` may hide 100,000 rows:
//! where the node above cannot drop or multiply rows, what it gave tells how many it got.

use super::bounded::Bounded;
use super::demand::{Demand, JoinKind, kind};
use crate::model::plan::{Actual, Node, Operator, Plan, Role};

/// What a condition dropped is a mean of one loop, rounded to whole rows.
const REMOVED_WITHIN: f64 = 0.5;
/// The conditions of a node that count what they drop.
const REMOVED: [&str; 3] =
    ["Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"];

/// The rows of all nodes.
pub fn totals(plan: &Plan, demand: &Demand) -> Vec<Option<Bounded>> {
    let mut all: Vec<Option<Bounded>> = plan.nodes.iter().map(printed).collect();
    for at in 0..plan.nodes.len() {
        if let Some(given) = all[at] {
            narrow_inputs(plan, at, given, &mut all, demand);
        }
        // Rows are counted, so between two ends that are nearer than a row there is one number.
        if let Some(rows) = &mut all[at]
            && rows.within < 0.5
            && rows.least().ceil() == rows.most().floor()
        {
            *rows = Bounded::exactly(rows.least().ceil());
        }
    }
    all
}

/// The rows that the conditions of a node dropped.
pub fn removed(node: &Node) -> Option<Bounded> {
    REMOVED.iter().filter_map(|name| removed_by(node, name)).reduce(Bounded::plus)
}

fn removed_by(node: &Node, name: &str) -> Option<Bounded> {
    let (ran, mean) = (node.measured()?, node.number(name)?);
    let within = if ran.loops > 1 { REMOVED_WITHIN } else { 0.0 };
    Some(Bounded { value: mean, within }.times(ran.loops as f64).between(0.0, f64::INFINITY))
}

fn printed(node: &Node) -> Option<Bounded> {
    match node.actual {
        Actual::Never => Some(Bounded::default()),
        Actual::Unknown => None,
        Actual::Ran(ran) => {
            let (value, within) = ran.rows?.total(ran.loops);
            Some(Bounded { value, within }.between(0.0, f64::INFINITY))
        }
    }
}

/// Brings what the inputs of a node gave as near to the truth as what it gave itself tells.
fn narrow_inputs(
    plan: &Plan,
    at: usize,
    given: Bounded,
    all: &mut [Option<Bounded>],
    demand: &Demand,
) {
    let node = &plan.nodes[at];
    let inputs = || {
        plan.children(at).filter(|child| {
            !matches!(plan.nodes[*child].role, Role::InitPlan | Role::SubPlan | Role::Cte)
        })
    };
    let narrow = |child: usize, bounds: Bounded, all: &mut [Option<Bounded>]| {
        all[child] = all[child].map(|rows| rows.between(bounds.least(), bounds.most()));
    };
    match node.operator {
        Operator::Append if node.text("Filter").is_none() => {
            let sum = inputs()
                .map(|child| all[child])
                .try_fold(Bounded::default(), |sum, rows| rows.map(|rows| sum.plus(rows)));
            let Some(sum) = sum else { return };
            for child in inputs() {
                let Some(rows) = all[child] else { continue };
                let others =
                    Bounded { value: sum.value - rows.value, within: sum.within - rows.within };
                narrow(child, given.minus(others), all);
            }
        }
        Operator::NestedLoop => {
            let (mut outer, mut inner) = (None, None);
            for child in inputs() {
                match plan.nodes[child].role {
                    Role::Outer if outer.is_none() => outer = Some(child),
                    Role::Inner if inner.is_none() => inner = Some(child),
                    _ => return,
                }
            }
            let (Some(outer), Some(inner)) = (outer, inner) else { return };
            let dropped = REMOVED[..2].iter().filter_map(|name| removed_by(node, name));
            let dropped = dropped.fold(Bounded::default(), Bounded::plus);
            if let Some(bounds) = partners(kind(node), given, all[outer], dropped) {
                narrow(inner, bounds, all);
            }
        }
        Operator::Sort | Operator::Hash | Operator::Gather | Operator::Window => {
            let loops = |at: usize| plan.nodes[at].measured().map(|ran| ran.loops);
            let is_same =
                node.operator == Operator::Gather || inputs().all(|c| loops(c) == loops(at));
            let mut only = inputs();
            if let (Some(child), None) = (only.next(), only.next())
                && is_same
                && node.text("Filter").is_none()
            {
                let most = if demand.may_stop(at) { f64::INFINITY } else { given.most() };
                all[child] = all[child].map(|rows| rows.between(given.least(), most));
            }
        }
        _ => {}
    }
}

/// How many rows the inner side of a nested loop gave, all runs together.
fn partners(
    kind: JoinKind,
    given: Bounded,
    outer: Option<Bounded>,
    dropped: Bounded,
) -> Option<Bounded> {
    match kind {
        JoinKind::Inner | JoinKind::Semi => Some(given.plus(dropped)),
        JoinKind::Left => {
            // Each row of the outer side without a partner is given once, too.
            let outer = outer?;
            let (least, most) = ((given.least() - outer.most()).max(0.0), given.most());
            let matches = Bounded { value: (least + most) / 2.0, within: (most - least) / 2.0 };
            Some(matches.plus(dropped))
        }
        JoinKind::Anti => Some(outer?.minus(given).plus(dropped)),
        JoinKind::Other => None,
    }
}
