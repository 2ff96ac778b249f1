//! Constraints and indexes of tables: how they come and go, and which index comes with which
//! constraint.

use super::names::{NUMBER_MAX, key_names, mysql_index_name, postgres_name, said};
use super::statements::quoted_table;
use super::{Draft, index_name};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{
    ConstraintKind, Identity, IndexDefinition, IndexKey, Origin, Table, TableName, Told,
};
use crate::read::snapshots::ddl::change::{ConstraintDraft, IndexDraft};
use crate::read::snapshots::ddl::cursor::Tokens;

/// MySQL's name of every primary key.
const MYSQL_PRIMARY: &str = "PRIMARY";

impl Draft {
    /// Adds a constraint, and the index that the server makes for it.
    pub(super) fn add_constraint(
        &mut self,
        name: &TableName,
        mut draft: ConstraintDraft,
        origin: Origin,
    ) {
        if let ConstraintKind::Foreign(to) = &mut draft.constraint.kind {
            let mut table = to.table.clone();
            // MySQL looks beside the table first.
            if self.dialect == Dialect::Mysql {
                table.schema = table.schema.or_else(|| name.schema.clone());
            }
            to.table = self.resolved(table);
        }
        if let Some(index) = &draft.using_index {
            self.adopt_index(name, index.clone(), &mut draft);
        }
        let constraint_name = self.constraint_name(name, &draft);
        let is_row_id =
            draft.constraint.kind == ConstraintKind::Primary && self.make_primary(name, &draft);
        if let Some(mut index) = draft.index.take().filter(|_| !is_row_id) {
            let told = draft.name.is_some() || self.dialect != Dialect::Sqlite;
            index.constraint = told.then(|| constraint_name.clone());
            if let Some(index_name) = self.backing_index_name(name, &constraint_name, &index) {
                self.insert_index(name, index_name, index, origin);
            }
        }
        let table = self.catalog.table(name.clone());
        table.constraints.insert(constraint_name, Told::new(draft.constraint, origin));
    }

    /// Columns of a primary key take no NULL. Whether it is SQLite's row id, which needs no index.
    fn make_primary(&mut self, name: &TableName, draft: &ConstraintDraft) -> bool {
        let Some(told) = &mut self.catalog.table(name.clone()).definition else { return false };
        let has_row_id = self.dialect == Dialect::Sqlite
            && !told.value.options.iter().any(|option| &**option == "WITHOUT ROWID");
        let falls = draft.index.iter().flat_map(|index| &index.keys).any(|key| key.is_descending);
        let is_single = draft.constraint.columns.len() == 1 && !falls;
        let mut is_row_id = false;
        for column in &mut told.value.columns {
            if !draft.constraint.columns.contains(&column.name) {
                continue;
            }
            if has_row_id && is_single && &*column.type_name == "integer" {
                column.identity = Some(Identity::RowId);
                is_row_id = true;
            }
            column.is_not_null |= !has_row_id || is_row_id;
        }
        is_row_id
    }

    fn constraint_name(&self, name: &TableName, draft: &ConstraintDraft) -> Box<str> {
        let constraint = &draft.constraint;
        if self.dialect == Dialect::Mysql && constraint.kind == ConstraintKind::Primary {
            return MYSQL_PRIMARY.into();
        }
        if let Some(name) = &draft.name {
            return name.clone();
        }
        let nothing = Table::default();
        let table = self.catalog.tables.get(name).unwrap_or(&nothing);
        let is_taken = |taken: &str| {
            table.constraints.contains_key(taken)
                || self.owners.contains_key(&index_name(name, taken))
        };
        match self.dialect {
            Dialect::Sqlite => said(&constraint.kind, &constraint.columns),
            Dialect::Postgres => {
                let keys = draft.index.as_ref().map(key_names);
                let keys = keys.unwrap_or_else(|| constraint.columns.join("_"));
                let (columns, label) = match &constraint.kind {
                    ConstraintKind::Primary => (String::new(), "pkey"),
                    ConstraintKind::Unique => (keys, "key"),
                    ConstraintKind::Exclusion => (keys, "excl"),
                    ConstraintKind::Foreign(_) => (keys, "fkey"),
                    ConstraintKind::Check(condition) => {
                        (checked_column(condition, table).unwrap_or_default(), "check")
                    }
                };
                postgres_name(&name.name, &columns, label, is_taken)
            }
            Dialect::Mysql => {
                let numbered = |label: &str| {
                    let mut names = (1..=NUMBER_MAX).map(|n| format!("{}_{label}_{n}", name.name));
                    names.find(|name| !is_taken(name)).unwrap_or_else(|| label.to_owned()).into()
                };
                match (&constraint.kind, &draft.index) {
                    (ConstraintKind::Foreign(_), _) => numbered("ibfk"),
                    (ConstraintKind::Check(_), _) => numbered("chk"),
                    (_, Some(index)) => {
                        mysql_index_name(index, |name| table.indexes.contains_key(name))
                    }
                    (kind, None) => said(kind, &constraint.columns),
                }
            }
        }
    }

