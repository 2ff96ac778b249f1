//! What the rules about SQLite's plans share: the tables by their own names, the columns that the
//! statement tests, the index fix, and words. EXPLAIN QUERY PLAN tells no numbers, `.scanstats` does.
//! Judges nothing.

use crate::judge::advice::rewrite;
use crate::judge::advice::sqlite_index::{self, Key};
use crate::judge::evidence::{ClassEvidence, Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::words::{duration_us, percent};
use crate::lang::sql::shape::{ColumnRef, Comparison};
use crate::model::event::Engine;
use crate::model::plan::Node;

/// The engines of these rules.
pub(super) const ENGINES: &[Engine] = &[Engine::Sqlite];
/// Columns of a proposed index.
const MAX_COLUMNS: usize = 4;
/// Fewer rows than this are read so fast that an index has nothing to gain.
const MANY_ROWS: f64 = 1000.0;
/// Part of the statement that a fault must take, where that is measured.
const MIN_SHARE: f64 = 0.1;

/// A table of a plan, with what is known about its statement.
pub(super) struct About<'e, 'f> {
    plan: &'e PlanEvidence<'f>,
    class: Option<ClassEvidence<'f>>,
    /// The table by its own name, where the plan or the statement tells that.
    pub table: String,
}

impl<'e, 'f> About<'e, 'f> {
    /// What is known about the table that a node reads.
    pub fn new(evidence: &Evidence<'f>, plan: &'e PlanEvidence<'f>, node: &Node) -> Self {
        let class = evidence.class_of(plan);
        let printed = node.relation.as_deref().unwrap_or_default();
        let tables = class.as_ref().map_or(&[][..], |class| &class.shape.tables);
        let is_it = |name: Option<&str>| name.is_some_and(|n| n.eq_ignore_ascii_case(printed));
        let used = tables.iter().find(|used| is_it(used.alias.as_deref()));
        let table = used.map_or(printed, |used| &used.name).to_owned();
        About { plan, class, table }
    }

    /// The statement, where the plan tells it.
    pub fn class(&self) -> Option<&ClassEvidence<'f>> {
        self.class.as_ref()
    }

    fn is_own(&self, column: &ColumnRef) -> bool {
        let tables = self.class.as_ref().map_or(0, |class| class.shape.tables.len());
        match &column.table {
            Some(table) => table.eq_ignore_ascii_case(&self.table),
            None => tables == 1,
        }
    }

    /// The columns of the table that the statement compares with constants and, if joins count, with
    /// other tables: equalities first, then one range.
    pub fn columns(&self, with_joins: bool) -> Vec<Key> {
        let mut keys = self.equal_columns(with_joins);
        let Some(class) = &self.class else { return keys };
        let range = class.shape.predicates.iter().find(|p| {
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
        let Some(class) = &self.class else { return keys };
        for p in &class.shape.predicates {
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
        let keys = self.class.as_ref().map_or(&[][..], |class| &class.shape.order_by);
        let own = keys.iter().map(|key| {
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
        if !keys.is_empty() && keys.len() <= MAX_COLUMNS {
            finding.fixes.push(sqlite_index::fix(&self.table, keys));
            finding.trade_offs =
                "One more index to store, and to maintain at every write to the table.".to_owned();
            return;
        }
        finding.fixes.push(rewrite::code(
            otherwise,
            "The plan does not tell by which columns. `.expert` of the sqlite3 shell (3.22 and later), and \
             then the statement, proposes an index.",
        ));
        finding.trade_offs = "An index costs writes and space.".to_owned();
    }
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
