//! PostgreSQL's plans in text form, as psql, pgAdmin, auto_explain and people print them.
//!
//! In: a document that [`find`] located, in whatever frame. Out: its plan, with the names, values and
//! units of the JSON form, so that one plan is the same tree from both. Nodes hang together by how
//! far they are indented; a line of which nothing is known is kept as the detail `text` of its node.
//! A document that is cut reads as far as it goes and says so (`truncated`).

mod block;
mod find;
mod line;
mod lines;
mod node;
mod property;
mod statement;
mod trailer;

use super::super::{Bounds, Builder, Found, Literals, PlanError, PlanMeta, PlanReader, clean};
use super::operator::{input_role, labelled_role, operator, settle_results};
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Role, Value};
use block::Entry;
use line::Kind;
use lines::Line;

/// Reads `postgres-text`.
#[derive(Debug)]
pub struct PostgresText;

static META: PlanMeta = PlanMeta {
    name: "postgres-text",
    engine: Engine::Postgres,
    title: "PostgreSQL EXPLAIN in text form, from psql, pgAdmin, auto_explain",
    bounds: Bounds::Lines,
    words: &[],
    samples: &[
        " Limit  (cost=0.00..0.34 rows=1 width=8)\n   ->  Seq Scan on orders  (cost=0.00..14.00 rows=1000 width=4)\n(2 rows)\n",
        "Query Text: select 1;\nResult  (cost=0.00..0.01 rows=1 width=4) (actual time=0.006..0.008 rows=1 loops=1)\n",
        " QUERY PLAN\n------------\n Aggregate\n   ->  Seq Scan on orders\n         Filter: (id > 5)\n(3 rows)\n",
    ],
};

impl PlanReader for PostgresText {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        find::find(text)
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let text = clean::unframed(document);
        let Some((_, root)) = find::beginning(&text) else {
            return Err(PlanError::at(0, "no node of a plan in it"));
        };
        let mut builder = Builder::new(Engine::Postgres, META.name, literals);
        let above = statement::read(text.get(..root).unwrap_or_default().lines());
        if let Some(statement) = above.statement {
            builder.statement(&statement);
        }
        if let Some(parameters) = above.parameters {
            builder.plan_detail("Query Parameters", Value::Text(parameters.into()), false);
        }
        let lines = lines::joined(plan_lines(&text, root));
        let is_cut = is_cut(&lines);
        let mut walk = Walk::new(builder, lines.first().map_or(0, |line| line.column));
        for line in &lines {
            walk.line(line)
                .map_err(|error| PlanError { offset: error.offset.min(document.len()), ..error })?;
        }
        let mut builder = walk.finish();
        if is_cut {
            builder.plan_detail("truncated", Value::Flag(true), true);
        }
        let mut plan = builder.finish()?;
        settle_results(&mut plan);
        Ok(vec![plan])
    }
}

/// The lines of a cleaned document from its first node on, and where each begins.
fn plan_lines(text: &str, root: usize) -> impl Iterator<Item = (usize, &str)> + Clone {
    let rest = text.get(root..).unwrap_or_default();
    let mut at = root;
    let placed = rest.split_inclusive('\n').map(move |raw| {
        let start = at;
        at += raw.len();
        (start, raw.trim_end_matches('\n'))
    });
    placed.filter(|(_, raw)| !clean::is_rule(raw) && !clean::is_footer(raw))
}

/// Whether the last line ends inside its numbers or brackets, or lacks the numbers that the root has.
fn is_cut(lines: &[Line<'_>]) -> bool {
    let (Some(root), Some(last)) = (lines.first(), lines.last()) else { return false };
    let text = &last.text;
    match last.kind {
        Kind::Node => match line::numbers_start(text) {
            Some(at) => !text.get(at..).unwrap_or_default().ends_with(')'),
            None => line::numbers_start(&root.text).is_some(),
        },
        Kind::Other | Kind::Label => true,
        Kind::Trailer => false,
        Kind::Property => text.matches('(').count() > text.matches(')').count(),
    }
}

/// What is open while lines are read: nodes and labels, the root first.
struct Open {
    /// Where its arrow or its label begins.
    column: usize,
    kind: OpenKind,
}

enum OpenKind {
    Node {
        operator: Operator,
        /// How many inputs it has so far.
        inputs: usize,
    },
    Label(Role, Box<str>),
}

/// Lines on their way into a plan.
struct Walk<'a> {
    builder: Builder,
    open: Vec<Open>,
    root_column: usize,
    /// The lines below the node that was opened last.
    below: Vec<Entry<'a>>,
    /// The lines about the plan as a whole.
    trailer: Vec<Entry<'a>>,
}

impl<'a> Walk<'a> {
    fn new(builder: Builder, root_column: usize) -> Self {
        Walk { builder, open: Vec::new(), root_column, below: Vec::new(), trailer: Vec::new() }
    }

    fn line(&mut self, line: &'a Line<'_>) -> Result<(), PlanError> {
        let entry = Entry { column: line.column, text: &line.text };
        let is_outside = line.column <= self.root_column;
        match line.kind {
            Kind::Node => return self.node(line),
            Kind::Label => {
                self.close_from(line.column.max(1));
                let role = labelled_role(line.text.trim_start_matches("hashed "));
                let kind =
                    OpenKind::Label(role.unwrap_or(Role::SubPlan), line.text.as_ref().into());
                self.open.push(Open { column: line.column, kind });
            }
            Kind::Trailer if is_outside => self.trailer.push(entry),
            _ if !self.trailer.is_empty() => self.trailer.push(entry),
            Kind::Property | Kind::Trailer if !is_outside => {
                self.close_from(line.column.max(1));
                self.below.push(entry);
            }
            _ => self.below.push(entry),
        }
        Ok(())
    }

