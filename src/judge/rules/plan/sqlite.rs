//! What the rules about SQLite's plans share: the tables by their own names, the columns that the
//! statement tests, the index fix, and words. EXPLAIN QUERY PLAN tells no numbers, `.scanstats` does.
//! Judges nothing.

use crate::judge::advice::rewrite;
use crate::judge::advice::sqlite_index::{self, Key};
use crate::judge::evidence::PlanEvidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::words::{duration_us, percent};
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{self, ColumnRef, Comparison, Shape, TableUse};
use crate::model::event::Engine;
use crate::model::plan::Node;

/// The engines of these rules.
pub(super) const ENGINES: &[Engine] = &[Engine::Sqlite];
/// Columns of a proposed index.
const MAX_COLUMNS: usize = 4;
/// Subqueries of a statement that are looked at.
const MAX_SUBQUERIES: usize = 16;
/// Fewer rows than this are read so fast that an index has nothing to gain.
const MANY_ROWS: f64 = 1000.0;
/// Part of the statement that a fault must take, where that is measured.
const MIN_SHARE: f64 = 0.1;

/// A table of a plan, with what is known about its statement.
pub(super) struct About<'e, 'f> {
    plan: &'e PlanEvidence<'f>,
    /// What the statement does; nothing where the plan does not tell it.
    shape: Shape,
    /// What the plan calls the table is its name, or could be brought back to it.
    is_known: bool,
    /// The table by its own name, where the plan or the statement tells that.
    pub table: String,
}

impl<'e, 'f> About<'e, 'f> {
    /// What is known about the table that a node reads.
    pub fn new(plan: &'e PlanEvidence<'f>, node: &Node) -> Self {
        let statement = plan.plan().statement.as_deref();
        let text = statement.or(plan.class.map(|class| &*class.fingerprint)).unwrap_or_default();
        let shape = shape::read(text, Dialect::Sqlite);
        let printed = node.relation.as_deref().unwrap_or_default();
        let named = |shape: &Shape| {
            let mut tables = shape.tables.iter();
            let is_it = |alias: &str| alias.eq_ignore_ascii_case(printed);
            tables
                .find(|used| used.alias.as_deref().is_some_and(is_it))
                .map(|used| used.name.clone())
        };
        let mut inside = subqueries(text).into_iter();
        let below = || inside.find_map(|text| named(&shape::read(text, Dialect::Sqlite)));
        let is_it = |used: &TableUse| {
            [Some(&used.name), used.alias.as_ref()]
                .into_iter()
                .flatten()
                .any(|name| name.eq_ignore_ascii_case(printed))
        };
        if is_of_view(plan, node) && !shape.tables.iter().any(is_it) {
            let (shape, table) = (Shape::default(), printed.to_owned());
            return About { plan, is_known: false, table, shape };
        }
        // A table that is joined with itself stands there once.
        let only = || shape.tables.first().filter(|_| shape.tables.len() == 1);
        let is_name = shape.tables.iter().any(|used| used.name.eq_ignore_ascii_case(printed));
        let found = named(&shape).or_else(below);
        let found = found.or_else(|| only().filter(|_| !is_name).map(|used| used.name.clone()));
        let is_known = found.is_some() || is_name || shape.tables.is_empty();
        About { plan, is_known, table: found.unwrap_or_else(|| printed.to_owned()), shape }
    }

