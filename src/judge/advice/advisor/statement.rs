//! A class as the advisor sees it: its uses of tables with the rows that its tests keep, its joins,
//! and what it weighs.

use super::measured::Measured;
use super::tables::TableModel;
use crate::judge::advice::ident;
use crate::judge::evidence::{ClassEvidence, Evidence, TableEvidence};
use crate::lang::sql::demand::{self, Block, Demand, Filter, Role, Schema, Test, Within};
use crate::model::catalog::Table;
use crate::model::facts::ServerFacts;
use crate::model::plan::Operator;
use crate::model::workload::examples::MAX_TEXT_BYTES;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that a LIMIT of unknown size asks for.
const DEFAULT_LIMIT: f64 = 50.0;
/// Elements of a list of unknown length.
const DEFAULT_LIST: f64 = 3.0;
/// Part of a statement's time that reading and joining takes, where no plan tells.
const DEFAULT_MOVABLE: f64 = 0.9;

/// One use of a table.
#[derive(Clone, Debug)]
pub struct UseModel {
    /// The table, by its place among the models.
    pub table: usize,
    /// Its tests, each with the part of the rows that it keeps.
    pub filters: Vec<(Filter, f64)>,
    /// The part of the rows that all of them keep.
    pub share: f64,
    /// Its columns that the statement names.
    pub reads: BTreeSet<String>,
    /// It reads whole rows.
    pub reads_all: bool,
    /// What its block is to the one around it.
    pub role: Role,
    /// It is a value that is computed for each row of the uses before it.
    pub per_row: bool,
    /// Uses that stand before it in any order of joins.
    pub after: u64,
    /// Its only block is sorted by these, and ends after so many rows.
    pub order: Vec<(String, bool)>,
    /// Rows after which it ends.
    pub limit: Option<f64>,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its place among [`Evidence::classes`].
    pub class: usize,
    /// What it costs: microseconds, those lost to cancelled runs included.
    pub weight_us: f64,
    /// The part of that which access paths can change.
    pub movable: f64,
    /// Its uses of tables.
    pub uses: Vec<UseModel>,
    /// Equal columns of two uses.
    pub joins: Vec<((usize, String), (usize, String))>,
}

/// The tables of a server as a statement's names find them.
pub struct Names<'e, 'f> {
    server: &'f ServerFacts,
    tables: &'e [TableEvidence<'f>],
    by_name: BTreeMap<String, Vec<usize>>,
}

impl<'e, 'f> Names<'e, 'f> {
    /// Of a server.
    pub fn of(evidence: &'e Evidence<'f>, server: &'f ServerFacts) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, table) in evidence.tables.iter().enumerate() {
            if table.server.label == server.label && table.holds_rows() {
                by_name.entry(table.name.name.to_lowercase()).or_default().push(at);
            }
        }
        Names { server, tables: &evidence.tables, by_name }
    }

    /// The one table that a name means.
    pub fn find(&self, name: &str) -> Option<usize> {
        let parts = ident::parts(&name.replace('`', "\""));
        let (name, schema) = parts.split_last()?;
        let mut fits = self.by_name.get(&name.to_lowercase())?.iter().copied().filter(|at| {
            let told = self.tables.get(*at).and_then(|table| table.name.schema.as_deref());
            schema.last().zip(told).is_none_or(|(wanted, told)| wanted.eq_ignore_ascii_case(told))
        });
        let first = fits.next()?;
        fits.next().is_none().then_some(first)
    }

    /// The server whose tables these are.
    pub fn server(&self) -> &'f ServerFacts {
        self.server
    }

    fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(self.find(name)?).map(|table| table.table)
    }
}

impl Schema for Names<'_, '_> {
    fn has_column(&self, table: &str, column: &str) -> Option<bool> {
        let table = self.table(table)?;
        (!table.columns().is_empty()).then(|| table.column(column).is_some())
    }
}

/// Reads what a class asks; `None` where its text is cut or not understood, or it names no table.
pub fn demand_of(class: &ClassEvidence<'_>, names: &Names<'_, '_>) -> Option<Demand> {
    let dialect = class.server.engine.dialect()?;
    let whole = class.example().filter(|example| example.logged_bytes <= MAX_TEXT_BYTES as u64);
    let text = whole.map_or(&*class.class.fingerprint, |example| &*example.text);
    demand::read(text, dialect, names)
}

