//! FROM lists: the tables they use, the names they bring into sight, the conditions of joins.

use sqlparser::ast::{
    Ident, JoinConstraint, JoinOperator, ObjectName, TableFactor, TableWithJoins,
};

use super::condition::Clause;
use super::reader::{Level, Place, Reader};
use super::scope::{Source, fold, last_part, object_name};
use super::{ColumnRef, Comparison, Predicate, TableUse};

impl Reader {
    /// The items of a FROM list that can qualify columns.
    pub(super) fn sources(&self, from: &[TableWithJoins]) -> Vec<Source> {
        let mut sources = Vec::new();
        for item in from {
            self.add_sources(&item.relation, &mut sources);
            for join in &item.joins {
                self.add_sources(&join.relation, &mut sources);
            }
        }
        sources
    }

    pub(super) fn add_sources(&self, factor: &TableFactor, sources: &mut Vec<Source>) {
        let (alias, name, is_table) = match factor {
            TableFactor::Table { name, alias, args, .. } => (alias, Some(name), args.is_none()),
            TableFactor::Function { name, alias, .. } => (alias, Some(name), false),
            TableFactor::Derived { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::JsonTable { alias, .. } => (alias, None, false),
            // As deep as the parser's limit of recursion.
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                sources.extend(self.sources(std::slice::from_ref(table_with_joins)));
                return;
            }
            TableFactor::NestedJoin { alias, .. } => (alias, None, false),
            _ => return,
        };
        let own = name.map(last_part).unwrap_or_default();
        sources.push(Source {
            qualifier: alias.as_ref().map_or(own, |alias| fold(&alias.name)),
            table: name.filter(|_| is_table).and_then(|name| self.scopes.table_name(name)),
        });
    }

    pub(super) fn from(&mut self, from: &[TableWithJoins]) {
        for item in from {
            self.factor(&item.relation);
            for (index, join) in item.joins.iter().enumerate() {
                self.factor(&join.relation);
                match constraint(&join.join_operator) {
                    Some(JoinConstraint::On(condition)) => self.condition(condition, Clause::On),
                    Some(JoinConstraint::Using(columns)) => {
                        self.using(columns, &item.relation, index == 0);
                        self.using(columns, &join.relation, true);
                    }
                    _ => {}
                }
            }
        }
    }

    /// `USING (columns)` as predicates on one of its sides, which is known if `only` it is there.
    fn using(&mut self, columns: &[ObjectName], factor: &TableFactor, only: bool) {
        let table = match factor {
            TableFactor::Table { name, args: None, .. } if only => self.scopes.table_name(name),
            _ => None,
        };
        for column in columns {
            self.add_predicate(Predicate {
                column: ColumnRef { table: table.clone(), column: last_part(column) },
                comparison: Comparison::Equal,
                wrapped_in: None,
                join: true,
                below_or: false,
            });
        }
    }

    pub(super) fn factor(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                self.table(name, alias.as_ref().map(|alias| &alias.name), false);
            }
            TableFactor::Derived { subquery, .. } => self.query(subquery, Level::Inner),
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.from(std::slice::from_ref(table_with_joins));
            }
            TableFactor::TableFunction { expr, .. } => self.expression(expr, Place::Condition),
            TableFactor::UNNEST { array_exprs, .. } => {
                self.expressions(array_exprs, Place::Condition);
            }
            _ => {}
        }
    }

    /// Notes the table that is written to.
    pub(super) fn written(&mut self, factor: &TableFactor) {
        if let TableFactor::Table { name, alias, .. } = factor {
            self.table(name, alias.as_ref().map(|alias| &alias.name), true);
        }
    }

    pub(super) fn table(&mut self, name: &ObjectName, alias: Option<&Ident>, written: bool) {
        let name = if written { object_name(name) } else { self.scopes.table_name(name) };
        if let Some(name) = name {
            self.add_table(name, alias.map(fold), written);
        }
    }

    pub(super) fn add_table(&mut self, name: String, alias: Option<String>, written: bool) {
        let table = TableUse { name, alias, written };
        self.scopes.note_table(&table);
        match self.shape.tables.iter_mut().find(|known| known.name == table.name) {
            Some(known) => known.written |= written,
            None => self.shape.tables.push(table),
        }
    }
}

/// What a join compares.
pub(in crate::lang::sql) fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::StraightJoin(constraint) => Some(constraint),
        _ => None,
    }
}
