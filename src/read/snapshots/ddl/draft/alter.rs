//! `ALTER TABLE` on what is there.

use super::{Draft, add_column, index_name};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{
    Column, ConstraintKind, Definition, Identity, IndexDefinition, KeyPart, Origin, Table,
    TableKind, TableName,
};
use crate::read::snapshots::ddl::change::{Action, ColumnDraft, ConstraintDraft};

impl Draft {
    pub(super) fn alter(
        &mut self,
        table: TableName,
        only: bool,
        actions: Vec<Action>,
        origin: Origin,
    ) {
        let mut table = table;
        for action in actions {
            self.act(&mut table, only, action, origin);
        }
        self.index_foreign_keys(&table, origin);
    }

    fn act(&mut self, table: &mut TableName, only: bool, action: Action, origin: Origin) {
        match action {
            Action::AddColumn(draft) => self.add_column(table, draft, origin),
            Action::DropColumn(column) => self.drop_column(table, &column),
            Action::RenameColumn(from, to) => self.rename_column(table, &from, &to),
            Action::ChangeColumn(from, draft) => {
                self.rename_column(table, &from, &draft.column.name);
                let ColumnDraft { column, constraints } = draft;
                self.column(table, &column.name.clone(), |mine| *mine = column);
                for constraint in constraints {
                    self.add_constraint(table, constraint, origin);
                }
            }
            Action::SetType(column, type_name) => {
                self.column(table, &column, |column| column.type_name = type_name);
            }
            Action::SetDefault(column, default) => self.column(table, &column, |column| {
                let is_sequence = default.as_ref().is_some_and(|text| text.starts_with("nextval("));
                if is_sequence {
                    column.identity = Some(Identity::Sequence);
                } else if column.identity == Some(Identity::Sequence) {
                    column.identity = None;
                }
                column.default = default;
            }),
            Action::SetNotNull(column, is_not_null) => {
                self.column(table, &column, |column| column.is_not_null = is_not_null);
            }
            Action::AddIdentity(column) => self.column(table, &column, |column| {
                column.identity = Some(Identity::Identity);
                column.is_not_null = true;
            }),
            Action::DropIdentity(column) => {
                self.column(table, &column, |column| column.identity = None);
            }
            Action::AddConstraint(draft) => {
                self.add_constraint(table, draft.clone(), origin);
                let is_copied = draft.index.is_some() && draft.using_index.is_none();
                for partition in self.all_partitions(table, only || !is_copied) {
                    let mut draft = ConstraintDraft { name: None, ..draft.clone() };
                    draft.index.iter_mut().for_each(|index| index.ddl = None);
                    self.add_constraint(&partition, draft, origin);
                }
            }
            Action::DropConstraint(name) => self.drop_constraint(table, &name),
            Action::DropPrimaryKey => {
                let of = |known: &Table| {
                    let mut all = known.constraints.iter();
                    let primary = all.find(|(_, c)| c.value.kind == ConstraintKind::Primary);
                    primary.map(|(name, _)| name.clone())
                };
                if let Some(name) = self.catalog.tables.get(table).and_then(of) {
                    self.drop_constraint(table, &name);
                }
            }
            Action::RenameConstraint(from, to) => self.rename_constraint(table, &from, &to),
            Action::Validate(name) => {
                let known = self.catalog.tables.get_mut(table);
                if let Some(told) = known.and_then(|known| known.constraints.get_mut(&name)) {
                    told.value.is_validated = true;
                }
            }
            Action::AddIndex(index) => self.create_index(table, only, index, origin),
            Action::DropIndex(name) => self.drop_index(table, &name),
            Action::RenameIndex(from, to) => self.rename_index(table, &from, &to),
            Action::SetVisible(name, is_visible) => {
                self.index_definition(table, &name, |index| {
                    index.is_visible = is_visible;
                    index.ddl = None;
                });
            }
            Action::ClusterOn(name) => {
                self.index_definition(table, &name, |index| index.is_clustered = true);
            }
            Action::ReplicaIdentity(name) => {
                self.index_definition(table, &name, |index| index.is_replica_identity = true);
            }
            Action::Attach(child, bounds) => self.attach(table, child, bounds, origin),
            Action::Detach(child) => {
                let child = self.resolved(child);
                if let Some(children) = self.partitions.get_mut(table) {
                    children.remove(&child);
                }
                self.definition(&child, |child| {
                    (child.parent, child.bounds) = (None, None);
                    if child.kind == TableKind::Partition {
                        child.kind = TableKind::Table;
                    }
                });
            }
            Action::Inherit(parent) => {
                let parent = self.resolved(parent);
                self.definition(table, |child| child.parent = Some(parent));
            }
            Action::Rename { schema, name } => {
                let to = TableName {
                    schema: schema.or_else(|| table.schema.clone()),
                    name: name.unwrap_or_else(|| table.name.clone()),
                };
                self.rename(table, &to);
                *table = to;
            }
            Action::NextNumber(number) => {
                self.definition(table, |table| table.next_number = Some(number));
            }
        }
    }

    fn definition(&mut self, table: &TableName, change: impl FnOnce(&mut Definition)) {
        let known = self.catalog.tables.get_mut(table);
        if let Some(told) = known.and_then(|known| known.definition.as_mut()) {
            change(&mut told.value);
        }
    }