    fn node(&mut self, line: &'a Line<'_>) -> Result<(), PlanError> {
        let behind_arrow = line::arrow(&line.text);
        let is_root =
            self.open.is_empty() || (behind_arrow.is_none() && line.column <= self.root_column);
        self.close_from(if is_root { 0 } else { line.column.max(1) });
        self.flush();
        let node = node::read(behind_arrow.unwrap_or(&line.text));
        let (native, label) = words_and_label(node.native);
        let (role, label) = match self.open.last_mut().map(|open| &mut open.kind) {
            None => (Role::Root, label.map(Into::into)),
            Some(OpenKind::Label(role, name)) => (*role, Some(name.clone())),
            Some(OpenKind::Node { operator, inputs }) => {
                *inputs += 1;
                (input_role(*operator, *inputs > 1), label.map(Into::into))
            }
        };
        let operator = operator(native);
        let opened = self.builder.open(role, native, operator, line.offset)?;
        opened.label = label;
        opened.relation = node.relation;
        opened.alias = node.alias;
        opened.index = node.index;
        opened.estimated = node.estimated;
        opened.actual = node.actual;
        let column = if is_root { 0 } else { line.column };
        self.open.push(Open { column, kind: OpenKind::Node { operator, inputs: 0 } });
        if !node.rest.is_empty() {
            self.builder.detail("text", Value::Text(node.rest.into()), false);
        }
        Ok(())
    }

    /// Closes what begins at a column or behind it; the root stays for all but another root.
    fn close_from(&mut self, column: usize) {
        while let Some(open) = self.open.last() {
            let is_root = self.open.len() == 1;
            if (is_root && column > 0) || (!is_root && open.column < column) {
                break;
            }
            self.flush();
            if let Some(Open { kind: OpenKind::Node { .. }, .. }) = self.open.pop() {
                self.builder.close();
            }
        }
    }

    /// Gives the lines below the innermost node to it.
    fn flush(&mut self) {
        if self.below.is_empty() {
            return;
        }
        for (name, value) in block::properties(&self.below, &self.builder) {
            self.builder.detail(&name, value, true);
        }
        self.below.clear();
    }

    fn finish(mut self) -> Builder {
        self.flush();
        trailer::read(&self.trailer, &mut self.builder);
        self.builder
    }
}

/// Words of a node that carry a number of their own: it is its label.
fn words_and_label(words: &str) -> (&str, Option<&str>) {
    const NUMBERED: &str = "Distributed Subplan";
    match words.strip_prefix(NUMBERED) {
        Some(number) if !number.is_empty() => (NUMBERED, Some(words)),
        _ => (words, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURES: [&str; 4] = [
        include_str!("../../../../fixtures/plans/postgres/frames.txt"),
        include_str!("../../../../fixtures/plans/postgres/extensions.txt"),
        include_str!("../../../../fixtures/plans/postgres/timed_workers.txt"),
        include_str!("../../../../fixtures/plans/postgres/mixed_aggregate.txt"),
    ];

    /// Reads all plans of a text; their nodes. Damage may take the quotes of a literal away.
    fn nodes(text: &str, is_damaged: bool) -> usize {
        let (mut at, mut count) = (0, 0);
        while let Some(found) = text.get(at..).and_then(|rest| PostgresText.find(rest)) {
            assert!(found.start < found.end && at + found.end <= text.len());
            let document = &text[at + found.start..at + found.end];
            let plans = PostgresText.read(document, Literals::Hide).expect("what was found reads");
            assert!(is_damaged || !format!("{plans:?}").contains("hidden"), "{document}");
            count += plans.iter().map(|plan| plan.nodes.len()).sum::<usize>();
            at += found.end;
        }
        count
    }

    #[test]
    fn documents_cut_or_damaged_anywhere_are_read_as_far_as_they_go() {
        for text in FIXTURES {
            let whole = nodes(text, false);
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                assert!(nodes(&text[..end], false) <= whole, "{end}");
            }
            let mut bytes = text.as_bytes().to_vec();
            for at in (0..bytes.len()).step_by(3) {
                let kept = std::mem::replace(&mut bytes[at], b"\n'\"(|:-+ "[at % 9]);
                nodes(&String::from_utf8_lossy(&bytes), true);
                bytes[at] = kept;
            }
        }
    }

    #[test]
    fn large_documents_take_linear_time() {
        let open = format!(
            "Sort  (cost=1.00..2.00 rows=1 width=4)\n  Filter: (a = '{}",
            "x\n".repeat(50_000)
        );
        let deep: String =
            (0..2_000).map(|at| format!("{}Worker {at}:  JIT:\n", " ".repeat(at))).collect();
        let many = "EXPLAIN SELECT 1\n".repeat(50_000);
        for text in [open, format!("Sort  (cost=1.00..2.00 rows=1 width=4)\n{deep}"), many] {
            nodes(&text, false);
        }
        let nested: String = (0..1_100)
            .map(|at| format!("{}->  Sort  (cost=1.00..2.00 rows=1 width=4)\n", " ".repeat(at * 2)))
            .collect();
        let error = PostgresText.read(&nested, Literals::Hide).expect_err("too deep");
        assert!(error.message.contains("nested deeper"), "{}", error.message);
    }
}