    /// What the statement does.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The statement as the plan tells it, with its aliases; empty where it does not.
    pub fn statement(&self) -> &'e str {
        self.plan.plan().statement.as_deref().unwrap_or_default()
    }

    fn is_own(&self, column: &ColumnRef) -> bool {
        match &column.table {
            Some(table) => table.eq_ignore_ascii_case(&self.table),
            None => self.shape.tables.len() == 1,
        }
    }

    /// The columns of the table that the statement compares with constants and, if joins count, with
    /// other tables: equalities first, then one range.
    pub fn columns(&self, with_joins: bool) -> Vec<Key> {
        let mut keys = self.equal_columns(with_joins);
        let range = self.shape.predicates.iter().find(|p| {
            p.comparison == Comparison::Range
                && p.wrapped_in.is_none()
                && !p.below_or
                && (with_joins || !p.join)
                && self.is_own(&p.column)
                && keys.iter().all(|(column, _)| *column != p.column.column)
        });
        keys.extend(range.map(|p| (p.column.column.clone(), false)));
        keys.truncate(MAX_COLUMNS);
        keys
    }

    /// The columns that are tested for equality.
    pub fn equal_columns(&self, with_joins: bool) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for p in &self.shape.predicates {
            let is_equal = matches!(p.comparison, Comparison::Equal | Comparison::In);
            let is_known = keys.iter().any(|(column, _)| *column == p.column.column);
            if is_equal
                && !is_known
                && p.wrapped_in.is_none()
                && !p.below_or
                && (with_joins || !p.join)
                && self.is_own(&p.column)
            {
                keys.push((p.column.column.clone(), false));
            }
        }
        keys
    }

    /// The columns of the ORDER BY with their directions, where all are bare ones of the table.
    pub fn order(&self) -> Vec<Key> {
        let own = self.shape.order_by.iter().map(|key| {
            let column = key.column.as_ref().filter(|column| self.is_own(column))?;
            Some((column.column.clone(), key.descending))
        });
        own.collect::<Option<_>>().unwrap_or_default()
    }

    /// How far the plan reaches.
    pub fn scope(&self) -> String {
        match (self.plan.load_share, self.plan.seen().duration_us) {
            (Some(share), _) => {
                format!("Runs with this plan take {} of all logged time.", percent(share))
            }
            (None, Some(us)) => format!("The plan is of one run of {}.", duration_us(us as f64)),
            (None, None) => {
                "The plan tells no numbers; only runs show how much of the time this is.".to_owned()
            }
        }
    }

    /// A plan without numbers proves no loss of time.
    pub fn weigh(&self, finding: &mut Finding) {
        if self.plan.load_share.is_none() && !self.plan.plan().is_executed() {
            finding.severity = finding.severity.min(Severity::Low);
        }
    }

    /// The index on some columns, or what to do by hand; how sure it is, and what it costs.
    pub fn advise(&self, finding: &mut Finding, keys: &[Key], otherwise: &str) {
        self.weigh(finding);
        finding.confidence = match self.plan.plan().is_executed() {
            true => Confidence::Medium,
            false => Confidence::Low,
        };
        if self.is_known && !keys.is_empty() && keys.len() <= MAX_COLUMNS {
            finding.fixes.push(sqlite_index::fix(&self.table, keys));
            finding.trade_offs =
                "One more index to store, and to maintain at every write to the table.".to_owned();
            return;
        }
        finding.fixes.push(rewrite::code(
            otherwise,
            "The plan does not tell the table or its columns. `.expert` of the sqlite3 shell (3.22 and later), and \
             then the statement, proposes an index.",
        ));
        finding.trade_offs = "An index costs writes and space.".to_owned();
    }
}

/// Whether a node makes the rows of a view, a CTE or a subquery.
pub(super) fn makes_rows(node: &Node) -> bool {
    matches!(&*node.native, "CO-ROUTINE" | "MATERIALIZE") && node.label.is_some()
}

/// Whether a node works for a view or a CTE, whose text a statement need not hold.
fn is_of_view(plan: &PlanEvidence<'_>, node: &Node) -> bool {
    let nodes = &plan.plan().nodes;
    let above = std::iter::successors(node.parent, |at| nodes.get(*at)?.parent);
    above.filter_map(|at| nodes.get(at)).any(makes_rows)
}

fn is_query(text: &str) -> bool {
    let word = text.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("select"))
}

/// The text of each subquery of a statement, those inside others too.
pub(super) fn subqueries(text: &str) -> Vec<&str> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => open.push(at + 1),
            ')' => {
                let inside = open.pop().and_then(|start| text.get(start..at));
                found.extend(inside.filter(|inside| is_query(inside)));
            }
            _ => {}
        }
    }
    found.truncate(MAX_SUBQUERIES);
    found
}

/// How to see that a fix worked.
pub(super) fn verify(shows: &str) -> String {
    format!(
        "`EXPLAIN QUERY PLAN …;` of the statement shows {shows}. It does not execute the statement; \
         `.timer on` in the sqlite3 shell and a run show the time."
    )
}

/// A fact as a sentence of its own.
pub(super) use super::mysql_about::sentence;

/// Part of the statement that a node takes; all of it where nothing is measured. `None` where it was
/// measured to be little.
pub(super) fn share(plan: &PlanEvidence<'_>, at: usize) -> Option<f64> {
    let node = plan.plan().nodes.get(at)?;
    let of = plan.metrics().nodes.get(at)?;
    let is_small = of.rows.is_some_and(|rows| rows.value + rows.within < MANY_ROWS)
        && node.operator.reads_table();
    match of.share {
        _ if is_small => None,
        Some(share) => (share >= MIN_SHARE).then_some(share),
        None => Some(1.0),
    }
}