    /// What the index of a constraint is called; `None` where SQLite has one already.
    fn backing_index_name(
        &self,
        name: &TableName,
        constraint: &str,
        index: &IndexDefinition,
    ) -> Option<Box<str>> {
        if self.dialect != Dialect::Sqlite {
            return Some(constraint.into());
        }
        let begin = format!("sqlite_autoindex_{}_", name.name);
        let indexes = self.catalog.tables.get(name).map(|table| &table.indexes);
        let own = indexes.into_iter().flatten().filter(|(name, _)| name.starts_with(&begin));
        let mut count = 0;
        for (_, other) in own {
            count += 1;
            if other.definition.as_ref().is_some_and(|told| told.value.keys == index.keys) {
                return None;
            }
        }
        Some(format!("{begin}{}", count + 1).into())
    }

    /// `ADD CONSTRAINT … USING INDEX`: the index takes the constraint's name.
    fn adopt_index(&mut self, name: &TableName, index: Box<str>, draft: &mut ConstraintDraft) {
        let to = draft.name.clone().unwrap_or_else(|| index.clone());
        self.rename_index(name, &index, &to);
        let is_primary = draft.constraint.kind == ConstraintKind::Primary;
        let table = self.catalog.table(name.clone());
        let Some(told) = table.indexes.get_mut(&to).and_then(|index| index.definition.as_mut())
        else {
            return;
        };
        told.value.is_primary = is_primary;
        told.value.ddl = None;
        told.value.constraint = Some(to);
        draft.constraint.columns =
            told.value.keys.iter().filter_map(IndexKey::column_name).map(Into::into).collect();
    }

    /// Adds an index that is no constraint's.
    pub(super) fn add_index(&mut self, table: &TableName, index: IndexDraft, origin: Origin) {
        let IndexDraft { name, mut definition } = index;
        let nothing = Table::default();
        let known = self.catalog.tables.get(table).unwrap_or(&nothing);
        let name = name.unwrap_or_else(|| match self.dialect {
            Dialect::Mysql => {
                mysql_index_name(&definition, |name| known.indexes.contains_key(name))
            }
            Dialect::Postgres | Dialect::Sqlite => {
                postgres_name(&table.name, &key_names(&definition), "idx", |name| {
                    self.owners.contains_key(&index_name(table, name))
                })
            }
        });
        // MySQL's unique indexes are constraints all the same.
        if self.dialect == Dialect::Mysql && definition.is_unique {
            definition.constraint = Some(name.clone());
            let columns = definition.keys.iter().filter_map(IndexKey::column_name);
            let constraint = crate::model::catalog::Constraint {
                kind: ConstraintKind::Unique,
                columns: columns.map(Into::into).collect(),
                is_validated: true,
            };
            let told = Told::new(constraint, origin);
            self.catalog.table(table.clone()).constraints.insert(name.clone(), told);
        }
        self.insert_index(table, name, definition, origin);
    }

    fn insert_index(
        &mut self,
        table: &TableName,
        name: Box<str>,
        mut definition: IndexDefinition,
        origin: Origin,
    ) {
        // A clause of a table or of several alterations becomes a statement of its own.
        if let Some(clause) = definition.ddl.as_ref().filter(|ddl| ddl.starts_with("ADD ")) {
            let table = quoted_table(table, self.dialect);
            definition.ddl = Some(format!("ALTER TABLE {table} {clause}").into());
        }
        if self.dialect != Dialect::Mysql {
            self.owners.insert(index_name(table, &name), table.clone());
        }
        let index = self.catalog.table(table.clone()).index(&name);
        index.definition = Some(Told::new(definition, origin));
    }

