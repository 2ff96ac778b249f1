//! What the plans of the logs measured: how large tables are, and which part of their rows the
//! conditions of a scan keep.

use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::lang::sql::shape::Comparison;
use crate::model::plan::{Node, Operator};
use std::collections::{BTreeMap, BTreeSet};

/// What a scan kept.
#[derive(Clone, PartialEq, Debug)]
struct Kept {
    /// The class of its statement.
    class: Option<u64>,
    /// The columns that its conditions name.
    columns: BTreeSet<String>,
    /// The part of the table's rows that it gave, 0 to 1.
    share: f64,
}

/// What plans tell of the tables of the catalog, by their place among [`Evidence::tables`].
#[derive(Clone, Debug, Default)]
pub struct Measured {
    sizes: BTreeMap<usize, (f64, Option<f64>)>,
    kept: BTreeMap<usize, Vec<Kept>>,
    distinct: BTreeMap<(usize, String), f64>,
}

/// Scans of one table that are looked at: they are there as often as plans.
const MAX_KEPT: usize = 2000;

impl Measured {
    /// Reads all plans.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let mut measured = Measured::default();
        let mut names: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
        for (at, table) in evidence.tables.iter().enumerate() {
            let key = (&*table.server.label, table.name.name.to_lowercase());
            names.entry(key).or_default().push(at);
        }
        for plan in &evidence.plans {
            for (node_at, node) in plan.plan().nodes.iter().enumerate() {
                let Some(relation) = node.relation.as_deref() else { continue };
                let name = ident::last_part(relation).to_lowercase();
                if let Some([table]) = names.get(&(&*plan.server.label, name)).map(Vec::as_slice) {
                    measured.add(*table, plan, node_at, node);
                }
            }
        }
        measured
    }

    /// Rows and pages of a table.
    pub fn size(&self, table: usize) -> Option<(f64, Option<f64>)> {
        self.sizes.get(&table).copied()
    }

    /// Different values of a column, from scans that tested it alone for equality.
    pub fn distinct(&self, table: usize, column: &str) -> Option<f64> {
        self.distinct.get(&(table, column.to_lowercase())).copied()
    }

    /// The part of a table's rows that the tests of some columns keep: measured for the same class,
    /// or for any where their tests are `alike`.
    pub fn share(
        &self,
        table: usize,
        columns: &BTreeSet<String>,
        class: u64,
        alike: bool,
    ) -> Option<f64> {
        let fits = || self.kept.get(&table).into_iter().flatten().filter(|k| k.columns == *columns);
        let own = fits().find(|kept| kept.class == Some(class));
        own.or_else(|| fits().next().filter(|_| alike)).map(|kept| kept.share)
    }

    fn add(&mut self, table: usize, plan: &PlanEvidence<'_>, at: usize, node: &Node) {
        let Some(metrics) = plan.metrics().nodes.get(at) else { return };
        let is_parallel = node.details.flag("Parallel Aware") == Some(true)
            || node.native.starts_with("Parallel ");
        let loops = match node.measured() {
            Some(ran) if !is_parallel => ran.loops.max(1) as f64,
            _ => 1.0,
        };
        let rows = metrics.rows.map(|rows| rows.value / loops);
        let removed = metrics.rows_removed.map_or(0.0, |removed| removed.value / loops);
        let predicates: Vec<_> = ["Index Cond", "Recheck Cond", "Filter"]
            .iter()
            .flat_map(|name| node.details.texts(name))
            .flat_map(|condition| plan_index::predicates(node, condition))
            .filter(|predicate| plan_index::is_of(node, predicate))
            .collect();
        let is_whole = node.operator == Operator::FullScan;
        let may_stop = node.parent.is_some_and(|parent| {
            plan.plan().nodes.get(parent).is_some_and(|node| node.operator == Operator::Limit)
        });
        if is_whole && !may_stop {
            let size = match rows {
                Some(rows) => Some(rows + removed),
                None if predicates.is_empty() => node.estimated.rows,
                None => None,
            };
            if let Some(size) = size {
                let pages = metrics.self_blocks.map(|blocks| (blocks / loops).max(1.0));
                let known = self.sizes.entry(table).or_insert((0.0, None));
                if size > known.0 || known.1.is_none() {
                    *known = (size.max(known.0), pages.or(known.1));
                }
            }
        }
        let (Some(rows), true) = (rows, is_whole && !may_stop) else { return };
        let total = rows + removed;
        if total < 1.0 || predicates.is_empty() || predicates.iter().any(|p| p.join) {
            return;
        }
        let share = (rows.max(0.5) / total).min(1.0);
        let columns: BTreeSet<_> =
            predicates.iter().map(|p| ident::unquoted(&p.column.column).to_lowercase()).collect();
        if let [only] = &*predicates
            && only.comparison == Comparison::Equal
            && !only.below_or
            && only.wrapped_in.as_deref().is_none_or(|by| by.starts_with("::"))
            && let Some(column) = columns.first()
        {
            self.distinct.insert((table, column.clone()), 1.0 / share);
        }
        let kept = self.kept.entry(table).or_default();
        if kept.len() < MAX_KEPT {
            kept.push(Kept { class: plan.class.map(|class| class.id.0), columns, share });
        }
    }
}
