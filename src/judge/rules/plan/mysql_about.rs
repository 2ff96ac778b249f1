//! What the findings about plans of MySQL and MariaDB have in common: the table by its own name, how
//! far the numbers reach, the index fix, how to see that it worked, and what it costs.

use super::mysql;
use crate::judge::advice::index::{self, Candidate};
use crate::judge::advice::{mysql_index, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Fix};
use crate::judge::plan_words::number;
use crate::judge::rules::query::{name_words, wanted_index};
use crate::judge::words::{duration_us, percent};
use crate::model::event::Engine;
use crate::model::plan::Node;

/// A table of a plan, with what is known about its statement.
pub(super) struct About<'e, 'f> {
    evidence: &'e Evidence<'f>,
    plan: &'e PlanEvidence<'f>,
    class: Option<ClassEvidence<'f>>,
    /// The table by its own name, where the plan or the statement tells that.
    table: String,
    /// Only what the statement calls the table is known.
    is_alias: bool,
}

impl<'e, 'f> About<'e, 'f> {
    /// What is known about the table that a node reads.
    pub fn new(evidence: &'e Evidence<'f>, plan: &'e PlanEvidence<'f>, node: &Node) -> Self {
        let class = evidence.class_of(plan);
        let printed = node.relation.as_deref().unwrap_or_default();
        let tables = class.as_ref().map_or(&[][..], |class| &class.shape.tables);
        let is_it = |name: Option<&str>| name.is_some_and(|n| n.eq_ignore_ascii_case(printed));
        let used = tables.iter().find(|used| is_it(used.alias.as_deref()));
        let table = used.map_or(printed, |used| &used.name).to_owned();
        // JSON of version 1 and the table form print the alias as the table's name.
        let tells_alias = node.alias.is_some() || plan.plan().format.contains("tree");
        let is_alias = tables.is_empty() && !tells_alias;
        About { evidence, plan, class, table, is_alias }
    }

    /// The table for a sentence.
    pub fn table(&self) -> String {
        name_words(&self.table)
    }

    /// How far the numbers of the finding reach.
    pub fn scope(&self) -> String {
        scope(self.plan)
    }

    /// The index on columns; on those that the statement tests where the plan tells none.
    pub fn index(&self, columns: &[String]) -> Option<Fix> {
        let columns: Vec<&str> = columns.iter().map(|column| &**column).collect();
        if let Some(class) = &self.class {
            let candidate = match columns.is_empty() {
                true => wanted_index(class, &self.table)?,
                false => Candidate::btree(class, &self.table, &columns),
            };
            return Some(index::fix(&[candidate], class, self.evidence));
        }
        if columns.is_empty() {
            return None;
        }
        let mut fix = mysql_index::of_plan(&self.table, &columns);
        if self.is_alias {
            fix.note.push_str(
                " The plan names tables as the statement calls them: where that is an alias, put the \
                 table's own name.",
            );
        }
        Some(fix)
    }

    /// The index fix, or what to do by hand; with what it costs and how sure it is.
    pub fn advise(&self, finding: &mut Finding, columns: &[String], otherwise: &str) {
        finding.confidence = match self.plan.plan().is_executed() {
            true => Confidence::Medium,
            false => Confidence::Low,
        };
        match self.index(columns) {
            Some(fix) => {
                finding.fixes.push(fix);
                finding.trade_offs = self.write_cost();
            }
            None => {
                finding.fixes.push(rewrite::code(
                    otherwise,
                    "The plan does not show a condition that an index can be read off.",
                ));
                finding.trade_offs =
                    "None to look for the condition; an index costs writes and space.".to_owned();
            }
        }
    }

    /// What one more index on the table costs.
    pub fn write_cost(&self) -> String {
        match &self.class {
            Some(class) if class.class.stats.calls > 0 => {
                index::write_cost(self.evidence, class, &self.table)
            }
            _ => "One more index to store, and to maintain at every write to the table.".to_owned(),
        }
    }

    /// How to see that a fix worked.
    pub fn verify(&self, shows: &str) -> String {
        verify_of(self.evidence, self.plan, shows)
    }

    /// The table by the name that is known.
    pub fn name(&self) -> &str {
        &self.table
    }
}

/// How to see that a fix worked, where it is about no one table.
pub(super) fn verify_of(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, shows: &str) -> String {
    match (evidence.class_of(plan), plan.plan().engine) {
        (Some(class), _) => verify::explain(&class, shows),
        (None, Engine::Mariadb) => format!(
            "`ANALYZE FORMAT=JSON …;` of the statement shows {shows}. ANALYZE executes it: of one that \
             writes use `EXPLAIN …;`."
        ),
        (None, _) => format!(
            "`EXPLAIN ANALYZE …;` (MySQL 8.0.18 and later) of the statement shows {shows}. It executes \
             it: of one that writes use `EXPLAIN …;`."
        ),
    }
}

/// How far the numbers of a plan reach.
pub(super) fn scope(plan: &PlanEvidence<'_>) -> String {
    match (plan.load_share, plan.seen().duration_us) {
        (Some(share), _) => {
            format!("Runs with this plan take {} of all logged time.", percent(share))
        }
        (None, Some(us)) => format!("The plan is of one run of {}.", duration_us(us as f64)),
        (None, None) if plan.plan().is_executed() => "The plan is of one run.".to_owned(),
        (None, None) => {
            "The plan was not executed: its numbers are the optimizer's guesses.".to_owned()
        }
    }
}

/// What an estimated or counted share of rows is called.
pub(super) fn how(is_counted: bool) -> &'static str {
    if is_counted { "" } else { "by the optimizer's guess " }
}

/// A fact as a sentence of its own.
pub(super) fn sentence(fact: &str) -> String {
    let mut letters = fact.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A number of rows, for a sentence.
pub(super) fn rows(plan: &PlanEvidence<'_>, at: usize) -> String {
    let rows = number(mysql::rows_read(plan.plan(), at).round());
    match mysql::runs(plan.plan(), at).round() {
        runs if runs >= 2.0 => format!("{rows} rows in {} runs", number(runs)),
        _ => format!("{rows} rows"),
    }
}
