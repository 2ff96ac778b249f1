//! The arithmetic of a plan: what each node took for itself, and how far its estimate was off.
//!
//! In: a [`Plan`] as printed. Out: [`Metrics`], in which the parts add up to the whole and every
//! number says how far the truth may lie from it. A difference smaller than that is never shown as
//! a fact, and nothing is ranked by it.

use super::Plan;

/// A number and how far the truth may lie from it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bounded {
    /// The best that can be said.
    pub value: f64,
    /// The truth lies at most this far away.
    pub within: f64,
}

impl Bounded {
    /// Whether it is more than could be rounding.
    pub fn is_sure(self) -> bool {
        self.value > self.within
    }
}

/// How far the planner's guess was off.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct EstimateError {
    /// The larger ÷ the smaller of actual and estimated rows, 1 or more.
    pub factor: f64,
    /// More rows came than were expected.
    pub is_under: bool,
}

/// What is known of one node.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeMetrics {
    /// Rows over all loops and processes.
    pub rows: Option<Bounded>,
    /// Wall time, inputs included.
    pub total_ms: Option<Bounded>,
    /// Wall time of its own.
    pub self_ms: Option<Bounded>,
    /// Its own part of the plan's time, 0 to 1; of the plan's cost where no time was measured.
    pub share: Option<f64>,
    /// How far the estimate was off; `None` where comparing means nothing.
    pub estimate: Option<EstimateError>,
    /// The planner's cost of its own.
    pub self_cost: Option<f64>,
    /// Blocks or pages that it touched itself, found in memory or read.
    pub self_blocks: Option<f64>,
    /// Of these, blocks that were read.
    pub self_blocks_read: Option<f64>,
}

/// A part of a plan's time that is no node's.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// What took it, such as `planning` or a trigger's name.
    pub name: String,
    /// Its time.
    pub time_ms: Bounded,
}

/// What is known of a plan.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Metrics {
    /// One for each node, in their order.
    pub nodes: Vec<NodeMetrics>,
    /// The time that shares are of: execution, triggers included, planning not.
    pub total_ms: Option<Bounded>,
    /// Whether shares are of measured time; else of the planner's cost.
    pub is_measured: bool,
    /// The parts of the total that are no node's: triggers, and what nobody accounts for.
    pub others: Vec<Part>,
}

/// What can be said about a plan's nodes.
pub fn of(plan: &Plan) -> Metrics {
    Metrics { nodes: vec![NodeMetrics::default(); plan.nodes.len()], ..Metrics::default() }
}
