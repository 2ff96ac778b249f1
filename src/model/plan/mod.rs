//! Execution plans of all engines in one form: a [`Plan`] is its nodes in the order in which they are
//! printed, with the engine's own words beside a neutral [`Operator`].
//!
//! What readers find is kept as printed ([`Quantity`] says how exactly, and whether it is a total or
//! the mean of one loop). What a node takes for itself, and how far its estimate was off, is
//! arithmetic over all nodes: [`metrics`].

pub mod metrics;
mod operator;
mod properties;

pub use operator::Operator;
pub use properties::{Properties, Value};

use super::event::Engine;
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

/// What a node is to the node above it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing stands above it.
    Root,
    /// Its only input, or one of several that its engine does not tell apart.
    Input,
    /// The side of a join that drives it.
    Outer,
    /// The side of a join that is looked up, or built first.
    Inner,
    /// One of the parts of an append or of a union.
    Member,
    /// Runs once, before or when its value is first asked for (PostgreSQL's InitPlan).
    InitPlan,
    /// Runs for an expression of the node above, as often as that asks (SubPlan, dependent subquery).
    SubPlan,
    /// Rows kept for whoever scans them (`CTE name`, a materialised subquery).
    Cte,
}

/// A number as printed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantity {
    /// As printed.
    pub value: f64,
    /// The true value lies at most this far away: half a unit of the last printed digit.
    pub within: f64,
    /// Of which runs it tells.
    pub of: Of,
}

/// Of which runs a number tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// The mean of one loop.
    OneLoop,
    /// All loops together.
    AllLoops,
}

impl Quantity {
    /// The mean of one loop, exact to so much.
    pub fn of_one_loop(value: f64, within: f64) -> Self {
        Quantity { value, within, of: Of::OneLoop }
    }

    /// The sum over all loops, exact to so much.
    pub fn of_all_loops(value: f64, within: f64) -> Self {
        Quantity { value, within, of: Of::AllLoops }
    }

    /// The sum over so many loops, and how far the truth may lie from it.
    pub fn total(self, loops: u64) -> (f64, f64) {
        match self.of {
            Of::OneLoop => (self.value * loops as f64, self.within * loops as f64),
            Of::AllLoops => (self.value, self.within),
        }
    }

    /// The mean of one of so many loops, and how far the truth may lie from it.
    pub fn per_loop(self, loops: u64) -> (f64, f64) {
        match self.of {
            Of::OneLoop => (self.value, self.within),
            Of::AllLoops => {
                let loops = loops.max(1) as f64;
                (self.value / loops, self.within / loops)
            }
        }
    }
}

/// What the planner expected of one loop of a node.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimated {
    /// Rows.
    pub rows: Option<f64>,
    /// Cost until the first row, in the planner's own unit.
    pub startup_cost: Option<f64>,
    /// Cost until the last row, in the planner's own unit, inputs included.
    pub total_cost: Option<f64>,
    /// Mean row size.
    pub width_bytes: Option<f64>,
}

/// What running a node showed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// How often it was started. Under PostgreSQL's parallel nodes, over all processes.
    pub loops: u64,
    /// Rows it gave.
    pub rows: Option<Quantity>,
    /// Milliseconds until its first row, its inputs' included.
    pub first_ms: Option<Quantity>,
    /// Milliseconds until its last row, its inputs' included.
    pub total_ms: Option<Quantity>,
}

/// Whether a node ran.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Actual {
    /// The plan does not say: it was not executed, or not measured.
    #[default]
    Unknown,
    /// The plan was executed, but not this node.
    Never,
    /// It ran.
    Ran(Measured),
}

/// One operator.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it is to the node above.
    pub role: Role,
    /// The name under which others refer to it: `SubPlan 1`, `CTE top_orders`, `select #2`.
    pub label: Option<Box<str>>,
    /// The engine's own words: `Parallel Seq Scan`, `Index lookup`, `COLLSCAN`, `SEARCH`.
    pub native: Box<str>,
    /// What that means.
    pub operator: Operator,
    /// The table, collection or function that it reads or writes, qualified as printed.
    pub relation: Option<Box<str>>,
    /// What the statement calls it, where that differs.
    pub alias: Option<Box<str>>,
    /// The index it uses.
    pub index: Option<Box<str>>,
    /// What was expected.
    pub estimated: Estimated,
    /// What happened.
    pub actual: Actual,
    /// All else, by the engine's own names, in the order of the text. Literals are masked unless the
    /// user asked to keep them.
    pub details: Properties,
    /// The node above.
    pub parent: Option<usize>,
    /// How many nodes stand above.
    pub depth: usize,
    /// One past its last descendant.
    pub end: usize,
}

