//! What a server's catalog says: tables, columns, indexes, constraints, statistics, settings; out of
//! schema dumps and snapshots of the server's views.
//!
//! Several files may tell of one table, and of one number at several times. Each fact stands with
//! where and when it was told ([`Told`]), and of two the later wins, so that catalogs merge in any
//! order. Counters keep their first and their last state ([`Series`]): the difference is an interval.
//!
//! Names are as the server stores them (folded, without quotes). What may hold rows of users
//! (histograms, most common values) is not here.

mod application;
mod column;
mod host;
mod index;
mod pool;
mod setting;
mod table;
mod told;
mod waits;

pub use application::{Application, Library};
pub use column::{Column, ColumnStats, Identity};
pub use host::CpuUse;
pub use index::{Index, IndexActivity, IndexDefinition, IndexKey, KeyPart, NullsOrder};
pub use pool::{Pool, PoolName};
pub use setting::{Setting, SettingsFile};
pub use table::{
    Constraint, ConstraintKind, Definition, Part, PartitionKey, References, Size, Table,
    TableActivity, TableKind,
};
pub use told::{Origin, Series, Told, add_state, keep_later, merge_series};
pub use waits::{Doer, Wait, WaitProfile};

use super::workload::examples::Place;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// The name of a table: of a collection, too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TableName {
    /// Its schema; MySQL's and MongoDB's database. `None` where no source says it.
    pub schema: Option<Box<str>>,
    /// Its own name.
    pub name: Box<str>,
}

impl TableName {
    /// A name with or without schema.
    pub fn new(schema: Option<&str>, name: &str) -> Self {
        TableName { schema: schema.map(Into::into), name: name.into() }
    }

    /// As people write it: without PostgreSQL's `public`.
    pub fn shown(&self) -> String {
        match self.schema.as_deref() {
            Some(schema) if schema != "public" => format!("{schema}.{}", self.name),
            _ => self.name.to_string(),
        }
    }
}

/// The counter that tells how many indexes a server lists as used, where it lists no others: MariaDB's
/// `INDEX_STATISTICS`. An index that is not among them was not used since the server counts.
pub const INDEXES_LISTED: &str = "index_statistics.rows";

/// A sequence, as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sequence {
    /// The last number it gave; `None` where it gave none yet.
    pub last: Option<i64>,
    /// The largest it may give.
    pub max: Option<i64>,
}

/// What a snapshot says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerState {
    /// The server's version, such as `15.18`.
    pub version: Option<Box<str>>,
    /// What tells the server from all others: PostgreSQL's system identifier, MySQL's server uuid.
    pub identity: Option<Box<str>>,
    /// Whether it is a replica.
    pub is_replica: Option<bool>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// Since when its statistics of tables and indexes count.
    pub stats_since: Option<Timestamp>,
}

/// What is known of a server's catalog.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Catalog {
    /// The tables, views and collections.
    pub tables: BTreeMap<TableName, Table>,
    /// Sequences.
    pub sequences: BTreeMap<TableName, Told<Sequence>>,
    /// Settings by name.
    pub settings: BTreeMap<Box<str>, Told<Setting>>,
    /// Counters of the whole server or of a database by name: those of `SHOW GLOBAL STATUS`, of
    /// `pg_stat_database` as `DATABASE.COLUMN`.
    pub counters: BTreeMap<Box<str>, Series<f64>>,
    /// Pools of connections, where this is no server but a pooler before one.
    pub pools: BTreeMap<PoolName, Series<Pool>>,
    /// How busy the processors of its machine were.
    pub cpu: Option<CpuUse>,
    /// What sessions were seen waiting for, by the view that showed them.
    pub waits: BTreeMap<Box<str>, WaitProfile>,
    /// What files of an application say of its clients, where this is no server but an application.
    pub application: Application,
    /// What snapshots say of the server.
    pub server: Option<Told<ServerState>>,
}

impl Catalog {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self == &Catalog::default()
    }

    /// The facts of a table, made when nothing was known of it.
    pub fn table(&mut self, name: TableName) -> &mut Table {
        self.tables.entry(name).or_default()
    }

    /// Adds all of another catalog of the same server.
    pub fn merge(&mut self, other: Catalog) {
        for (name, table) in other.tables {
            self.table(name).merge(table);
        }
        for (name, sequence) in other.sequences {
            told::later(self.sequences.entry(name), sequence);
        }
        setting::merge(&mut self.settings, other.settings);
        told::merge_series(&mut self.counters, other.counters);
        told::merge_series(&mut self.pools, other.pools);
        match (&mut self.cpu, other.cpu) {
            (Some(mine), Some(theirs)) => mine.merge(&theirs),
            (mine, theirs) => *mine = mine.take().or(theirs),
        }
        for (view, profile) in other.waits {
            self.waits.entry(view).or_default().merge(profile);
        }
        self.application.merge(other.application);
        told::keep_later(&mut self.server, other.server);
    }

    /// Gives every place to `change`, as the ranks of sources may change.
    pub fn each_place_mut(&mut self, change: &mut dyn FnMut(&mut Place)) {
        for table in self.tables.values_mut() {
            table.each_place_mut(change);
        }
        self.sequences.values_mut().for_each(|told| change(&mut told.origin.place));
        self.settings.values_mut().for_each(|told| change(&mut told.origin.place));
        self.counters.values_mut().flat_map(Series::places_mut).for_each(&mut *change);
        self.pools.values_mut().flat_map(Series::places_mut).for_each(&mut *change);
        self.cpu.iter_mut().for_each(|cpu| change(&mut cpu.place));
        self.application.each_place_mut(&mut *change);
        self.server.iter_mut().for_each(|told| change(&mut told.origin.place));
    }

    /// The table that a statement calls by a name, with or without schema, in any case of letters:
    /// `None` where there is none, or more than one.
    pub fn find(&self, schema: Option<&str>, name: &str) -> Option<(&TableName, &Table)> {
        let is_same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let mut fits = self.tables.iter().filter(|(table, _)| {
            is_same(&table.name, name)
                && match (schema, table.schema.as_deref()) {
                    (Some(wanted), Some(schema)) => is_same(wanted, schema),
                    _ => true,
                }
        });
        let first = fits.next()?;
        fits.next().is_none().then_some(first)
    }
}
