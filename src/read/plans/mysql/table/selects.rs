//! Which selects a table's rows tell of, and how these hang together.
//!
//! Rows of one id are one select. `<derived2>` and `<subquery2>` name the select behind a table,
//! `<union1,2>` the members of a union. What no table names hangs where the order of the rows tells:
//! the server prints a select, then those in it, the last of them first. So one of a higher id than
//! the select before it is inside that, and one of a lower id is inside the nearest around that has a
//! still lower one.

use super::{Row, Rows};
use std::collections::HashMap;

/// A select: rows of one id.
#[derive(Debug)]
pub struct Select {
    /// Its number.
    pub id: Option<u64>,
    /// Its rows, in their order.
    pub rows: Vec<usize>,
}

/// A select, or several that a union combines.
#[derive(Debug)]
pub struct Unit {
    /// The row of the result, where there is one.
    pub result: Option<usize>,
    /// Its selects, the first leads.
    pub members: Vec<usize>,
    /// Where it hangs.
    pub holder: Holder,
}

/// What a unit hangs below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    /// Nothing: it is the statement.
    Statement,
    /// The row of the table that scans its rows.
    Row(usize),
    /// The select that holds it in an expression.
    Select(usize),
}

/// The selects of a table.
#[derive(Debug, Default)]
pub struct Selects {
    /// In the order of their first rows.
    pub selects: Vec<Select>,
    /// In the order of their first selects.
    pub units: Vec<Unit>,
}

/// Whether a row is the result of a union, not a table of a select.
pub fn is_result(row: &Row<'_>) -> bool {
    row.select_type().ends_with(" RESULT")
}

/// Whether a select is a further member of a union.
fn is_member(select_type: &str) -> bool {
    ["UNION", "INTERSECT", "EXCEPT"].iter().any(|word| select_type.ends_with(word))
}

/// The ids in `<derived2>`, `<subquery2>`, `<union1,2>`: those behind the word.
fn ids<'a>(table: &'a str, words: &[&str]) -> Vec<&'a str> {
    let inside = table.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
    let ids = inside.and_then(|name| words.iter().find_map(|word| name.strip_prefix(word)));
    ids.map_or_else(Vec::new, |ids| ids.split(',').collect())
}

impl Selects {
    /// Finds the selects of a table.
    pub fn of(table: &Rows<'_>) -> Self {
        let mut all = Selects::default();
        let mut by_id: HashMap<u64, usize> = HashMap::new();
        for (at, row) in table.rows.iter().enumerate().filter(|(_, row)| !is_result(row)) {
            let known = row.id().and_then(|id| by_id.get(&id).copied());
            let select = known.unwrap_or_else(|| {
                all.selects.push(Select { id: row.id(), rows: Vec::new() });
                all.selects.len() - 1
            });
            if let Some(id) = row.id() {
                by_id.insert(id, select);
            }
            if let Some(select) = all.selects.get_mut(select) {
                select.rows.push(at);
            }
        }
        let unit_of = all.units_of(table, &by_id);
        all.hang(table, &by_id, &unit_of);
        all
    }

