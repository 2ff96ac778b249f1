//! What could be built: for each use of a table the indexes that its tests, joins and sort keys ask
//! for, each set once. Which of them pay is left to [`super::choose`].

use super::cost::condition_of;
use super::statement::{Statement, UseModel};
use super::tables::{IndexModel, TableModel};
use crate::lang::sql::demand::{Test, Within};
use crate::model::event::Engine;
use std::collections::{BTreeMap, BTreeSet};

/// Keys of an index beyond which it gets wide and serves hardly more statements.
const MAX_KEYS: usize = 4;
/// Columns that are stored with an index to spare the table, and how wide each may be.
const MAX_STORED: usize = 2;
const MAX_STORED_BYTES: f64 = 16.0;
/// Widest column that an index is built on.
const MAX_KEY_BYTES: f64 = 64.0;
/// Candidates that are tried, and those merged of two.
const MAX_CANDIDATES: usize = 400;
const MAX_MERGED: usize = 200;
/// Pages below which a table is read as fast as an index.
const FEW_PAGES: f64 = 64.0;
/// Rows below which it is.
const FEW_ROWS: f64 = 500.0;
/// Pages from which on a summary of ranges of pages pays where rows stand in order.
const MANY_PAGES: f64 = 8192.0;
/// How well rows have to stand in a column's order for that.
const IN_ORDER: f64 = 0.95;

/// Why a key stands where it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum KeyRole {
    /// Tested for equality.
    Equal,
    /// Compared with a column of another table.
    Joined,
    /// Tested against a list.
    Listed,
    /// In the order that is asked for.
    Sorted,
    /// Tested by a range.
    Ranged,
    /// What an array, a document or a text holds.
    Held,
    /// Read only: the table need not be looked at.
    Read,
}

/// An index that could be built.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// The table, by its place in the evidence.
    pub table: usize,
    /// What it is made of.
    pub index: IndexModel,
    /// Why its keys stand in their order.
    pub roles: Vec<KeyRole>,
}

impl Candidate {
    /// What makes it the same as another, in a stable order.
    fn name(&self) -> impl Ord + '_ {
        let index = &self.index;
        let stored = (&index.include, index.predicate.as_deref(), index.method);
        (self.table, &index.keys, stored)
    }
}

/// How much of the load tests or joins a column, by table and column.
pub type Weights = BTreeMap<(usize, String), f64>;

/// The weight of each column over all statements.
pub fn weights(statements: &[Statement]) -> Weights {
    let mut weights = Weights::new();
    for statement in statements {
        let mut seen = BTreeSet::new();
        for used in &statement.uses {
            for (filter, _) in &used.filters {
                if matches!(filter.test, Test::Equal | Test::In) && filter.within == Within::Bare {
                    seen.insert((used.table, filter.column.to_lowercase()));
                }
            }
        }
        for (a, b) in &statement.joins {
            for (at, column) in [a, b] {
                if let Some(used) = statement.uses.get(*at) {
                    seen.insert((used.table, column.to_lowercase()));
                }
            }
        }
        for key in seen {
            *weights.entry(key).or_default() += statement.weight_us;
        }
    }
    weights
}

/// All candidates of the statements, each once, in a stable order.
pub fn all(
    statements: &[Statement],
    tables: &BTreeMap<usize, TableModel>,
    engines: &BTreeMap<usize, Engine>,
) -> Vec<Candidate> {
    let weights = weights(statements);
    let mut found: Vec<Candidate> = Vec::new();
    for statement in statements {
        for (at, used) in statement.uses.iter().enumerate() {
            let Some(table) = tables.get(&used.table) else { continue };
            if table.pages < FEW_PAGES || table.rows < FEW_ROWS {
                continue;
            }
            let engine = engines.get(&used.table).copied().unwrap_or(Engine::Postgres);
            Asked::of(statement, at, used, table, engine, &weights).candidates(&mut found);
        }
        // Statements that cost most come first: what the others ask besides would not pay.
        if found.len() > MAX_CANDIDATES {
            in_order(&mut found);
            if found.len() > MAX_CANDIDATES {
                break;
            }
        }
    }
    in_order(&mut found);
    let mut merged = merged(&found, tables);
    found.append(&mut merged);
    in_order(&mut found);
    found
}

