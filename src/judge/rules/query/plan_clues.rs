//! What a plan of a class says about a suspicion. No rule; the rules about text ask it before they
//! speak. Finding faults in plans themselves is left to the rules about plans.

use super::explain_rows::{self, ExplainRow};
use crate::judge::advice::ident;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::Fact;
use crate::judge::words;
use crate::lang::sql::shape::TableUse;
use crate::model::plan::{Node, Operator, Role, Value};
use crate::model::workload::plans::SeenPlan;

/// What MySQL and MariaDB call a subquery that refers to the row outside.
const DEPENDENT: &str = "DEPENDENT SUBQUERY";

/// The slowest plan of a class.
#[derive(Clone, Copy, Debug)]
pub struct PlanClues<'a> {
    seen: &'a SeenPlan,
    /// What the statement calls its tables: name and alias.
    tables: &'a [TableUse],
}

/// The plan of a class, when one was seen.
pub fn of<'a>(class: &'a ClassEvidence<'_>) -> Option<PlanClues<'a>> {
    let seen = class.class.plans().slowest()?;
    Some(PlanClues { seen, tables: &class.shape.tables })
}

impl<'a> PlanClues<'a> {
    fn nodes(self) -> &'a [Node] {
        &self.seen.plan.nodes
    }

    /// Whether a node is marked so by its engine, such as `using_temporary_table`.
    pub fn marks(self, name: &str) -> bool {
        self.nodes().iter().any(|node| node.details.flag(name) == Some(true))
    }

    /// The tables of a plan in MySQL's tabular form; none of any other.
    pub fn rows(self) -> Vec<ExplainRow<'a>> {
        explain_rows::of(&self.seen.plan)
    }

    /// The name of the table that a row of a plan calls by its alias.
    pub fn table_of(self, row: &ExplainRow<'a>) -> &'a str {
        let named = self.tables.iter().find(|table| table.alias.as_deref() == Some(row.table));
        named.map_or(row.table, |table| &*table.name)
    }

    /// Whether the plan reads any table from end to end.
    pub fn scans_any(self) -> bool {
        self.nodes().iter().any(|node| node.operator == Operator::FullScan)
    }

    /// Whether a subquery is run anew for rows of the statement around it.
    pub fn reruns_subquery(self) -> bool {
        let mut nodes = self.nodes().iter();
        nodes.any(|node| match node.text("select_type") {
            Some(kind) => kind == DEPENDENT,
            None => node.role == Role::SubPlan && !is_hashed(self.nodes(), node),
        })
    }

    /// Whether the plan reads a table, or a partition named after it, from end to end.
    pub fn scans(self, table: &str) -> bool {
        let name = ident::last_part(table);
        let is_it = |called: &str| {
            let called = ident::last_part(called);
            called.eq_ignore_ascii_case(&name)
                || called.strip_prefix(&*name).is_some_and(|rest| rest.starts_with('_'))
        };
        let scans = self.nodes().iter().filter(|node| node.operator == Operator::FullScan);
        scans.filter_map(|node| node.relation.as_deref()).any(|relation| {
            let named = self.tables.iter().find(|used| used.alias.as_deref() == Some(relation));
            is_it(relation) || named.is_some_and(|used| is_it(&used.name))
        })
    }

    /// Whether a subquery that is run anew for each row finds its rows by an index.
    pub fn reruns_by_index(self) -> bool {
        self.rows().iter().any(|row| row.select_type == DEPENDENT && row.key.is_some())
    }

    /// How often the busiest subplan ran; in MySQL's tabular form, for how many rows at least.
    pub fn subplan_loops(self) -> Option<u64> {
        let rows = self.rows();
        if !rows.is_empty() {
            let outer = rows.iter().filter(|row| row.is_outer());
            let passed = outer.map(|row| row.rows_known() * row.passed.unwrap_or(1.0));
            return self.reruns_subquery().then(|| passed.product::<f64>() as u64);
        }
        let subplans = self.nodes().iter().filter(|node| node.role == Role::SubPlan);
        subplans.filter_map(|node| Some(node.measured()?.loops)).max()
    }

    /// The plan as evidence.
    pub fn fact(self, evidence: &Evidence<'_>, what: &str) -> Fact {
        let run = match self.seen.duration_us {
            Some(us) => format!("logged plan of a run of {}", words::duration_us(us as f64)),
            None => "plan".to_owned(),
        };
        Fact {
            fact: format!("{run}: {what}"),
            source: Some(evidence.facts.source(self.seen.place)),
        }
    }
}

/// Whether a subplan is run once and looked up in a hash table: whoever asks for it says so.
fn is_hashed(nodes: &[Node], subplan: &Node) -> bool {
    let Some(label) = subplan.label.as_deref() else { return false };
    let asker = subplan.parent.and_then(|at| nodes.get(at));
    let call = format!("hashed {label}");
    asker.is_some_and(|node| {
        let said = |value: &Value| matches!(value, Value::Text(text) if text.contains(&call));
        node.details.iter().any(|(_, value)| match value {
            Value::List(items) => items.iter().any(said),
            value => said(value),
        })
    })
}
