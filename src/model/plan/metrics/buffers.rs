//! Blocks and pages that nodes touched, and the time of reading and writing them. PostgreSQL counts
//! them with inputs, over all loops and processes; MariaDB counts each table's own.

use super::bounded::Bounded;
use super::charges::Charges;
use super::payers::Payers;
use super::wall::Walls;
use crate::model::event::Engine;
use crate::model::plan::{Node, Plan};
use std::collections::BTreeMap;

const HIT: [&str; 2] = ["Shared Hit Blocks", "Local Hit Blocks"];
const READ: [&str; 2] = ["Shared Read Blocks", "Local Read Blocks"];
/// Up to 14 one pair, from 15 on temporary files apart, from 17 on local tables apart.
const IO: [&str; 8] = [
    "I/O Read Time",
    "I/O Write Time",
    "Shared I/O Read Time",
    "Shared I/O Write Time",
    "Local I/O Read Time",
    "Local I/O Write Time",
    "Temp I/O Read Time",
    "Temp I/O Write Time",
];

/// Blocks of each node, found in memory or read, inputs included.
pub fn touched(plan: &Plan) -> Vec<Option<Bounded>> {
    amounts(plan, &[&HIT[..], &READ].concat(), "pages_accessed", |_| 1.0)
}

/// Blocks of each node that were read, inputs included.
pub fn read(plan: &Plan) -> Vec<Option<Bounded>> {
    amounts(plan, &READ, "pages_read_count", |_| 1.0)
}

/// Milliseconds of reading and writing of each node, inputs included.
pub fn io_ms(plan: &Plan, walls: &Walls) -> Vec<Option<Bounded>> {
    amounts(plan, &IO, "pages_read_time_ms", |at| walls.factor(at))
}

/// The own amounts of all nodes, never negative.
pub fn own(
    plan: &Plan,
    payers: &BTreeMap<usize, Payers>,
    amounts: &[Option<Bounded>],
) -> Vec<Option<f64>> {
    let own = Charges::of(plan, payers, amounts).own(amounts).into_iter();
    own.map(|own| own.map(|own| own.value)).collect()
}

/// The sum of some numbers of each node. A node without them has none of what others have.
fn amounts(
    plan: &Plan,
    names: &[&str],
    of_table: &str,
    factor: impl Fn(usize) -> f64,
) -> Vec<Option<Bounded>> {
    let sum = |node: &Node| match plan.engine {
        Engine::Mariadb => node.details.group("r_engine_stats")?.number(of_table),
        _ => names.iter().filter_map(|name| node.number(name)).reduce(|sum, one| sum + one),
    };
    let mut all: Vec<Option<f64>> = plan.nodes.iter().map(sum).collect();
    if all.iter().all(Option::is_none) {
        return vec![None; all.len()];
    }
    let is_own = plan.engine == Engine::Mariadb;
    for at in (0..all.len()).rev() {
        let own = all[at].unwrap_or(0.0) * factor(at);
        let inputs = plan.children(at).filter_map(|child| all[child]).filter(|_| is_own);
        let inputs: f64 = inputs.sum();
        all[at] = Some(own + inputs);
    }
    all.into_iter().map(|amount| amount.map(Bounded::exactly)).collect()
}
