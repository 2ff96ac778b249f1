//! What a statement changes in a schema, with names as they stand in it: which table they mean, and
//! what the server calls things without a name, is decided where changes are applied in order
//! ([`super::draft`]).

use crate::model::catalog::{Column, Constraint, Definition, IndexDefinition, TableName};

/// A constraint and the index that the server makes for it.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstraintDraft {
    /// Its name, if it has one.
    pub name: Option<Box<str>>,
    /// What it says.
    pub constraint: Constraint,
    /// The index that comes with it.
    pub index: Option<IndexDefinition>,
    /// An index of that name was there before and becomes the constraint's.
    pub using_index: Option<Box<str>>,
}

/// An index that may have no name yet.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexDraft {
    /// Its name, if it has one.
    pub name: Option<Box<str>>,
    /// What it is.
    pub definition: IndexDefinition,
}

/// A table to be made.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TableDraft {
    /// What it is made of.
    pub definition: Definition,
    /// Its constraints in their order, those of columns among them.
    pub constraints: Vec<ConstraintDraft>,
    /// Indexes that are no constraint's.
    pub indexes: Vec<IndexDraft>,
    /// Tables whose columns it takes over.
    pub like: Vec<Like>,
}

/// What a table takes over from another beside the columns and their types.
#[derive(Clone, PartialEq, Debug)]
pub struct Like {
    /// The other table.
    pub table: TableName,
    /// Defaults.
    pub defaults: bool,
    /// Identities and AUTO_INCREMENT.
    pub identities: bool,
    /// How columns are computed.
    pub generated: bool,
    /// Indexes, with the constraints that stand on them.
    pub indexes: bool,
}

impl Like {
    /// All, or what PostgreSQL takes over unasked: nothing.
    pub fn new(table: TableName, all: bool) -> Self {
        Like { table, defaults: all, identities: all, generated: all, indexes: all }
    }

    /// What a partition or an heir has from its parent; its indexes are a matter of their own.
    pub fn parent(table: TableName) -> Self {
        Like { identities: false, indexes: false, ..Like::new(table, true) }
    }
}

/// A column with the constraints that stand beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnDraft {
    /// The column.
    pub column: Column,
    /// Its constraints.
    pub constraints: Vec<ConstraintDraft>,
}

/// A change of a table that is there.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// A new column, unless it is there.
    AddColumn(ColumnDraft),
    /// A column goes, with what stands on it.
    DropColumn(Box<str>),
    /// A column gets another name.
    RenameColumn(Box<str>, Box<str>),
    /// A column becomes another: MySQL's CHANGE and MODIFY.
    ChangeColumn(Box<str>, ColumnDraft),
    /// A column gets another type.
    SetType(Box<str>, Box<str>),
    /// A column gets a default, or loses it.
    SetDefault(Box<str>, Option<Box<str>>),
    /// A column takes NULL or not.
    SetNotNull(Box<str>, bool),
    /// A column becomes an identity.
    AddIdentity(Box<str>),
    /// A column is none any more.
    DropIdentity(Box<str>),
    /// A new constraint.
    AddConstraint(ConstraintDraft),
    /// A constraint goes, with its index.
    DropConstraint(Box<str>),
    /// The primary key goes.
    DropPrimaryKey,
    /// A constraint gets another name.
    RenameConstraint(Box<str>, Box<str>),
    /// A constraint holds for all rows now.
    Validate(Box<str>),
    /// A new index.
    AddIndex(IndexDraft),
    /// An index goes.
    DropIndex(Box<str>),
    /// An index gets another name.
    RenameIndex(Box<str>, Box<str>),
    /// The optimizer sees an index or not.
    SetVisible(Box<str>, bool),
    /// The table is ordered by an index.
    ClusterOn(Box<str>),
    /// Rows are told apart by an index in replication.
    ReplicaIdentity(Box<str>),
    /// Another table becomes a partition of it, with these bounds.
    Attach(TableName, Box<str>),
    /// A partition becomes a table of its own.
    Detach(TableName),
    /// It inherits from another table.
    Inherit(TableName),
    /// The table gets another name, or moves to another schema.
    Rename {
        /// The schema, if it changes.
        schema: Option<Box<str>>,
        /// The name, if it changes.
        name: Option<Box<str>>,
    },
    /// The next number of its AUTO_INCREMENT.
    NextNumber(u64),
}

/// What a statement changes.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// Names without schema mean this one from now on; `None`: the server's own choice.
    UseSchema(Option<Box<str>>),
    /// A table, a view or what is like them.
    Create {
        /// Its name.
        name: TableName,
        /// Only if there is none of that name.
        if_absent: bool,
        /// What it is.
        table: TableDraft,
    },
    /// An index.
    CreateIndex {
        /// Its table.
        table: TableName,
        /// Not of its partitions.
        only: bool,
        /// Only if there is none of that name.
        if_absent: bool,
        /// What it is.
        index: IndexDraft,
    },
    /// Changes of a table in their order.
    Alter {
        /// The table.
        table: TableName,
        /// Not its partitions.
        only: bool,
        /// What is changed.
        actions: Vec<Action>,
    },
    /// An index gets another name.
    RenameIndex {
        /// As it is called.
        index: TableName,
        /// As it will be.
        to: Box<str>,
    },
    /// Tables or views go.
    DropTables(Vec<TableName>),
    /// Indexes go; MySQL says of which table.
    DropIndexes(Vec<TableName>, Option<TableName>),
    /// SQLite's statistics of a table or index: its rows and how many of them share the first key.
    Statistics {
        /// The table.
        table: TableName,
        /// The index; `None`: of the table alone.
        index: Option<Box<str>>,
        /// Rows.
        rows: f64,
        /// Mean rows with equal first key.
        rows_per_key: Option<f64>,
    },
}
