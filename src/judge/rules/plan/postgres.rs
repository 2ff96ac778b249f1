//! What the rules about PostgreSQL's plans share: nodes with what is known of them, counts that
//! rounding cannot have made up, and the words that say what a part of a plan is worth.

use super::Hit;
use crate::judge::advice::{index::Candidate, plan_index, verify};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Fix};
use crate::judge::plan_words;
use crate::judge::words::{counted, duration_us, percent};
use crate::model::event::Engine;
use crate::model::plan::metrics::NodeMetrics;
use crate::model::plan::{Node, Operator, Plan};

/// The engines of these rules.
pub(super) const POSTGRES: &[Engine] = &[Engine::Postgres];
/// Share of a statement below which no fix is worth a finding.
pub(super) const MIN_SHARE: f64 = 0.1;
/// Half of the last digit of a count that is printed as the mean of all loops.
const COUNT_ROUNDING: f64 = 0.5;

/// A node with what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'p> {
    /// Its number.
    pub at: usize,
    /// The node.
    pub node: &'p Node,
    /// Its arithmetic.
    pub metrics: &'p NodeMetrics,
}

impl Seen<'_> {
    /// Its own share of the statement's time, where that is more than rounding.
    pub fn share(self) -> Option<f64> {
        let is_noise = self.metrics.self_ms.is_some_and(|time| !time.is_sure());
        self.metrics.share.filter(|_| !is_noise)
    }

    /// How often it was started; `None` where it never ran or was not measured.
    pub fn loops(self) -> Option<f64> {
        self.node.measured().map(|ran| ran.loops as f64).filter(|loops| *loops > 0.0)
    }

    /// The rows that it gave, over all loops.
    pub fn rows(self) -> Option<f64> {
        self.metrics.rows.map(|rows| rows.value)
    }

    /// A count that is printed as a mean of one loop, over all loops: at least so many, whatever
    /// rounding did to it.
    pub fn counted(self, name: &str) -> Option<f64> {
        let loops = self.loops()?;
        let printed = self.node.number(name)?;
        let rounding = if loops > 1.0 { COUNT_ROUNDING } else { 0.0 };
        Some(((printed - rounding) * loops).max(0.0))
    }

    /// Rows that its condition removed, and all that it tested, over all loops.
    pub fn removed_of(self, name: &str) -> Option<(f64, f64)> {
        let removed = self.counted(name)?;
        Some((removed, removed + self.rows()?))
    }

    /// What it is and what it reads.
    pub fn name(self) -> String {
        plan_words::name(self.node)
    }

    /// The table that it reads.
    pub fn table(self) -> &'static str
    where
        Self: Sized,
    {
        "the table"
    }

    /// Blocks that it touched itself.
    pub fn blocks(self) -> f64 {
        self.metrics.self_blocks.unwrap_or(0.0)
    }
}

/// The nodes of a plan.
pub(super) fn nodes<'p>(plan: &'p PlanEvidence<'_>) -> impl Iterator<Item = Seen<'p>> {
    let metrics = &plan.metrics().nodes;
    let nodes = plan.plan().nodes.iter().zip(metrics).enumerate();
    nodes.map(|(at, (node, metrics))| Seen { at, node, metrics })
}

/// One node of a plan.
pub(super) fn node<'p>(plan: &'p PlanEvidence<'_>, at: usize) -> Option<Seen<'p>> {
    let node = plan.plan().nodes.get(at)?;
    Some(Seen { at, node, metrics: plan.metrics().nodes.get(at)? })
}