/// Each once, in a stable order.
fn in_order(found: &mut Vec<Candidate>) {
    found.sort_by(|a, b| a.name().cmp(&b.name()));
    found.dedup_by(|a, b| a.name() == b.name());
}

/// One index in place of two, where the keys of one begin those of the other: with the longer keys, and
/// all that either stores.
fn merged(found: &[Candidate], tables: &BTreeMap<usize, TableModel>) -> Vec<Candidate> {
    let mut merged = Vec::new();
    for short in found.iter().filter(|one| !one.index.include.is_empty()) {
        let is_longer = |long: &&Candidate| {
            long.table == short.table
                && long.index.method == short.index.method
                && long.index.predicate == short.index.predicate
                && long.index.include.is_empty()
                && long.index.keys.len() > short.index.keys.len()
                && begins_with(&long.index, &short.index)
        };
        for long in found.iter().filter(is_longer) {
            let Some(table) = tables.get(&long.table) else { continue };
            let mut one = long.clone();
            let is_key = |column: &String| {
                one.index.keys.iter().any(|(key, _)| key.eq_ignore_ascii_case(column))
            };
            let include: Vec<_> =
                short.index.include.iter().filter(|column| !is_key(column)).cloned().collect();
            one.index.pages = table.index_pages(&one.index.keys, &include, 1.0);
            one.index.include = include;
            if merged.len() < MAX_MERGED {
                merged.push(one);
            }
        }
    }
    merged
}

/// What one use asks of an index.
struct Asked<'s> {
    used: &'s UseModel,
    table: &'s TableModel,
    engine: Engine,
    equal: Vec<Key>,
    listed: Vec<Key>,
    joined: Vec<Key>,
    ranged: Vec<Key>,
    sorted: Vec<Key>,
    held: Vec<Key>,
    conditions: Vec<(String, String)>,
}

type Key = (String, bool, KeyRole);