impl Statement {
    /// A class by its demand, with its place and its weight. `known` are the tables whose size is known: a use of another one is
    /// left out, with its joins.
    pub fn of(
        (at, weight_us): (usize, f64),
        class: &ClassEvidence<'_>,
        demand: &Demand,
        names: &Names<'_, '_>,
        known: &BTreeMap<usize, TableModel>,
        measured: &Measured,
        evidence: &Evidence<'_>,
    ) -> Option<Self> {
        let mut places = BTreeMap::new();
        let mut uses = Vec::new();
        for (used_at, used) in demand.uses.iter().enumerate() {
            let Some(model) = names.find(&used.table).and_then(|table| known.get(&table)) else {
                continue;
            };
            let block = demand.blocks.get(used.block)?;
            places.insert(used_at, uses.len());
            let limit = class.class.facts.max_limit;
            let mut filters = used.filters.clone();
            filters.sort();
            let (filters, share) = shares(&filters, model, class, measured);
            let is_only = demand.uses.len() == 1;
            let of_order =
                |(column, falls): &(demand::UsedColumn, bool)| (column.column.clone(), *falls);
            let is_sorted = is_only && block.order_is_whole && !block.aggregates;
            uses.push(UseModel {
                table: model.at,
                filters,
                share,
                reads: used.reads.clone(),
                reads_all: used.reads_all,
                role: block.role,
                per_row: is_per_row(demand, block),
                after: 0,
                order: match is_sorted {
                    true => block.order_by.iter().map(of_order).collect(),
                    false => Vec::new(),
                },
                limit: (is_sorted && block.has_limit).then_some(match limit {
                    0 => DEFAULT_LIMIT,
                    rows => rows as f64,
                }),
            });
        }
        if uses.is_empty() || uses.len() > 60 {
            return None;
        }
        // A value per row comes after all that it may depend on.
        for (used_at, place) in &places {
            let Some(used) = demand.uses.get(*used_at) else { continue };
            let mut after = 0u64;
            let mut block = demand.blocks.get(used.block).and_then(|block| block.parent);
            while let Some(at) = block {
                for (other_at, other) in &places {
                    if demand.uses.get(*other_at).is_some_and(|used| used.block == at) {
                        after |= 1 << other;
                    }
                }
                block = demand.blocks.get(at).and_then(|block| block.parent);
            }
            if let Some(one) =
                uses.get_mut(*place).filter(|one| one.per_row || one.role == Role::Anti)
            {
                one.after = after;
            }
        }
        let mut joins = Vec::new();
        for (left, right) in &demand.joins {
            if let (Some(a), Some(b)) = (places.get(&left.at), places.get(&right.at)) {
                joins.push(((*a, left.column.clone()), (*b, right.column.clone())));
            }
        }
        Some(Statement { class: at, weight_us, movable: movable(class, evidence), uses, joins })
    }
}

/// Whether a block is run for each row around it: a value, or inside one.
fn is_per_row(demand: &Demand, block: &Block) -> bool {
    let mut block = Some(block);
    while let Some(one) = block {
        if one.role == Role::Value && one.is_correlated {
            return true;
        }
        block = one.parent.and_then(|parent| demand.blocks.get(parent));
    }
    false
}

/// The part of a statement's time in operators that read tables or join, by its plans.
fn movable(class: &ClassEvidence<'_>, evidence: &Evidence<'_>) -> f64 {
    let own = evidence
        .plans
        .iter()
        .filter(|plan| plan.server.label == class.server.label)
        .filter(|plan| plan.class.is_some_and(|other| other.id == class.class.id))
        .max_by_key(|plan| plan.shape.total_us);
    let Some(plan) = own else { return DEFAULT_MOVABLE };
    let nodes = plan.plan().nodes.iter().zip(&plan.metrics().nodes);
    let moves = |operator: Operator| {
        operator.reads_table()
            || operator.joins()
            || matches!(
                operator,
                Operator::BitmapIndexScan
                    | Operator::Hash
                    | Operator::Sort
                    | Operator::Materialize
                    | Operator::Memoize
                    | Operator::Gather
            )
    };
    let share: f64 = nodes
        .filter(|(node, _)| moves(node.operator))
        .filter_map(|(_, metrics)| metrics.share)
        .sum();
    share.clamp(0.0, 1.0)
}

/// The part of the rows that each test keeps, and all together. What a plan measured of all is
/// spread over them by what each would keep by itself.
fn shares(
    filters: &[Filter],
    table: &TableModel,
    class: &ClassEvidence<'_>,
    measured: &Measured,
) -> (Vec<(Filter, f64)>, f64) {
    let least = 1.0 / table.rows.max(1.0);
    let by_itself: Vec<f64> =
        filters.iter().map(|filter| by_default(filter, table, class).clamp(least, 1.0)).collect();
    // Tests of one row go together more often than not: each further one counts by its square root.
    let mut sorted = by_itself.clone();
    sorted.sort_by(f64::total_cmp);
    let halved = sorted.iter().enumerate().map(|(at, share)| share.powf(0.5f64.powi(at as i32)));
    let together: f64 = halved.product::<f64>().max(least);
    let columns: BTreeSet<_> = filters.iter().map(|filter| filter.column.to_lowercase()).collect();
    // Other constants keep other parts, but for equality all constants are taken for alike.
    let is_alike = filters.iter().all(|filter| filter.test == Test::Equal);
    let told = measured
        .share(table.at, &columns, class.class.id.0, is_alike)
        .map(|share| share.max(least));
    let all = told.unwrap_or(together);
    let product: f64 = by_itself.iter().product();
    let power = match product < 1.0 {
        true => (all.min(0.999).ln() / product.ln()).clamp(0.0, 8.0),
        false => 1.0,
    };
    let each = filters.iter().cloned().zip(by_itself.iter().map(|share| share.powf(power)));
    (each.collect(), all)
}

/// The part of the rows that a test keeps as far as the catalog tells.
fn by_default(filter: &Filter, table: &TableModel, class: &ClassEvidence<'_>) -> f64 {
    let facts = &class.class.facts;
    let equal = 1.0 / table.distinct(&filter.column);
    let column = table.column(&filter.column);
    let nulls = column.and_then(|column| column.null_share);
    match filter.test {
        Test::Equal => equal,
        Test::In => match facts.max_list {
            0 => equal * DEFAULT_LIST,
            list => equal * f64::from(list),
        },
        Test::Range => 0.33,
        Test::Between => 0.05,
        Test::Pattern | Test::LoosePattern => match filter.within {
            Within::Bare => 0.02,
            _ => 0.1,
        },
        Test::IsNull => nulls.unwrap_or(0.05),
        Test::NotNull => nulls.map_or(0.9, |nulls| 1.0 - nulls),
        Test::IsTrue | Test::IsFalse => 0.5,
        Test::Contains | Test::Words => 0.01,
        Test::Other => 0.5,
    }
}
