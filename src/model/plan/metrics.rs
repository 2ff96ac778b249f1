//! The arithmetic of a plan: what each node took for itself, and how far its estimate was off.
//!
//! In: a [`Plan`] as printed. Out: [`Metrics`], in which the parts add up to the whole and every
//! number says how far the truth may lie from it. A difference smaller than that is never shown as
//! a fact, and nothing is ranked by it.
//!
//! The parts: [`wall`] turns printed times into wall time, [`payers`] finds who runs what is
//! printed elsewhere, [`charges`] says how much of it each of them pays, [`parts`] accounts for
//! what is no node's; [`demand`], [`rows`] and [`estimate`] compare rows, [`cost`] and [`buffers`]
//! share what the planner guessed and the blocks that were touched.

mod bounded;
mod buffers;
mod charges;
mod cost;
mod demand;
mod estimate;
mod parts;
mod payers;
mod rows;
#[cfg(test)]
mod tests;
mod wall;

pub use bounded::Bounded;
pub use estimate::EstimateError;
pub use parts::Part;

use super::Plan;
use charges::Charges;
use wall::Walls;

/// What is known of one node.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NodeMetrics {
    /// Rows over all loops and processes.
    pub rows: Option<Bounded>,
    /// Rows that its own conditions dropped, over all loops and processes.
    pub rows_removed: Option<Bounded>,
    /// Wall time, inputs included. Below a Gather, the node's part of the time that the processes
    /// took together, so that parts add up.
    pub total_ms: Option<Bounded>,
    /// Wall time of its own, never negative; `None` for what never ran.
    pub self_ms: Option<Bounded>,
    /// Its own part of the plan's time, 0 to 1; of the plan's cost where no time was measured.
    pub share: Option<f64>,
    /// How far the estimate was off; `None` where comparing means nothing.
    pub estimate: Option<EstimateError>,
    /// The planner's cost of its own, as a part of the plan's cost: over all loops, and no more
    /// than the nodes above are said to cost.
    pub self_cost: Option<f64>,
    /// Blocks or pages that it touched itself, found in memory or read.
    pub self_blocks: Option<f64>,
    /// Of these, blocks that were read.
    pub self_blocks_read: Option<f64>,
    /// Time of its own reads and writes, in the same measure as `self_ms`.
    pub self_io_ms: Option<f64>,
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
    /// Time of planning, which is no part of the total.
    pub planning_ms: Option<f64>,
    /// Time of just-in-time compilation. The nodes' times hold most of it, the rest is unattributed.
    pub jit_ms: Option<f64>,
}

/// What can be said about a plan's nodes.
pub fn of(plan: &Plan) -> Metrics {
    let walls = Walls::of(plan);
    let (touched, read) = (buffers::touched(plan), buffers::read(plan));
    let amounts = if walls.is_measured() { walls.inclusive() } else { &touched };
    let charges = Charges::of(plan, &payers::payers(plan), amounts);

    let mut own_ms = charges.own(plan, walls.inclusive());
    walls.add_doubt(&mut own_ms);
    let accounts = parts::account(plan, &walls, &charges, &mut own_ms);
    let own_blocks = buffers::own(plan, &charges, &touched);
    let own_read = buffers::own(plan, &charges, &read);
    let own_io = buffers::own(plan, &charges, &buffers::io_ms(plan, &walls));
    let own_cost = cost::own(plan);
    let demand = demand::Demand::of(plan);
    let all_rows = rows::totals(plan, &demand);

    let is_measured = walls.is_measured();
    let whole = match is_measured {
        true => {
            let parts = accounts.others.iter().map(|part| part.time_ms.value);
            let sum = own_ms.iter().flatten().map(|own| own.value).chain(parts).sum::<f64>();
            accounts.total_ms.map_or(sum, |total| total.value.max(sum))
        }
        false => own_cost.iter().flatten().sum(),
    };
    let share = |at: usize| {
        let own = if is_measured { own_ms[at].map(|own| own.value) } else { own_cost[at] };
        own.filter(|_| whole > 0.0).map(|own| (own / whole).clamp(0.0, 1.0))
    };
    let nodes = (0..plan.nodes.len()).map(|at| NodeMetrics {
        rows: all_rows[at],
        rows_removed: rows::removed(&plan.nodes[at]),
        total_ms: walls.inclusive()[at],
        self_ms: own_ms[at],
        share: share(at),
        estimate: estimate::of(plan, at, &all_rows, &demand),
        self_cost: own_cost[at],
        self_blocks: own_blocks[at],
        self_blocks_read: own_read[at],
        self_io_ms: own_io[at],
    });
    Metrics {
        nodes: nodes.collect(),
        total_ms: accounts.total_ms,
        is_measured,
        others: accounts.others,
        planning_ms: plan.planning_ms,
        jit_ms: parts::jit_ms(plan),
    }
}