impl<'s> Asked<'s> {
    fn of(
        statement: &'s Statement,
        at: usize,
        used: &'s UseModel,
        table: &'s TableModel,
        engine: Engine,
        weights: &Weights,
    ) -> Self {
        let mut asked = Asked {
            used,
            table,
            engine,
            equal: Vec::new(),
            listed: Vec::new(),
            joined: Vec::new(),
            ranged: Vec::new(),
            sorted: Vec::new(),
            held: Vec::new(),
            conditions: Vec::new(),
        };
        for (filter, _) in &used.filters {
            let key = match &filter.within {
                Within::Bare if asked.suits(&filter.column) => filter.column.clone(),
                Within::Expression(text) => text.clone(),
                Within::Bare if matches!(filter.test, Test::Contains | Test::Words) => {
                    filter.column.clone()
                }
                _ => continue,
            };
            if let Some(condition) = condition_of(filter).filter(|_| filter.test != Test::NotNull) {
                asked.conditions.push((condition, filter.column.clone()));
            }
            let (list, role) = match filter.test {
                Test::Equal => (&mut asked.equal, KeyRole::Equal),
                Test::In => (&mut asked.listed, KeyRole::Listed),
                Test::Range | Test::Between => (&mut asked.ranged, KeyRole::Ranged),
                Test::Contains | Test::Words => (&mut asked.held, KeyRole::Held),
                _ => continue,
            };
            list.push((key, false, role));
        }
        for (a, b) in &statement.joins {
            for (use_at, column) in [a, b] {
                if *use_at == at && asked.suits(column) {
                    let key = (column.clone(), false, KeyRole::Joined);
                    if !asked.joined.contains(&key) {
                        asked.joined.push(key);
                    }
                }
            }
        }
        asked.sorted = used
            .order
            .iter()
            .map_while(|(column, falls)| {
                asked.suits(column).then(|| (column.clone(), *falls, KeyRole::Sorted))
            })
            .collect();
        let weight =
            |key: &Key| weights.get(&(table.at, key.0.to_lowercase())).copied().unwrap_or_default();
        for list in [&mut asked.equal, &mut asked.joined, &mut asked.listed] {
            list.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.0.cmp(&b.0)));
        }
        asked
    }

    /// Whether a column is of a type that a btree is built on.
    fn suits(&self, column: &str) -> bool {
        self.table.column(column).is_some_and(|column| {
            let type_name = &*column.type_name;
            let is_document = matches!(type_name, "json" | "jsonb" | "bytea" | "xml" | "tsvector")
                || type_name.ends_with("[]");
            let needs_length = self.engine.family() == "mysql" && is_long_text(type_name);
            column.width <= MAX_KEY_BYTES && !is_document && !needs_length
        })
    }

    fn candidates(&self, found: &mut Vec<Candidate>) {
        let mut sets: Vec<Vec<Key>> = Vec::new();
        let tested: Vec<&Key> = self.equal.iter().chain(&self.listed).collect();
        let singles = tested.iter().copied().chain(&self.joined).chain(&self.ranged);
        sets.extend(singles.map(|key| vec![key.clone()]));
        let ranges: Vec<Option<&Key>> =
            std::iter::once(None).chain(self.ranged.iter().map(Some)).collect();
        for range in &ranges {
            // Equality, then lists, then a range.
            sets.push(keys(tested.iter().copied().chain(*range)));
            for join in &self.joined {
                let begin = std::iter::once(join);
                sets.push(keys(begin.clone().chain(tested.iter().copied()).chain(*range)));
                sets.push(keys(tested.iter().copied().chain(begin.clone()).chain(*range)));
                sets.push(keys(begin.chain(*range)));
            }
            for one in &tested {
                sets.push(keys([*one].into_iter().chain(*range)));
            }
        }
        for (at, join) in self.joined.iter().enumerate() {
            for (other_at, other) in self.joined.iter().enumerate() {
                if at != other_at {
                    sets.push(keys([join, other].into_iter()));
                }
            }
        }
        if !self.sorted.is_empty() {
            let fixed = |key: &&Key| !self.equal.iter().any(|equal| equal.0 == key.0);
            let order = || self.sorted.iter().filter(fixed);
            sets.push(keys(self.equal.iter().chain(order())));
            sets.push(keys(order()));
            sets.push(keys(self.equal.iter().chain(order()).chain(self.ranged.first())));
        }
        for set in sets.iter().filter(|set| !set.is_empty()) {
            self.push(set, &[], None, found);
            self.covering(set, found);
        }
        for (condition, column) in &self.conditions {
            let others = |key: &&Key| key.0 != *column;
            let equal = self.equal.iter().filter(others);
            let whole = keys(
                equal
                    .clone()
                    .chain(self.listed.iter().filter(others))
                    .chain(self.sorted.iter().filter(others))
                    .chain(self.ranged.iter().filter(others).take(1)),
            );
            let joined = self.joined.iter().filter(others).take(1);
            for set in [whole, keys(joined.chain(equal))] {
                if !set.is_empty() && self.engine != Engine::Mysql && self.engine != Engine::Mariadb
                {
                    self.push(&set, &[], Some(condition), found);
                }
            }
        }
        if self.engine == Engine::Postgres {
            self.of_postgres(found);
        }
    }

    /// The same with the few narrow columns that are read besides.
    fn covering(&self, set: &[Key], found: &mut Vec<Candidate>) {
        if self.used.reads_all {
            return;
        }
        let suffix = || self.table.suffix.iter();
        let is_key = |column: &str| {
            set.iter()
                .map(|(key, _, _)| key)
                .chain(suffix())
                .any(|key| key.eq_ignore_ascii_case(column))
        };
        let rest: Vec<_> = self.used.reads.iter().filter(|column| !is_key(column)).collect();
        let is_narrow = |column: &&String| {
            self.table.column(column).is_some_and(|column| column.width <= MAX_STORED_BYTES)
        };
        if rest.is_empty() || rest.len() > MAX_STORED || !rest.iter().all(is_narrow) {
            return;
        }
        match self.engine {
            Engine::Postgres => {
                let include: Vec<_> = rest.into_iter().cloned().collect();
                self.push(set, &include, None, found);
            }
            _ if set.len() + rest.len() <= MAX_KEYS + 1 => {
                let rest = rest.into_iter().map(|column| (column.clone(), false, KeyRole::Read));
                let set: Vec<_> = set.iter().cloned().chain(rest).collect();
                self.push(&set, &[], None, found);
            }
            _ => {}
        }
    }

    /// Other access methods than a btree.
    fn of_postgres(&self, found: &mut Vec<Candidate>) {
        for key in &self.held {
            let type_name = self.table.column(&key.0).map_or("", |column| &*column.type_name);
            if type_name == "jsonb" || type_name == "tsvector" || type_name.ends_with("[]") {
                self.push_by("gin", std::slice::from_ref(key), &[], None, found);
            }
        }
        for key in &self.ranged {
            let order = self.table.column(&key.0).and_then(|column| column.correlation);
            if self.table.pages >= MANY_PAGES && order.is_some_and(|order| order.abs() >= IN_ORDER)
            {
                self.push_by("brin", std::slice::from_ref(key), &[], None, found);
            }
        }
    }

    fn push(
        &self,
        set: &[Key],
        include: &[String],
        predicate: Option<&str>,
        found: &mut Vec<Candidate>,
    ) {
        self.push_by("btree", set, include, predicate, found);
    }

    fn push_by(
        &self,
        method: &'static str,
        set: &[Key],
        include: &[String],
        predicate: Option<&str>,
        found: &mut Vec<Candidate>,
    ) {
        let keys: Vec<(String, bool)> =
            set.iter().map(|(key, falls, _)| (key.clone(), *falls)).collect();
        let share = predicate.map_or(1.0, |predicate| {
            let own = self.used.filters.iter().find(|(filter, _)| {
                condition_of(filter).is_some_and(|condition| condition == predicate)
            });
            own.map_or(1.0, |(_, share)| *share)
        });
        let pages = match method {
            "brin" => (self.table.pages / 5000.0).max(2.0),
            "gin" => self.table.pages * 0.3,
            _ => self.table.index_pages(&keys, include, share),
        };
        let index = IndexModel {
            keys,
            include: include.to_vec(),
            predicate: predicate.map(str::to_owned),
            method,
            is_unique: false,
            pages,
            is_clustered: false,
        };
        if !is_there(self.table, &index) {
            let roles = set.iter().map(|(_, _, role)| *role).collect();
            found.push(Candidate { table: self.table.at, index, roles });
        }
    }
}