    /// What a partition or a copy gets from another table's indexes, under names of its own.
    pub(super) fn copy_indexes(&mut self, from: &TableName, to: &TableName, origin: Origin) {
        let source = self.catalog.tables.get(from);
        let indexes: Vec<IndexDefinition> = source
            .into_iter()
            .flat_map(|table| table.indexes.values())
            .filter_map(|index| Some(index.definition.as_ref()?.value.clone()))
            .collect();
        let kinds: Vec<Option<ConstraintKind>> = indexes
            .iter()
            .map(|index| {
                let constraint = index.constraint.as_ref()?;
                Some(source?.constraints.get(constraint)?.value.kind.clone())
            })
            .collect();
        for (mut definition, kind) in indexes.into_iter().zip(kinds) {
            let own = self.catalog.tables.get(to);
            let is_there = own.into_iter().flat_map(|table| table.indexes.values()).any(|index| {
                index.definition.as_ref().is_some_and(|told| told.value.keys == definition.keys)
            });
            if is_there {
                continue;
            }
            definition.ddl = None;
            match kind {
                Some(kind) => {
                    let columns = definition.keys.iter().filter_map(IndexKey::column_name);
                    let constraint = crate::model::catalog::Constraint {
                        kind,
                        columns: columns.map(Into::into).collect(),
                        is_validated: true,
                    };
                    let index = Some(definition);
                    let draft =
                        ConstraintDraft { name: None, constraint, index, using_index: None };
                    self.add_constraint(to, draft, origin);
                }
                None => self.add_index(to, IndexDraft { name: None, definition }, origin),
            }
        }
    }

    /// InnoDB makes an index for a foreign key that none serves.
    pub(super) fn index_foreign_keys(&mut self, name: &TableName, origin: Origin) {
        let Some(table) = self.catalog.tables.get(name).filter(|_| self.dialect == Dialect::Mysql)
        else {
            return;
        };
        let engine =
            table.definition.as_ref().and_then(|told| told.value.storage_engine.as_deref());
        if engine.is_some_and(|engine| engine != "innodb") || !table.indexes_are_told {
            return;
        }
        let serves = |columns: &[Box<str>]| {
            table.indexes.values().filter_map(|index| index.definition.as_ref()).any(|told| {
                let keys = told.value.keys.iter().map(IndexKey::column_name);
                columns.len() <= told.value.keys.len()
                    && keys.zip(columns).all(|(key, column)| {
                        key.is_some_and(|key| key.eq_ignore_ascii_case(column))
                    })
            })
        };
        let mut missing = Vec::new();
        for (constraint, told) in &table.constraints {
            let is_foreign = matches!(told.value.kind, ConstraintKind::Foreign(_));
            if is_foreign && !serves(&told.value.columns) {
                let keys = told.value.columns.iter().map(|column| IndexKey::column(column));
                let is_named = !constraint.starts_with(&format!("{}_ibfk_", name.name));
                let definition =
                    IndexDefinition { keys: keys.collect(), ..IndexDefinition::default() };
                let name = is_named.then(|| constraint.clone());
                missing.push(IndexDraft { name, definition });
            }
        }
        for index in missing {
            self.add_index(name, index, origin);
        }
    }

    /// Takes an index away.
    pub(super) fn drop_index(&mut self, table: &TableName, name: &str) {
        self.owners.remove(&index_name(table, name));
        let Some(table) = self.catalog.tables.get_mut(table) else { return };
        let dropped = table.indexes.remove(name);
        let constraint =
            dropped.and_then(|index| index.definition.and_then(|told| told.value.constraint));
        if let Some(constraint) = constraint {
            table.constraints.remove(&constraint);
        }
    }

    /// Takes a constraint away, with its index.
    pub(super) fn drop_constraint(&mut self, table: &TableName, name: &str) {
        let Some(known) = self.catalog.tables.get_mut(table) else { return };
        known.constraints.remove(name);
        let backing = known.indexes.iter().find(|(_, index)| {
            let told = index.definition.as_ref();
            told.is_some_and(|told| told.value.constraint.as_deref() == Some(name))
        });
        if let Some(index) = backing.map(|(index, _)| index.clone()) {
            self.drop_index(table, &index);
        }
    }

    /// Gives an index another name.
    pub(super) fn rename_index(&mut self, table: &TableName, from: &str, to: &str) {
        let Some(known) = self.catalog.tables.get_mut(table).filter(|_| from != to) else { return };
        let Some(mut index) = known.indexes.remove(from) else { return };
        if let Some(told) = &mut index.definition {
            told.value.ddl = None;
            if told.value.constraint.as_deref() == Some(from) {
                told.value.constraint = Some(to.into());
                if let Some(constraint) = known.constraints.remove(from) {
                    known.constraints.insert(to.into(), constraint);
                }
            }
        }
        known.indexes.insert(to.into(), index);
        if self.owners.remove(&index_name(table, from)).is_some() {
            self.owners.insert(index_name(table, to), table.clone());
        }
    }
}

/// The one column that a condition is about.
fn checked_column(condition: &str, table: &Table) -> Option<String> {
    let tokens = Tokens::of(condition, Dialect::Postgres);
    let mut names = tokens.cursor().columns_named();
    names.retain(|name| table.columns().iter().any(|column| column.name == *name));
    names.sort();
    names.dedup();
    match names.as_slice() {
        [name] => Some(name.to_string()),
        _ => None,
    }
}
