//! Execution plans, finished: every number that a renderer writes.

use crate::model::event::Engine;
use crate::model::facts::Source;
use crate::model::plan::{Operator, Properties};
use serde::Serialize;

/// The slowest plan of one shape.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Its id in this report.
    pub id: String,
    /// The engine.
    pub engine: Engine,
    /// The server.
    pub server: String,
    /// The class it belongs to, where its statement is known.
    pub query_id: Option<String>,
    /// Where it stands.
    pub source: Source,
    /// What it is written in.
    pub format: &'static str,
    /// The statement as the plan tells it.
    pub statement: Option<String>,
    /// Run time of its statement; `None` where it was not executed.
    pub total_ms: Option<f64>,
    /// Time of planning, in no other number.
    pub planning_ms: Option<f64>,
    /// Number of operators.
    pub nodes: usize,
    /// Whether times were measured; else shares are of the planner's cost.
    pub measured: bool,
    /// The operators.
    pub tree: PlanNode,
    /// The operators of further roots; mostly there is none.
    pub other_trees: Vec<PlanNode>,
    /// The parts of the time that are no operator's.
    pub other_parts: Vec<PlanPart>,
    /// What the plan says of itself: settings, JIT, planning buffers.
    pub details: Properties,
    /// Keys of the findings about it.
    pub findings: Vec<String>,
    /// How many plans of this shape were seen; this is the slowest.
    pub count: u64,
    /// Time of all runs with this shape.
    pub shape_total_ms: f64,
    /// The same as lines of a table with the tree as its last column.
    #[serde(skip)]
    pub rows: Vec<PlanRow>,
}

/// One operator and what is below it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are those of the model")]
pub struct PlanNode {
    pub operator: Operator,
    pub native: String,
    pub role: crate::model::plan::Role,
    pub label: Option<String>,
    pub relation: Option<String>,
    pub alias: Option<String>,
    pub index: Option<String>,
    /// Of one loop.
    pub rows_estimated: Option<f64>,
    /// Of one loop.
    pub rows_actual: Option<f64>,
    /// Over all loops.
    pub rows_total: Option<f64>,
    pub loops: Option<u64>,
    pub never_executed: bool,
    /// Wall time, inputs included.
    pub total_ms: Option<f64>,
    pub self_ms: Option<f64>,
    /// The truth lies at most this far from `self_ms`.
    pub self_ms_error: Option<f64>,
    /// Its own part of the plan's time, or of its cost.
    pub share: Option<f64>,
    pub total_cost: Option<f64>,
    pub self_cost: Option<f64>,
    /// The larger ÷ the smaller of actual and estimated rows.
    pub estimate_factor: Option<f64>,
    /// Blocks or pages that it touched itself.
    pub self_blocks: Option<f64>,
    pub details: Properties,
    pub children: Vec<PlanNode>,
    /// Operators below that are nested too deep to be shown.
    pub deeper: usize,
}

/// A part of a plan's time that is no operator's.
#[derive(Clone, Debug, Serialize)]
pub struct PlanPart {
    /// What took it.
    pub name: String,
    /// Its time.
    pub time_ms: f64,
    /// The truth lies at most this far away.
    pub error_ms: f64,
}

/// One operator as a line.
#[derive(Clone, Debug)]
pub struct PlanRow {
    /// Its own time, or cost.
    pub own: String,
    /// Its part of the whole, 0 to 1.
    pub share: Option<f64>,
    /// Rows of one loop, and how many were expected.
    pub rows: String,
    /// How often it ran.
    pub loops: String,
    /// Blocks that it touched itself.
    pub blocks: String,
    /// What is remarkable: a wrong estimate, a spill, never executed.
    pub flags: String,
    /// How deep it stands.
    pub depth: usize,
    /// What it is and what it reads.
    pub name: String,
    /// Its details, one in a line.
    pub details: Vec<String>,
}

/// A plan that could not be read.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct UnreadPlan {
    /// Where it stands.
    pub source: Source,
    /// What is wrong with it.
    pub message: String,
}
