//! The tables of a plan in MySQL's tabular form, as MariaDB's slow log shows it beside a run, with
//! the numbers that rules ask for. Judges nothing.

use crate::model::plan::{Node, Operator, Plan};

/// One row of such a plan: one table of one select.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct ExplainRow<'a> {
    /// `SIMPLE`, `PRIMARY`, `DEPENDENT SUBQUERY` …
    pub select_type: &'a str,
    /// The table's alias, its name where it has none, or `<derived2>`.
    pub table: &'a str,
    /// The index that was used, if any.
    pub key: Option<&'a str>,
    /// Rows per run of this part, as the optimizer estimated.
    pub rows: Option<f64>,
    /// Rows per run of this part that were read, where the log has the real number.
    pub read_rows: Option<f64>,
    /// Share of the rows that passed the conditions, 0 to 1, the real one where it is known.
    pub passed: Option<f64>,
    node: &'a Node,
}

impl ExplainRow<'_> {
    /// Whether the whole table is read.
    pub fn is_scan(&self) -> bool {
        self.node.operator == Operator::FullScan
    }

    /// Rows read per run of this part, else the estimate of them.
    pub fn rows_known(&self) -> f64 {
        self.read_rows.or(self.rows).unwrap_or(0.0)
    }

    /// How many times the estimate is off, in either direction, where both numbers are known.
    pub fn off_by(&self) -> Option<f64> {
        let (estimate, real) = (self.rows?.max(1.0), self.read_rows?.max(1.0));
        Some((estimate / real).max(real / estimate))
    }

    /// Whether it belongs to the select that is outermost.
    pub fn is_outer(&self) -> bool {
        matches!(self.select_type, "SIMPLE" | "PRIMARY")
    }

    /// Whether the column Extra has a note, by the name that it has in the JSON form.
    pub fn notes(&self, name: &str) -> bool {
        self.node.details.get(name).is_some()
    }
}

/// The rows of a plan; none where it is not in that form.
pub(super) fn of(plan: &Plan) -> Vec<ExplainRow<'_>> {
    plan.nodes.iter().filter_map(row).collect()
}

fn row(node: &Node) -> Option<ExplainRow<'_>> {
    let share = |name: &str| node.number(name).map(|percent| percent / 100.0);
    let measured = node.measured();
    Some(ExplainRow {
        select_type: node.text("select_type")?,
        table: node.alias.as_deref().or(node.relation.as_deref()).unwrap_or_default(),
        key: node.index.as_deref(),
        rows: node.estimated.rows,
        read_rows: measured.and_then(|ran| Some(ran.rows?.per_loop(ran.loops).0)),
        passed: share("r_filtered").or_else(|| share("filtered")),
        node,
    })
}