    fn select_type<'a>(&self, table: &Rows<'a>, select: usize) -> &'a str {
        let row = self.selects.get(select).and_then(|select| select.rows.first());
        row.and_then(|row| table.rows.get(*row)).map_or("", Row::select_type)
    }

    /// Puts selects together to units, and gives the unit of each select.
    fn units_of(&mut self, table: &Rows<'_>, by_id: &HashMap<u64, usize>) -> Vec<usize> {
        // The result that names a select, for each that is named.
        let mut result_of: Vec<Option<usize>> = vec![None; self.selects.len()];
        for (at, row) in table.rows.iter().enumerate().filter(|(_, row)| is_result(row)) {
            let name = row.get("table").unwrap_or_default();
            let named = ids(name, &["union", "intersect", "except", "unit", "unary"]);
            for id in named.into_iter().filter_map(|id| id.parse::<u64>().ok()) {
                if let Some(result) = by_id.get(&id).and_then(|select| result_of.get_mut(*select)) {
                    result.get_or_insert(at);
                }
            }
        }
        let mut unit_of = Vec::with_capacity(self.selects.len());
        let mut unit_of_result: HashMap<usize, usize> = HashMap::new();
        // The selects around the one at hand, the outermost first.
        let mut path: Vec<usize> = Vec::new();
        for (at, result) in result_of.into_iter().enumerate() {
            let select_type = self.select_type(table, at);
            let named = result.and_then(|result| unit_of_result.get(&result).copied());
            let joined = match (named, is_member(select_type)) {
                (Some(unit), _) => Some(unit),
                (None, true) => self.leader(table, &path, &unit_of, select_type),
                (None, false) => None,
            };
            let unit = joined.unwrap_or_else(|| {
                self.units.push(Unit { result, members: Vec::new(), holder: Holder::Statement });
                self.units.len() - 1
            });
            match joined {
                // It takes the place of the member before it.
                Some(unit) => {
                    let is_same = |select: &usize| unit_of.get(*select) == Some(&unit);
                    while path.len() > 1 && !path.last().is_some_and(is_same) {
                        path.pop();
                    }
                    path.pop();
                }
                None => {
                    let id = |select: &usize| self.selects.get(*select).and_then(|s| s.id);
                    while path.len() > 1 && path.last().and_then(id) >= id(&at) {
                        path.pop();
                    }
                    let above = path.last().map(|select| Holder::Select(*select));
                    if let (Some(unit), Some(above)) = (self.units.get_mut(unit), above) {
                        unit.holder = above;
                    }
                }
            }
            if let Some(unit) = self.units.get_mut(unit) {
                unit.result = unit.result.or(result);
                unit.members.push(at);
            }
            if let Some(result) = result {
                unit_of_result.entry(result).or_insert(unit);
            }
            unit_of.push(unit);
            path.push(at);
        }
        unit_of
    }

    /// The unit that a member of a union belongs to which no result names: the nearest around it
    /// that is as dependent as it is. Semi-joins materialise no unions.
    fn leader(
        &self,
        table: &Rows<'_>,
        path: &[usize],
        unit_of: &[usize],
        select_type: &str,
    ) -> Option<usize> {
        let kind = |words: &str| {
            let first = words.split(' ').next().unwrap_or_default();
            ["DEPENDENT", "UNCACHEABLE"].into_iter().find(|kind| *kind == first)
        };
        let is_alike = |select: &&usize| {
            let other = self.select_type(table, **select);
            kind(other) == kind(select_type) && other != "MATERIALIZED"
        };
        let leader = path.iter().rev().find(is_alike).or(path.last())?;
        unit_of.get(*leader).copied()
    }

    /// Hangs units below the tables that name one of their selects: the first table that is none of
    /// their own.
    fn hang(&mut self, table: &Rows<'_>, by_id: &HashMap<u64, usize>, unit_of: &[usize]) {
        let mut is_hung = vec![false; self.units.len()];
        for (at, row) in table.rows.iter().enumerate().filter(|(_, row)| !is_result(row)) {
            let name = row.get("table").unwrap_or_default();
            let named = ids(name, &["derived", "subquery"]);
            let select = named.first().and_then(|id| by_id.get(&id.parse().ok()?));
            let Some(unit) = select.and_then(|select| unit_of.get(*select)).copied() else {
                continue;
            };
            let own =
                row.id().and_then(|id| by_id.get(&id)).and_then(|select| unit_of.get(*select));
            let is_first = is_hung.get_mut(unit).filter(|is_hung| !**is_hung);
            if unit > 0
                && own != Some(&unit)
                && let (Some(is_hung), Some(unit)) = (is_first, self.units.get_mut(unit))
            {
                *is_hung = true;
                unit.holder = Holder::Row(at);
            }
        }
    }
}
