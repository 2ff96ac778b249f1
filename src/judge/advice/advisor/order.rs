//! The cheapest order of a statement's joins with a set of indexes: by trying all of them where there
//! are few tables, else by taking the cheapest next one.

use super::cost::{self, COMPARISON, Path, ROW};
use super::statement::Statement;
use super::tables::{IndexModel, TableModel};
use crate::lang::sql::demand::Role;
use std::collections::BTreeMap;

/// Tables of which all orders are tried.
const MAX_TRIED: usize = 11;

/// The tables and the indexes that each has, those to be tried among them.
pub struct World<'w> {
    /// The tables, by their place in the evidence.
    pub tables: &'w BTreeMap<usize, TableModel>,
    /// Indexes that are not built yet, by table.
    pub added: BTreeMap<usize, Vec<&'w IndexModel>>,
}

/// What a statement costs whatever it reads: what is left of it is never nothing.
const START: f64 = 1000.0;

/// What a set of uses costs, and the rows that it gives.
#[derive(Clone, Copy, Debug)]
struct Joined {
    cost: f64,
    rows: f64,
}

/// The ways in which one use can be read, by which of its join columns are bound.
struct Ways<'s> {
    statement: &'s Statement,
    world: &'s World<'s>,
    /// Of each use: its join columns with the use on the other side.
    edges: Vec<Vec<(&'s str, usize, &'s str)>>,
    paths: Vec<BTreeMap<u64, Vec<Path>>>,
    /// The uses that are being put in order.
    members: u64,
}

/// What a statement costs.
pub fn cost(statement: &Statement, world: &World<'_>) -> f64 {
    let uses = statement.uses.len();
    let mut ways = Ways {
        statement,
        world,
        edges: vec![Vec::new(); uses],
        paths: (0..uses).map(|_| BTreeMap::new()).collect(),
        members: 0,
    };
    for ((a, left), (b, right)) in &statement.joins {
        if let Some(edges) = ways.edges.get_mut(*a) {
            edges.push((left, *b, right));
        }
        if let Some(edges) = ways.edges.get_mut(*b) {
            edges.push((right, *a, left));
        }
    }
    let parts = components(&ways.edges).into_iter();
    let parts: f64 = parts
        .map(|members| {
            ways.members = members.iter().fold(0, |set, at| set | 1 << at);
            match members.len() {
                0..=MAX_TRIED => ways.all_orders(&members),
                _ => ways.next_cheapest(&members),
            }
        })
        .sum();
    START + parts
}

/// Uses that joins tie together.
fn components(edges: &[Vec<(&str, usize, &str)>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; edges.len()];
    let mut all = Vec::new();
    for start in 0..edges.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let (mut members, mut at) = (vec![start], 0);
        while let Some(one) = members.get(at).copied() {
            at += 1;
            for (_, other, _) in &edges[one] {
                if !std::mem::replace(&mut seen[*other], true) {
                    members.push(*other);
                }
            }
        }
        members.sort_unstable();
        all.push(members);
    }
    all
}

