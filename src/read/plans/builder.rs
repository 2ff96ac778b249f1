//! Puts a [`Plan`] together, node by node in the order of the text, and keeps literals outside: all
//! text enters the model here.

use super::{Literals, PlanError};
use crate::lang::Language;
use crate::lang::literals::mask_statement;
use crate::model::event::Engine;
use crate::model::plan::{Actual, Estimated};
use crate::model::plan::{Node, Operator, Plan, Properties, Role, Value};

/// Nodes nested deeper than this are refused.
pub const MAX_DEPTH: usize = 1_000;
/// A plan of more nodes than this is refused: the largest real ones have some ten thousand.
const MAX_NODES: usize = 200_000;

/// A plan while it is read.
#[derive(Debug)]
pub struct Builder {
    plan: Plan,
    /// The nodes that are open, the root first.
    open: Vec<usize>,
    literals: Literals,
}

impl Builder {
    /// An empty plan of an engine, in the form of that name.
    pub fn new(engine: Engine, format: &'static str, literals: Literals) -> Self {
        let plan = Plan {
            engine,
            format,
            statement: None,
            nodes: Vec::new(),
            planning_ms: None,
            execution_ms: None,
            triggers: Vec::new(),
            details: Properties::default(),
        };
        Builder { plan, open: Vec::new(), literals }
    }

    /// The plan itself, for what is about no node. Texts that may hold literals must go through
    /// [`Builder::masked`] or [`Builder::plan_detail`].
    pub fn plan(&mut self) -> &mut Plan {
        &mut self.plan
    }

    /// Notes the statement.
    pub fn statement(&mut self, text: &str) {
        self.plan.statement = Some(self.masked(text));
    }

    /// How many nodes are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Opens a node below the innermost open one, and gives it. `offset` is the place in the
    /// document, for the error of a plan that is too deep or too large.
    pub fn open(
        &mut self,
        role: Role,
        native: &str,
        operator: Operator,
        offset: usize,
    ) -> Result<&mut Node, PlanError> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nodes are nested deeper than {MAX_DEPTH}: no real plan");
            return Err(PlanError::at(offset, message));
        }
        let at = self.plan.nodes.len();
        if at >= MAX_NODES {
            let message = format!("more than {MAX_NODES} nodes: no real plan");
            return Err(PlanError::at(offset, message));
        }
        self.plan.nodes.push(Node {
            role,
            label: None,
            native: native.into(),
            operator,
            relation: None,
            alias: None,
            index: None,
            estimated: Estimated::default(),
            actual: Actual::default(),
            details: Properties::default(),
            parent: self.open.last().copied(),
            depth: self.open.len(),
            end: at + 1,
        });
        self.open.push(at);
        Ok(&mut self.plan.nodes[at])
    }

    /// The innermost open node.
    pub fn node(&mut self) -> Option<&mut Node> {
        self.open.last().and_then(|at| self.plan.nodes.get_mut(*at))
    }

    /// The last node that was opened, even if it is closed again: the lines below it are its own.
    pub fn last(&mut self) -> Option<&mut Node> {
        self.plan.nodes.last_mut()
    }

    /// Closes the innermost open node.
    pub fn close(&mut self) {
        let end = self.plan.nodes.len();
        if let Some(node) = self.open.pop().and_then(|at| self.plan.nodes.get_mut(at)) {
            node.end = end;
        }
    }

    /// Closes nodes until so many are open.
    pub fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.close();
        }
    }

    /// Adds a detail to the innermost open node. The texts in it are masked, unless they are plain:
    /// names and words of the plan itself.
    pub fn detail(&mut self, name: &str, value: Value, is_plain: bool) {
        let value = if is_plain { value } else { self.masked_value(value) };
        if let Some(node) = self.node() {
            node.details.push(name, value);
        }
    }

    /// Adds a detail to the plan as a whole, masked in the same way.
    pub fn plan_detail(&mut self, name: &str, value: Value, is_plain: bool) {
        let value = if is_plain { value } else { self.masked_value(value) };
        self.plan.details.push(name, value);
    }

    /// A condition or statement without its literals, unless the user keeps them.
    pub fn masked(&self, text: &str) -> Box<str> {
        match (self.literals, self.plan.engine.language()) {
            (Literals::Keep, _) => text.into(),
            (Literals::Hide, language @ (Language::Sql(_) | Language::Mongo)) => {
                let mut out = String::with_capacity(text.len());
                mask_statement(text.as_bytes(), language, &mut out);
                out.into()
            }
        }
    }

    fn masked_value(&self, value: Value) -> Value {
        match value {
            Value::Text(text) => Value::Text(self.masked(&text)),
            Value::List(items) => {
                Value::List(items.into_iter().map(|item| self.masked_value(item)).collect())
            }
            Value::Group(group) => {
                let mut masked = Properties::default();
                for (name, value) in group.into_iter() {
                    masked.push(name, self.masked_value(value));
                }
                Value::Group(masked)
            }
            Value::Nothing | Value::Flag(_) | Value::Number(_) => value,
        }
    }

    /// The plan; an error where it has no node.
    pub fn finish(mut self) -> Result<Plan, PlanError> {
        self.close_to(0);
        match self.plan.nodes.is_empty() {
            true => Err(PlanError::at(0, "no node of a plan in it")),
            false => Ok(self.plan),
        }
    }
}
