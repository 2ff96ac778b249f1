//! Whose a column is: the FROM lists in sight, CTE names, and the columns that tables are known to
//! have.

use super::super::shape::scope::{fold, last_part, object_name};
use super::walk::Walk;
use super::{TableInUse, UsedColumn};
use sqlparser::ast::{Ident, ObjectName, TableAlias, TableFactor};
use std::collections::BTreeSet;

/// An item of a FROM list.
pub(super) struct Source {
    /// What qualifies its columns.
    qualifier: String,
    /// Its place among the uses, where it is a table.
    at: Option<usize>,
}

/// The FROM list of a block.
pub(super) struct Level {
    pub(super) block: usize,
    pub(super) sources: Vec<Source>,
}

impl Walk<'_> {
    /// Adds an item of a FROM list to the block under way.
    pub(super) fn add_source(&mut self, factor: &TableFactor, is_optional: bool) {
        let (alias, name) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => (alias, Some(name)),
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.joined(table_with_joins, is_optional);
                return;
            }
            TableFactor::Derived { subquery, alias, .. } => {
                self.derived(subquery);
                (alias, None)
            }
            TableFactor::Table { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::JsonTable { alias, .. } => (alias, None),
            _ => (&None, None),
        };
        self.add_named(name, alias.as_ref(), is_optional);
    }

    /// Adds a table, or what has no name, to the block under way.
    pub(super) fn add_named(
        &mut self,
        name: Option<&ObjectName>,
        alias: Option<&TableAlias>,
        is_optional: bool,
    ) -> Option<usize> {
        let block = self.levels.last()?.block;
        let alias = alias.map(|alias| fold(&alias.name));
        let own = name.map(last_part).unwrap_or_default();
        let table = name.and_then(object_name).filter(|name| !self.ctes.contains(name));
        let at = table.map(|table| {
            self.demand.uses.push(TableInUse {
                table,
                alias: alias.clone(),
                block,
                filters: Vec::new(),
                reads: BTreeSet::new(),
                reads_all: false,
                is_written: false,
                sets: BTreeSet::new(),
                is_optional,
            });
            self.demand.uses.len() - 1
        });
        let source = Source { qualifier: alias.unwrap_or(own), at };
        self.levels.last_mut()?.sources.push(source);
        at
    }

    /// The column that a name means, noted as read; blocks between its table and here are
    /// correlated.
    pub(super) fn column(&mut self, parts: &[Ident]) -> Option<UsedColumn> {
        let (column, qualifiers) = parts.split_last()?;
        let column = fold(column);
        let (level, at) = match qualifiers.last() {
            Some(qualifier) => self.qualified(&fold(qualifier))?,
            None => self.plain(&column)?,
        };
        let own = self.levels.get(level)?.block;
        for inner in self.levels.iter().skip(level + 1) {
            if inner.block != own
                && let Some(block) = self.demand.blocks.get_mut(inner.block)
            {
                block.is_correlated = true;
            }
        }
        self.demand.uses.get_mut(at)?.reads.insert(column.clone());
        Some(UsedColumn { at, column })
    }

    /// The places of the uses of the block under way: all, or those that a qualifier names.
    pub(super) fn uses_here(&self, qualifier: Option<&str>) -> Vec<usize> {
        let sources = self.levels.last().map_or(&[] as &[Source], |level| &level.sources);
        let is_named =
            |source: &&Source| qualifier.is_none_or(|qualifier| source.qualifier == qualifier);
        sources.iter().filter(is_named).filter_map(|source| source.at).collect()
    }

    fn qualified(&self, qualifier: &str) -> Option<(usize, usize)> {
        self.levels.iter().enumerate().rev().find_map(|(level, one)| {
            let source = one.sources.iter().find(|source| source.qualifier == qualifier)?;
            Some((level, source.at?))
        })
    }

    /// The innermost block that has a table with the column. A table that is not known may have it
    /// if it is the only one that may.
    fn plain(&self, column: &str) -> Option<(usize, usize)> {
        for (level, one) in self.levels.iter().enumerate().rev() {
            let mut may_have = Vec::new();
            for source in &one.sources {
                let table = source.at.and_then(|at| self.demand.uses.get(at));
                match table.map(|used| self.schema.has_column(&used.table, column)) {
                    Some(Some(true)) => return Some((level, source.at?)),
                    Some(Some(false)) => {}
                    Some(None) | None => may_have.push(source.at),
                }
            }
            match *may_have {
                [] => {}
                [only] => return only.map(|at| (level, at)),
                _ => return None,
            }
        }
        None
    }
}