impl Ways<'_> {
    fn all_orders(&mut self, members: &[usize]) -> f64 {
        let whole = (1usize << members.len()) - 1;
        let bits = |mask: usize| -> u64 {
            let set = members.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0);
            set.map(|(_, use_at)| 1u64 << use_at).sum()
        };
        let mut best: Vec<Option<Joined>> = vec![None; whole + 1];
        for mask in 0..=whole {
            let before = match mask {
                0 => None,
                _ => match best[mask] {
                    Some(joined) => Some(joined),
                    None => continue,
                },
            };
            let taken = bits(mask);
            for (at, &next) in members.iter().enumerate() {
                if mask & (1 << at) != 0 {
                    continue;
                }
                let Some(joined) = self.join(before, taken, next) else { continue };
                let slot = &mut best[mask | (1 << at)];
                if slot.is_none_or(|known| joined.cost < known.cost) {
                    *slot = Some(joined);
                }
            }
        }
        best[whole].map_or(0.0, |joined| joined.cost)
    }

    fn next_cheapest(&mut self, members: &[usize]) -> f64 {
        let (mut taken, mut joined) = (0u64, None);
        for _ in members {
            let mut best: Option<(usize, Joined)> = None;
            for &next in members.iter().filter(|at| taken & (1 << **at) == 0) {
                let Some(one) = self.join(joined, taken, next) else { continue };
                if best.is_none_or(|(_, known)| one.cost < known.cost) {
                    best = Some((next, one));
                }
            }
            let Some((next, one)) = best else { break };
            taken |= 1 << next;
            joined = Some(one);
        }
        joined.map_or(0.0, |joined| joined.cost)
    }

    /// What comes of joining one more use; `None` where it cannot come yet.
    fn join(&mut self, before: Option<Joined>, taken: u64, next: usize) -> Option<Joined> {
        let used = self.statement.uses.get(next)?;
        let table = self.world.tables.get(&used.table)?;
        if used.after & self.members & !taken != 0 {
            return None;
        }
        let Some(before) = before else {
            let cost = self.alone(next, table)?;
            return Some(Joined { cost, rows: (table.rows * used.share).max(1.0) });
        };
        let edges = self.edges.get(next)?;
        let mut bound_mask = 0u64;
        let mut kept = 1.0;
        let mut bound = Vec::new();
        for (at, (column, other, theirs)) in edges.iter().enumerate() {
            if taken & (1 << other) == 0 {
                continue;
            }
            bound_mask |= 1 << at.min(63);
            if !bound.contains(column) {
                let there = self.statement.uses.get(*other)?;
                let there = self.world.tables.get(&there.table)?;
                kept /= table.distinct(column).max(there.distinct(theirs));
                bound.push(*column);
            }
        }
        if bound.is_empty() {
            return None;
        }
        if table.is_unique(&bound) {
            kept = kept.max(1.0 / table.rows.max(1.0));
        }
        let per_lookup = table.rows * used.share * kept;
        let rows = match used.role {
            Role::Semi | Role::Anti => before.rows * per_lookup.min(1.0),
            Role::Value => before.rows,
            Role::Rows => before.rows * per_lookup,
        };
        let alone = self.alone(next, table)?;
        let hashed = match used.per_row {
            true => alone * before.rows.max(1.0),
            false => {
                let own_rows = table.rows * used.share;
                alone + (own_rows * 2.0 + before.rows) * COMPARISON + own_rows * ROW / 2.0
            }
        };
        let lookups = before.rows.max(1.0);
        let paths = self.paths(next, table, bound_mask, &bound);
        let looked_up = paths
            .iter()
            .map(|path| path.cost(table, lookups) * lookups)
            .min_by(f64::total_cmp)
            .unwrap_or(f64::INFINITY);
        let cost = before.cost + hashed.min(looked_up) + rows * ROW;
        Some(Joined { cost, rows: rows.max(1.0) })
    }

    /// Reading a use by its own tests.
    fn alone(&mut self, at: usize, table: &TableModel) -> Option<f64> {
        let used = self.statement.uses.get(at)?;
        let given = table.rows * used.share;
        let sorting = match used.order.is_empty() {
            true => 0.0,
            false => cost::sort(given.max(1.0)),
        };
        let full = cost::full_scan(table, used) + sorting;
        let paths = self.paths(at, table, 0, &[]);
        let ways = paths.iter().map(|path| {
            let whole = path.cost(table, 1.0);
            match (path.is_sorted, used.limit) {
                (true, Some(limit)) => path.cost_of_first(table, used, limit),
                (true, None) => whole,
                (false, _) => whole + sorting,
            }
        });
        ways.chain([full]).min_by(f64::total_cmp)
    }

    fn paths(&mut self, at: usize, table: &TableModel, mask: u64, bound: &[&str]) -> &[Path] {
        let (statement, world) = (self.statement, self.world);
        let Some(known) = self.paths.get_mut(at) else { return &[] };
        known.entry(mask).or_insert_with(|| {
            let Some(used) = statement.uses.get(at) else { return Vec::new() };
            let added = world.added.get(&used.table).map_or(&[] as &[&IndexModel], Vec::as_slice);
            let all = table.indexes.iter().chain(added.iter().copied());
            all.filter_map(|index| Path::of(table, index, used, bound)).collect()
        })
    }
}
