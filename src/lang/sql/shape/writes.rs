//! INSERT, UPDATE, DELETE and MERGE: what they write, and which rows.

use sqlparser::ast::{
    Assignment, Delete, FromTable, Insert, JoinConstraint, JoinOperator, Merge, OnConflictAction,
    OnInsert, TableObject, TableWithJoins, Update, UpdateTableFromKind,
};

use super::condition::Clause;
use super::from::constraint;
use super::reader::{Level, Place, Reader};
use super::scope::{Source, fold, last_part, object_name};

impl Reader {
    pub(super) fn insert(&mut self, insert: &Insert, level: Level) {
        let mut sources = Vec::new();
        if let TableObject::TableName(name) = &insert.table {
            let alias = insert.table_alias.as_ref().map(|alias| &alias.alias);
            self.table(name, alias, true);
            sources.push(Source {
                qualifier: alias.map_or_else(|| last_part(name), fold),
                table: object_name(name),
            });
        }
        if let Some(source) = &insert.source {
            self.query(source, level);
        }
        self.scopes.push(sources);
        self.assignments(&insert.assignments);
        match &insert.on {
            Some(OnInsert::DuplicateKeyUpdate(assignments)) => self.assignments(assignments),
            Some(OnInsert::OnConflict(conflict)) => {
                if let OnConflictAction::DoUpdate(update) = &conflict.action {
                    self.assignments(&update.assignments);
                    self.expressions(update.selection.as_slice(), Place::Condition);
                }
            }
            _ => {}
        }
        self.select_items(insert.returning.as_deref().unwrap_or(&[]));
        self.scopes.pop();
    }

    pub(super) fn update(&mut self, update: &Update, level: Level) {
        let from: &[TableWithJoins] = match &update.from {
            Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => {
                from
            }
            None => &[],
        };
        let mut sources = self.sources(std::slice::from_ref(&update.table));
        sources.extend(self.sources(from));
        self.scopes.push(sources);
        self.written(&update.table.relation);
        self.from(std::slice::from_ref(&update.table));
        self.assignments(&update.assignments);
        self.from(from);
        if level != Level::Inner {
            self.shape.has_where |= update.selection.is_some() || restricts(&update.table);
        }
        if let Some(condition) = &update.selection {
            self.condition(condition, Clause::Where);
        }
        self.select_items(update.returning.as_deref().unwrap_or(&[]));
        self.scopes.pop();
    }

    pub(super) fn delete(&mut self, delete: &Delete, level: Level) {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let using = delete.using.as_deref().unwrap_or(&[]);
        let mut sources = self.sources(from);
        sources.extend(self.sources(using));
        self.scopes.push(sources);
        if delete.tables.is_empty() {
            from.iter().for_each(|item| self.written(&item.relation));
        }
        self.from(from);
        self.from(using);
        for target in &delete.tables {
            if let Some(name) = self.scopes.table_behind(target) {
                self.add_table(name, None, true);
            }
        }
        if level != Level::Inner {
            self.shape.has_where |=
                delete.selection.is_some() || from.iter().chain(using).any(restricts);
        }
        if let Some(condition) = &delete.selection {
            self.condition(condition, Clause::Where);
        }
        self.select_items(delete.returning.as_deref().unwrap_or(&[]));
        self.scopes.pop();
    }

    pub(super) fn merge(&mut self, merge: &Merge) {
        let mut sources = Vec::new();
        self.add_sources(&merge.table, &mut sources);
        self.add_sources(&merge.source, &mut sources);
        self.scopes.push(sources);
        self.written(&merge.table);
        self.factor(&merge.source);
        self.condition(&merge.on, Clause::On);
        for clause in &merge.clauses {
            self.expressions(clause.predicate.as_slice(), Place::Condition);
        }
        self.scopes.pop();
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            self.expression(&assignment.value, Place::Output);
        }
    }
}

/// Whether a join leaves out rows of the table it begins with.
fn restricts(item: &TableWithJoins) -> bool {
    item.joins.iter().any(|join| {
        let inner = matches!(
            join.join_operator,
            JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::StraightJoin(_)
        );
        let conditional = matches!(
            constraint(&join.join_operator),
            Some(JoinConstraint::On(_) | JoinConstraint::Using(_) | JoinConstraint::Natural)
        );
        inner && conditional
    })
}