/// The first keys of a chain, each column once.
fn keys<'k>(chain: impl Iterator<Item = &'k Key>) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for key in chain {
        if keys.len() < MAX_KEYS && !keys.iter().any(|known| known.0.eq_ignore_ascii_case(&key.0)) {
            keys.push(key.clone());
        }
    }
    keys
}

/// Whether an index that is there begins with the same keys, and has what this one stores.
fn is_there(table: &TableModel, wanted: &IndexModel) -> bool {
    table.indexes.iter().any(|index| {
        index.method == wanted.method
            && (index.predicate.is_none() || index.predicate == wanted.predicate)
            && begins_with(index, wanted)
            && wanted.include.iter().all(|column| {
                let has = |other: &String| other.eq_ignore_ascii_case(column);
                index.include.iter().any(has) || index.keys.iter().any(|(key, _)| has(key))
            })
    })
}

/// Whether the keys of `short` begin those of `long`.
pub fn begins_with(long: &IndexModel, short: &IndexModel) -> bool {
    short.keys.len() <= long.keys.len()
        && long.keys.iter().zip(&short.keys).all(|((a, a_falls), (b, b_falls))| {
            a.eq_ignore_ascii_case(b) && (a_falls == b_falls || short.keys.len() == 1)
        })
}

/// MySQL's types that need a prefix length in an index.
fn is_long_text(type_name: &str) -> bool {
    type_name.ends_with("text") || type_name.ends_with("blob")
}