impl Node {
    /// What running it showed, if it ran and was measured.
    pub fn measured(&self) -> Option<&Measured> {
        match &self.actual {
            Actual::Ran(measured) => Some(measured),
            Actual::Never | Actual::Unknown => None,
        }
    }

    /// A number among its details.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.details.number(name)
    }

    /// A text among its details.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.details.text(name)
    }
}

/// Why a document cannot be read as a plan, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanError {
    /// Bytes from the start of the document.
    pub offset: usize,
    /// What is wrong, without literals, and what to do.
    pub message: String,
}

impl PlanError {
    /// An error at a place.
    pub fn at(offset: usize, message: impl Into<String>) -> Self {
        PlanError { offset, message: message.into() }
    }
}

/// Reads plan documents. Whoever finds a document hands its reader on with it, so that only those
/// are read that somebody looks at.
pub trait ReadsPlans: Sync + std::fmt::Debug {
    /// The plans of a document, at least one. Literals are masked unless they are to be kept.
    fn plans(&self, document: &[u8], keep_literals: bool) -> Result<Vec<Plan>, PlanError>;
}

/// A plan document of a log or a file.
#[derive(Clone, Copy, Debug)]
pub struct PlanDocument<'a> {
    /// As it was found.
    pub text: &'a [u8],
    /// What reads it.
    pub reader: &'static dyn ReadsPlans,
}

/// A trigger that a statement fired, or a constraint that was checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Trigger {
    /// Its name as printed.
    pub name: Box<str>,
    /// The constraint behind it, if it is one.
    pub constraint: Option<Box<str>>,
    /// The table.
    pub relation: Option<Box<str>>,
    /// Milliseconds of all calls.
    pub time_ms: Option<Quantity>,
    /// How often it fired.
    pub calls: u64,
}

/// An execution plan.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The engine that made it.
    pub engine: Engine,
    /// The name of its form, such as `postgres-json`.
    pub format: &'static str,
    /// The statement, where the plan tells it. Masked unless the user asked to keep literals.
    pub statement: Option<Box<str>>,
    /// Every operator, each before its inputs. At least one. Some plans have several roots: one for
    /// each statement that a rule rewrote it to, or one for each candidate.
    pub nodes: Vec<Node>,
    /// Milliseconds of planning.
    pub planning_ms: Option<f64>,
    /// Milliseconds of the whole execution, triggers included.
    pub execution_ms: Option<f64>,
    /// Its triggers.
    pub triggers: Vec<Trigger>,
    /// All else that is about no single node: settings, JIT, planning buffers, the query's id.
    pub details: Properties,
}

impl Plan {
    /// The first root, which every plan has.
    pub fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// The numbers of the nodes right below a node.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes.get(at).map_or(0, |node| node.end);
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.nodes[child].end.max(child + 1);
                child
            })
        })
    }

    /// The numbers of the nodes above a node, the nearest first.
    pub fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let parent = |at: &usize| self.nodes.get(*at).and_then(|node| node.parent);
        std::iter::successors(parent(&at), parent)
    }

    /// Milliseconds that running it took, where it was executed: as the plan says, else as its root
    /// does.
    pub fn run_ms(&self) -> Option<f64> {
        let root = || {
            let ran = self.root()?.measured()?;
            Some(ran.total_ms?.total(ran.loops).0)
        };
        self.execution_ms.or_else(root)
    }

    /// Whether it was executed: some node says what happened.
    pub fn is_executed(&self) -> bool {
        self.nodes.iter().any(|node| node.actual != Actual::Unknown)
    }

    /// A hash of its shape: the operators, how they hang together, and what they read by which
    /// index. Costs, rows and conditions are no part of it.
    pub fn shape(&self) -> u64 {
        let mut hash = Xxh3::new();
        for node in &self.nodes {
            hash.update(&(node.depth as u64).to_le_bytes());
            hash.update(&[node.role as u8]);
            let names = [&node.relation, &node.index].map(|name| name.as_deref().unwrap_or(""));
            for text in [&*node.native, names[0], names[1]] {
                hash.update(text.as_bytes());
                hash.update(&[0]);
            }
        }
        hash.digest()
    }
}
