//! A schema that grows statement by statement: changes are applied in the order of their file, as the
//! server would, and the catalog is what stands at its end.

mod alter;
mod constraints;
mod names;
mod statements;

use super::change::{Change, IndexDraft, TableDraft};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{
    Catalog, Column, ColumnStats, ConstraintKind, Identity, Origin, Size, TableKind, TableName,
    Told,
};
use statements::index_statement;
use std::collections::{BTreeMap, BTreeSet};

/// PostgreSQL's schema for names without one.
const POSTGRES_SCHEMA: &str = "public";

/// A schema as far as its statements were applied.
pub struct Draft {
    dialect: Dialect,
    catalog: Catalog,
    /// What names without schema mean.
    schema: Option<Box<str>>,
    /// The tables of indexes, where the names of these are unique in a schema.
    owners: BTreeMap<TableName, TableName>,
    /// The partitions of tables.
    partitions: BTreeMap<TableName, BTreeSet<TableName>>,
}

impl Draft {
    /// Nothing yet.
    pub fn new(dialect: Dialect) -> Self {
        let mut draft = Draft {
            dialect,
            catalog: Catalog::default(),
            schema: None,
            owners: BTreeMap::new(),
            partitions: BTreeMap::new(),
        };
        draft.use_schema(None);
        draft
    }

    /// What stands at the end.
    pub fn finish(mut self) -> Catalog {
        self.complete();
        self.catalog
    }

    /// Says what follows from all: what foreign keys without columns refer to, and the statements of
    /// indexes that stood inside of others or were changed since.
    fn complete(&mut self) {
        let keys: BTreeMap<TableName, Vec<Box<str>>> = self
            .catalog
            .tables
            .iter()
            .filter_map(|(name, table)| Some((name.clone(), table.primary_key()?.to_vec())))
            .collect();
        for (name, table) in &mut self.catalog.tables {
            for told in table.constraints.values_mut() {
                if let ConstraintKind::Foreign(to) = &mut told.value.kind
                    && to.columns.is_empty()
                    && let Some(key) = keys.get(&to.table)
                {
                    to.columns.clone_from(key);
                }
            }
            for (index_name, index) in &mut table.indexes {
                if let Some(told) = &mut index.definition
                    && told.value.ddl.is_none()
                {
                    told.value.ddl = index_statement(name, index_name, &told.value, self.dialect);
                }
            }
        }
    }

    fn use_schema(&mut self, schema: Option<Box<str>>) {
        let own = (self.dialect == Dialect::Postgres).then(|| POSTGRES_SCHEMA.into());
        self.schema = schema.or(own);
    }

    /// A name with the schema that it means.
    fn resolved(&self, name: TableName) -> TableName {
        let is_main = |schema: &str| self.dialect == Dialect::Sqlite && schema == "main";
        let schema = name.schema.filter(|schema| !is_main(schema));
        TableName { schema: schema.or_else(|| self.schema.clone()), name: name.name }
    }

    /// Applies the next change, told at a place.
    pub fn apply(&mut self, change: Change, origin: Origin) {
        match change {
            Change::UseSchema(schema) => self.use_schema(schema),
            Change::Create { name, if_absent, table } => {
                let name = self.resolved(name);
                let is_there =
                    self.catalog.tables.get(&name).is_some_and(|table| table.definition.is_some());
                if !(if_absent && is_there) {
                    self.create(name, table, origin);
                }
            }
            Change::CreateIndex { table, only, if_absent, index } => {
                let table = self.resolved(table);
                let is_there = index.name.as_deref().is_some_and(|name| {
                    self.catalog.tables.get(&table).is_some_and(|t| t.indexes.contains_key(name))
                });
                if !(if_absent && is_there) {
                    self.create_index(&table, only, index, origin);
                }
            }
            Change::Alter { table, only, actions } => {
                let table = self.resolved(table);
                self.alter(table, only, actions, origin);
            }
            Change::RenameIndex { index, to } => {
                let index = self.resolved(index);
                if let Some(table) = self.owners.get(&index).cloned() {
                    self.rename_index(&table, &index.name, &to);
                }
            }
            Change::DropTables(names) => {
                for name in names {
                    let name = self.resolved(name);
                    self.forget(&name);
                }
            }
            Change::DropIndexes(names, table) => {
                for name in names {
                    let name = self.resolved(name);
                    let told = table.clone().map(|table| self.resolved(table));
                    if let Some(table) = told.or_else(|| self.owners.get(&name).cloned()) {
                        self.drop_index(&table, &name.name);
                    }
                }
            }
            Change::Statistics { table, index, rows, rows_per_key } => {
                let table = self.resolved(table);
                self.statistics(table, index.as_deref(), rows, rows_per_key, origin);
            }
        }
    }

