//! Indexes: what they are made of, and how they are used.

use super::told::{self, Series, Told};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Where NULLs stand in an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NullsOrder {
    /// Before all values.
    First,
    /// Behind all values.
    Last,
}

/// What a key of an index is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyPart {
    /// A column (a field's path in MongoDB).
    Column(Box<str>),
    /// An expression as the server prints it.
    Expression(Box<str>),
}

/// A key of an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexKey {
    /// What it is made of.
    pub part: KeyPart,
    /// Whether it is in falling order.
    pub is_descending: bool,
    /// Where NULLs stand, if not where the order puts them by default.
    pub nulls: Option<NullsOrder>,
    /// The operator class, if it is not the type's default.
    pub operator_class: Option<Box<str>>,
    /// The collation, if it is not the column's.
    pub collation: Option<Box<str>>,
    /// MySQL: so many characters or bytes of the column only.
    pub prefix_length: Option<u32>,
}

impl IndexKey {
    /// A column in rising order.
    pub fn column(name: &str) -> Self {
        IndexKey {
            part: KeyPart::Column(name.into()),
            is_descending: false,
            nulls: None,
            operator_class: None,
            collation: None,
            prefix_length: None,
        }
    }

    /// The column, if it is one.
    pub fn column_name(&self) -> Option<&str> {
        match &self.part {
            KeyPart::Column(name) => Some(name),
            KeyPart::Expression(_) => None,
        }
    }
}

/// What an index is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexDefinition {
    /// Its keys in their order.
    pub keys: Vec<IndexKey>,
    /// Columns that are only stored with it.
    pub include: Vec<Box<str>>,
    /// The access method in lower case: `btree`, `gin`, `hash`, `fulltext`, `2dsphere`, `text`.
    pub method: Box<str>,
    /// It admits each key once.
    pub is_unique: bool,
    /// NULLs count as equal in a unique index.
    pub nulls_are_equal: bool,
    /// It is the primary key's.
    pub is_primary: bool,
    /// An exclusion constraint stands on it.
    pub is_exclusion: bool,
    /// The constraint that it belongs to.
    pub constraint: Option<Box<str>>,
    /// The condition of a partial index, as the server prints it.
    pub predicate: Option<Box<str>>,
    /// The server uses it for queries: false for an index whose building failed.
    pub is_valid: bool,
    /// The optimizer sees it: false for MySQL's INVISIBLE, MariaDB's IGNORED, MongoDB's hidden.
    pub is_visible: bool,
    /// Rows of the table are told apart by it in logical replication.
    pub is_replica_identity: bool,
    /// The table was or is ordered by it (CLUSTER).
    pub is_clustered: bool,
    /// MongoDB: documents expire after so many seconds.
    pub expires_after_s: Option<u64>,
    /// MongoDB: documents without the field are left out.
    pub is_sparse: bool,
    /// The whole statement that makes it, where a source has it.
    pub ddl: Option<Box<str>>,
}

impl Default for IndexDefinition {
    fn default() -> Self {
        IndexDefinition {
            keys: Vec::new(),
            include: Vec::new(),
            method: "btree".into(),
            is_unique: false,
            nulls_are_equal: false,
            is_primary: false,
            is_exclusion: false,
            constraint: None,
            predicate: None,
            is_valid: true,
            is_visible: true,
            is_replica_identity: false,
            is_clustered: false,
            expires_after_s: None,
            is_sparse: false,
            ddl: None,
        }
    }
}

/// How an index was used since the statistics were reset.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct IndexActivity {
    /// How often it was scanned, or looked into.
    pub scans: Option<u64>,
    /// Entries that scans gave.
    pub rows_read: Option<u64>,
    /// When it was last scanned.
    pub last_scan: Option<Timestamp>,
    /// Since when this counts, where it is known for the index itself.
    pub since: Option<Timestamp>,
}

/// What is known of an index.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Index {
    /// What it is.
    pub definition: Option<Told<IndexDefinition>>,
    /// Whether a snapshot says that building it failed; schema dumps never do.
    pub is_invalid: Option<Told<bool>>,
    /// Its size in bytes.
    pub size_bytes: Option<Told<u64>>,
    /// Its use, by the node that told it: a primary or a replica (empty where no source says).
    pub activity: BTreeMap<Box<str>, Series<IndexActivity>>,
}

impl Index {
    pub(super) fn merge(&mut self, other: Index) {
        told::keep_later(&mut self.definition, other.definition);
        told::keep_later(&mut self.is_invalid, other.is_invalid);
        told::keep_later(&mut self.size_bytes, other.size_bytes);
        told::merge_series(&mut self.activity, other.activity);
    }
}