    fn column(&mut self, table: &TableName, name: &str, change: impl FnOnce(&mut Column)) {
        let is_mysql = self.dialect == Dialect::Mysql;
        self.definition(table, |table| {
            let is_same = |column: &&mut Column| match is_mysql {
                true => column.name.eq_ignore_ascii_case(name),
                false => &*column.name == name,
            };
            if let Some(column) = table.columns.iter_mut().find(is_same) {
                change(column);
            }
        });
    }

    fn index_definition(
        &mut self,
        table: &TableName,
        name: &str,
        change: impl FnOnce(&mut IndexDefinition),
    ) {
        let known = self.catalog.tables.get_mut(table);
        let index = known.and_then(|known| known.indexes.get_mut(name));
        if let Some(told) = index.and_then(|index| index.definition.as_mut()) {
            change(&mut told.value);
        }
    }

    fn add_column(&mut self, table: &TableName, draft: ColumnDraft, origin: Origin) {
        let ColumnDraft { column, constraints } = draft;
        let mut is_new = false;
        self.definition(table, |table| {
            is_new = table.columns.iter().all(|known| known.name != column.name);
            if is_new {
                add_column(&mut table.columns, column);
            }
        });
        let is_known = self.catalog.tables.get(table).is_some_and(|t| t.definition.is_some());
        if is_new || !is_known {
            for constraint in constraints {
                self.add_constraint(table, constraint, origin);
            }
        }
    }

    /// A column goes; of an index that stands on it, MySQL keeps the other keys.
    fn drop_column(&mut self, table: &TableName, column: &str) {
        self.definition(table, |table| table.columns.retain(|known| &*known.name != column));
        let Some(known) = self.catalog.tables.get_mut(table) else { return };
        let is_mysql = self.dialect == Dialect::Mysql;
        let mut gone = Vec::new();
        for (name, index) in &mut known.indexes {
            let Some(told) = &mut index.definition else { continue };
            let definition = &mut told.value;
            let stands = definition.keys.iter().any(|key| key.column_name() == Some(column))
                || definition.include.iter().any(|name| &**name == column);
            if stands && is_mysql {
                definition.keys.retain(|key| key.column_name() != Some(column));
            }
            if stands && (!is_mysql || definition.keys.is_empty()) {
                gone.push(name.clone());
            }
        }
        known.constraints.retain(|_, told| !told.value.columns.iter().any(|c| &**c == column));
        for index in gone {
            self.drop_index(table, &index);
        }
    }

    fn rename_column(&mut self, table: &TableName, from: &str, to: &str) {
        if from == to {
            return;
        }
        self.column(table, from, |column| column.name = to.into());
        let Some(known) = self.catalog.tables.get_mut(table) else { return };
        let rename = |name: &mut Box<str>| {
            let is_it = &**name == from;
            if is_it {
                *name = to.into();
            }
            is_it
        };
        for index in known.indexes.values_mut() {
            let Some(told) = &mut index.definition else { continue };
            for key in &mut told.value.keys {
                if let KeyPart::Column(name) = &mut key.part
                    && rename(name)
                {
                    told.value.ddl = None;
                }
            }
            for name in &mut told.value.include {
                rename(name);
            }
        }
        for told in known.constraints.values_mut() {
            for name in &mut told.value.columns {
                rename(name);
            }
        }
        if let Some(told) = &mut known.definition
            && let Some(key) = &mut told.value.partition_key
        {
            for name in &mut key.keys {
                rename(name);
            }
        }
    }

    fn rename_constraint(&mut self, table: &TableName, from: &str, to: &str) {
        let Some(known) = self.catalog.tables.get_mut(table) else { return };
        if known.indexes.contains_key(from) {
            self.rename_index(table, from, to);
        } else if let Some(constraint) = known.constraints.remove(from) {
            known.constraints.insert(to.into(), constraint);
        }
    }

    fn attach(&mut self, parent: &TableName, child: TableName, bounds: Box<str>, origin: Origin) {
        let child = self.resolved(child);
        let is_parted = self.is_of_kind(&child, TableKind::Partitioned);
        self.definition(&child, |definition| {
            definition.parent = Some(parent.clone());
            definition.bounds = Some(bounds);
            if !is_parted {
                definition.kind = TableKind::Partition;
            }
        });
        self.partitions.entry(parent.clone()).or_default().insert(child.clone());
        self.copy_indexes(parent, &child, origin);
    }

    fn rename(&mut self, from: &TableName, to: &TableName) {
        let Some(mut table) = self.catalog.tables.remove(from) else { return };
        for (index, known) in &mut table.indexes {
            if let Some(told) = &mut known.definition {
                told.value.ddl = None;
            }
            if self.owners.remove(&index_name(from, index)).is_some() {
                self.owners.insert(index_name(to, index), to.clone());
            }
        }
        self.catalog.tables.insert(to.clone(), table);
        if let Some(children) = self.partitions.remove(from) {
            for child in &children {
                self.definition(child, |child| child.parent = Some(to.clone()));
            }
            self.partitions.insert(to.clone(), children);
        }
    }
}