    fn create(&mut self, name: TableName, draft: TableDraft, origin: Origin) {
        self.forget(&name);
        let TableDraft { mut definition, constraints, indexes, like } = draft;
        let own = std::mem::take(&mut definition.columns);
        let parent = definition.parent.take().map(|parent| self.resolved(parent));
        let mut copied = Vec::new();
        for like in like {
            let source = self.resolved(like.table);
            let Some(table) = self.catalog.tables.get(&source) else { continue };
            for column in table.columns() {
                let mut column = column.clone();
                column.default = column.default.filter(|_| like.defaults);
                column.generated = column.generated.filter(|_| like.generated);
                let is_sequence = column.identity == Some(Identity::Sequence);
                let keeps = if is_sequence { like.defaults } else { like.identities };
                column.identity = column.identity.filter(|_| keeps);
                add_column(&mut definition.columns, column);
            }
            if like.indexes {
                copied.push(source);
            }
        }
        let has_copied = !definition.columns.is_empty();
        for mut column in own {
            if column.identity == Some(Identity::Sequence) && column.default.is_none() {
                let text = |_: &str| false;
                let sequence = names::postgres_name(&name.name, &column.name, "seq", text);
                column.default = Some(format!("nextval('{sequence}'::regclass)").into());
            }
            match has_copied {
                true => add_column(&mut definition.columns, column),
                false => definition.columns.push(column),
            }
        }
        definition.parent = parent.clone();
        let is_partition = definition.bounds.is_some() && parent.is_some();
        let table = self.catalog.table(name.clone());
        table.definition = Some(Told::new(definition, origin));
        table.indexes_are_told = true;
        for index in indexes {
            self.add_index(&name, index, origin);
        }
        for constraint in constraints {
            self.add_constraint(&name, constraint, origin);
        }
        for source in copied {
            self.copy_indexes(&source, &name, origin);
        }
        if let Some(parent) = parent.filter(|_| is_partition) {
            self.partitions.entry(parent.clone()).or_default().insert(name.clone());
            self.copy_indexes(&parent, &name, origin);
        }
        self.index_foreign_keys(&name, origin);
    }

    fn create_index(&mut self, table: &TableName, only: bool, index: IndexDraft, origin: Origin) {
        self.add_index(table, index.clone(), origin);
        for partition in self.all_partitions(table, only) {
            let mut index = IndexDraft { name: None, ..index.clone() };
            index.definition.ddl = None;
            self.add_index(&partition, index, origin);
        }
    }

    /// The partitions of a table, and theirs; none where only the table is meant.
    fn all_partitions(&self, table: &TableName, only: bool) -> Vec<TableName> {
        let below = |name: &TableName| self.partitions.get(name).into_iter().flatten().cloned();
        let mut all: Vec<TableName> = if only { Vec::new() } else { below(table).collect() };
        let mut seen: BTreeSet<TableName> = all.iter().cloned().collect();
        let mut at = 0;
        while let Some(one) = all.get(at) {
            // A table that is made a partition of itself ends this all the same.
            let fresh: Vec<_> = below(one).filter(|name| seen.insert(name.clone())).collect();
            all.extend(fresh);
            at += 1;
        }
        all
    }

    /// A table is no more, nor are its partitions.
    fn forget(&mut self, name: &TableName) {
        let mut all = vec![name.clone()];
        all.extend(self.all_partitions(name, false));
        for name in &all {
            self.partitions.remove(name);
            let Some(table) = self.catalog.tables.remove(name) else { continue };
            for index in table.indexes.keys() {
                self.owners.remove(&index_name(name, index));
            }
            let parent = table.definition.and_then(|told| told.value.parent);
            if let Some(siblings) = parent.and_then(|parent| self.partitions.get_mut(&parent)) {
                siblings.remove(name);
            }
        }
    }

    fn statistics(
        &mut self,
        name: TableName,
        index: Option<&str>,
        rows: f64,
        rows_per_key: Option<f64>,
        origin: Origin,
    ) {
        let table = self.catalog.table(name);
        table.size = Some(Told::new(Size { rows: Some(rows), ..Size::default() }, origin));
        let index = index.and_then(|name| table.indexes.get(name));
        let key = index.and_then(|index| index.definition.as_ref()?.value.keys.first().cloned());
        let per_key = rows_per_key.filter(|per_key| *per_key >= 1.0);
        if let (Some(column), Some(per_key)) = (key.as_ref().and_then(|k| k.column_name()), per_key)
        {
            let distinct = Some((rows / per_key).round());
            let stats = ColumnStats { distinct, ..ColumnStats::default() };
            table.column_stats.insert(column.into(), Told::new(stats, origin));
        }
    }

    fn is_of_kind(&self, name: &TableName, kind: TableKind) -> bool {
        let table = self.catalog.tables.get(name).and_then(|table| table.definition.as_ref());
        table.is_some_and(|told| told.value.kind == kind)
    }
}

/// The name of a table's index, in the table's schema.
fn index_name(table: &TableName, index: &str) -> TableName {
    TableName { schema: table.schema.clone(), name: index.into() }
}

/// Adds a column, or what is said of one that came from another table.
fn add_column(columns: &mut Vec<Column>, column: Column) {
    let Some(mine) = columns.iter_mut().find(|mine| mine.name == column.name) else {
        columns.push(column);
        return;
    };
    if !column.type_name.is_empty() {
        mine.type_name = column.type_name;
    }
    mine.is_not_null |= column.is_not_null;
    mine.default = column.default.or(mine.default.take());
    mine.identity = column.identity.or(mine.identity);
    mine.generated = column.generated.or(mine.generated.take());
    mine.collation = column.collation.or(mine.collation.take());
}
