//! Wall time of each node, inputs included: the sum over its loops, and below what runs in several
//! processes its part of the time that these took side by side.
//!
//! In: the times as printed. Out: [`Walls`], where no node's inputs are left out of its time.

mod mysql;
mod parallel;

use super::bounded::Bounded;
use crate::model::event::Engine;
use crate::model::plan::{Actual, Plan, Role};

/// The wall time of all nodes.
#[derive(Debug)]
pub struct Walls {
    inclusive: Vec<Option<Bounded>>,
    /// By what the time that a node took in all processes is multiplied.
    factors: Vec<f64>,
    /// By how much the own time of a node may be less, because its inputs ran side by side.
    doubts: Vec<f64>,
}

impl Walls {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Self {
        let spread = parallel::Spread::of(plan);
        let mut inclusive: Vec<Option<Bounded>> = (0..plan.nodes.len())
            .map(|at| worked(plan, at).map(|work| work.times(spread.factors[at])))
            .collect();
        // Inputs stand behind what reads them.
        for at in (0..plan.nodes.len()).rev() {
            if inclusive[at].is_none() && plan.nodes[at].actual != Actual::Never {
                let inputs = plan.children(at).filter(|child| is_inside(plan, *child));
                let known = inputs.filter_map(|child| inclusive[child]);
                inclusive[at] = known.reduce(Bounded::plus);
            }
        }
        if plan.engine == Engine::Mysql {
            mysql::turn_temporary_tables(plan, &mut inclusive);
        }
        Walls { inclusive, factors: spread.factors, doubts: spread.doubts }
    }

    /// Milliseconds of each node, inputs included.
    pub fn inclusive(&self) -> &[Option<Bounded>] {
        &self.inclusive
    }

    /// By what the time that a node took in all processes is multiplied to get wall time.
    pub fn factor(&self, at: usize) -> f64 {
        self.factors.get(at).copied().unwrap_or(1.0)
    }

    /// Whether any time was measured.
    pub fn is_measured(&self) -> bool {
        self.inclusive.iter().any(Option::is_some)
    }

    /// Widens the own times of nodes whose inputs ran side by side, nobody knows how evenly.
    pub fn add_doubt(&self, own: &mut [Option<Bounded>]) {
        for (own, doubt) in own.iter_mut().zip(&self.doubts) {
            if let Some(own) = own {
                own.within += doubt;
            }
        }
    }
}

/// The time that a node took in all loops and processes.
fn worked(plan: &Plan, at: usize) -> Option<Bounded> {
    let measured = plan.nodes.get(at)?.measured()?;
    let (value, within) = measured.total_ms?.total(measured.loops);
    Some(Bounded { value, within })
}

/// Whether the time of a node is part of that of the node above in any case.
fn is_inside(plan: &Plan, at: usize) -> bool {
    plan.engine != Engine::Postgres || !matches!(plan.nodes[at].role, Role::InitPlan | Role::Cte)
}
