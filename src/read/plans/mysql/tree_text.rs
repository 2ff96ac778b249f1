//! EXPLAIN FORMAT=TREE and EXPLAIN ANALYZE of MySQL 8.0.16 to 9: one line for each operation, four
//! blanks deeper for each level.
//!
//! Input: a text that holds such a tree, bare or in the frame of a client (`EXPLAIN: `, a box, one
//! line with `\n` in it, quotes). Output: its [`Plan`]. Headings (`Select #2 (…)`, `Hash`) are no
//! nodes: they tell the role of the operation below them. What an operation's words say is
//! [`operation`](super::operation)'s.

mod figures;
mod lines;

use super::operation::{self, Heading, Operation};
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Role, Value};
use crate::read::plans::{Bounds, Builder, Found, Literals, PlanError, PlanMeta, PlanReader};
use figures::Style;
use lines::{Block, Lines};

/// Reads the tree form.
#[derive(Debug)]
pub struct TreeText;

static META: PlanMeta = PlanMeta {
    name: "mysql-tree",
    engine: Engine::Mysql,
    title: "MySQL EXPLAIN FORMAT=TREE and EXPLAIN ANALYZE",
    bounds: Bounds::Lines,
    words: &["-> "],
    samples: &[
        "-> Limit: 5 row(s)  (cost=0.55 rows=3)\n    -> Table scan on o  (cost=0.55 rows=3)\n",
        "EXPLAIN: -> Rows fetched before execution\n",
        "EXPLAIN\n-> Sort: o.note  (actual time=1.9..2.1 rows=9 loops=1)\\n    -> Table scan on o  \
         (cost=0.35 rows=1) (actual time=0.04..1.5 rows=9 loops=1)\\n\n",
    ],
};

impl PlanReader for TreeText {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        let mut lines = Lines::new(text).peekable();
        std::iter::from_fn(|| lines::next_block(&mut lines))
            .find(is_surely_a_tree)
            .map(|block| Found { start: block.start, end: block.end })
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let mut lines = Lines::new(document).peekable();
        let mut plans = Vec::new();
        while let Some(block) = lines::next_block(&mut lines) {
            plans.push(plan(&block, literals)?);
        }
        match plans.is_empty() {
            true => Err(PlanError::at(0, "no operation (`-> …`) of a tree in it")),
            false => Ok(plans),
        }
    }
}

fn plan(block: &Block<'_>, literals: Literals) -> Result<Plan, PlanError> {
    let mut tree = Tree {
        builder: Builder::new(Engine::Mysql, META.name, literals),
        style: figures::style(block.lines.iter().map(|line| &*line.text)),
        open: Vec::new(),
    };
    for line in &block.lines {
        tree.line(line.offset, line.indent, &line.text)?;
    }
    let mut plan = tree.builder.finish()?;
    operation::settle_roles(&mut plan);
    Ok(plan)
}

/// Whether lines are a tree of MySQL: at least one operation of it, and either a client that says
/// EXPLAIN, or costs or times, or more such operations, or one that can be nothing else. Costs with
/// a width are PostgreSQL's.
fn is_surely_a_tree(block: &Block<'_>) -> bool {
    let (mut known, mut is_likely) = (0, block.is_framed);
    for line in &block.lines {
        if line.text.contains("(cost=") && line.text.contains(" width=") {
            return false;
        }
        let figures = figures::read(&line.text, Style::Readable);
        let operation = operation::read(figures.operation);
        let reads = operation.operator.reads_table()
            || matches!(operation.operator, Operator::RowSource | Operator::DerivedScan);
        known += usize::from(operation.is_known);
        is_likely |= figures.has_any || known > 1 || (operation.is_known && reads);
    }
    known > 0 && is_likely
}

/// A line that is still open: those below it are its own.
struct Open {
    indent: usize,
    what: What,
}

enum What {
    /// A node, and how many nodes are open with it.
    Node { operator: Operator, depth: usize },
    /// A heading, until the operation below it takes it.
    Heading(Option<Heading>),
}

struct Tree {
    builder: Builder,
    style: Style,
    open: Vec<Open>,
}

impl Tree {
    fn line(&mut self, offset: usize, indent: usize, text: &str) -> Result<(), PlanError> {
        match operation::heading(text) {
            Some(heading) => {
                self.close_for(indent, is_of_select_list(&heading));
                let what = What::Heading(Some(heading));
                self.open.push(Open { indent, what });
                Ok(())
            }
            None => self.operation(offset, indent, text),
        }
    }

    /// Closes what a line of this indent ends. The subqueries of a select list stand beside the
    /// operation that computes the list and belong to it, unless that feeds window functions.
    fn close_for(&mut self, indent: usize, is_beside_owner: bool) {
        while self.open.last().is_some_and(|open| open.indent > indent) {
            self.open.pop();
        }
        if is_beside_owner {
            let is_heading = |open: &Open| matches!(open.what, What::Heading(_));
            while self.open.last().is_some_and(|open| open.indent == indent && is_heading(open)) {
                self.open.pop();
            }
            let above = self.open.len().checked_sub(2).and_then(|at| self.open.get(at));
            let is_window =
                |open: &Open| matches!(open.what, What::Node { operator: Operator::Window, .. });
            if !above.is_some_and(is_window) {
                return;
            }
        }
        while self.open.last().is_some_and(|open| open.indent >= indent) {
            self.open.pop();
        }
    }

    fn operation(&mut self, offset: usize, indent: usize, text: &str) -> Result<(), PlanError> {
        self.close_for(indent, false);
        let figures = figures::read(text, self.style);
        let read = operation::read(figures.operation);
        let heading = self.open.iter_mut().rev().map_while(|open| match &mut open.what {
            What::Heading(heading) => Some(heading.take()),
            What::Node { .. } => None,
        });
        // Of several headings one upon another, the innermost tells what the operation is.
        let heading = heading.flatten().reduce(|innermost, _| innermost);
        let above = self.open.iter().rev().find_map(|open| match &open.what {
            What::Node { depth, .. } => Some(*depth),
            What::Heading(_) => None,
        });
        // What inputs are to the operation above them is told when all of them are known.
        let role = match (&heading, above) {
            (_, None) => Role::Root,
            (Some(heading), _) if heading.is_subquery => Role::SubPlan,
            _ => Role::Input,
        };
        self.builder.close_to(above.unwrap_or(0));
        let operator = read.operator;
        self.open_node(read, role, heading, offset)?;
        if let Some(node) = self.builder.node() {
            node.estimated = figures.estimated;
            node.actual = figures.actual;
        }
        let what = What::Node { operator, depth: self.builder.depth() };
        self.open.push(Open { indent, what });
        Ok(())
    }

    fn open_node(
        &mut self,
        operation: Operation<'_>,
        role: Role,
        heading: Option<Heading>,
        offset: usize,
    ) -> Result<(), PlanError> {
        let node = operation.open(&mut self.builder, role, offset)?;
        let Some(heading) = heading else { return Ok(()) };
        node.label = heading.label.map(Into::into);
        for (name, value) in heading.details {
            self.builder.detail(name, value, true);
        }
        Ok(())
    }
}

/// Whether a heading is that of a subquery in a select list.
fn is_of_select_list(heading: &Heading) -> bool {
    let is_projection = |value: &Value| *value == Value::Text("projection".into());
    heading.details.iter().any(|(name, value)| *name == "subquery_location" && is_projection(value))
}

#[cfg(test)]
mod tests;
