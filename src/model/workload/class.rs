//! A query class: every run with one fingerprint, and what is kept of it.

use super::Keep;
use super::attributes::Attributes;
use super::counters::Counters;
use super::examples::{Examples, Place};
use super::incidents::occurrences::Largest;
use super::plans::Plans;
use super::stats::Stats;
use super::tally::{NameId, Names, Share, Tally};
use crate::lang::facts::LiteralFacts;
use crate::lang::id::QueryId;
use std::collections::BTreeMap;

/// Names kept per class and dimension.
pub(super) const CLASS_NAMES: usize = 64;
/// Tag keys kept per class.
const MAX_TAG_KEYS: usize = 16;
/// Server query ids kept per class.
const MAX_SERVER_IDS: usize = 8;

/// The four dimensions of who ran something.
#[derive(Clone, Debug, Default)]
pub struct Dimensions {
    /// By database user.
    pub users: Tally,
    /// By database.
    pub databases: Tally,
    /// By client host.
    pub hosts: Tally,
    /// By application.
    pub apps: Tally,
}

impl Dimensions {
    /// The tallies in the order user, database, host, application.
    pub fn each_mut(&mut self) -> [&mut Tally; 4] {
        [&mut self.users, &mut self.databases, &mut self.hosts, &mut self.apps]
    }

    /// Adds to one name of each dimension that is known.
    pub(super) fn add(
        &mut self,
        names: &Names,
        who: [Option<NameId>; 4],
        share: Share,
        cap: usize,
    ) {
        for (tally, name) in self.each_mut().into_iter().zip(who) {
            if let Some(name) = name {
                tally.add(names, name, share, cap);
            }
        }
    }

    pub(super) fn merge(&mut self, names: &mut Names, other: &Self, theirs: &Names, cap: usize) {
        self.users.merge(names, &other.users, theirs, cap);
        self.databases.merge(names, &other.databases, theirs, cap);
        self.hosts.merge(names, &other.hosts, theirs, cap);
        self.apps.merge(names, &other.apps, theirs, cap);
    }
}

/// Time of the steps before execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PhaseStats {
    /// How many were logged.
    pub count: u64,
    /// Their microseconds.
    pub total_us: u64,
}

impl PhaseStats {
    pub(super) fn add(&mut self, count: u64, total_us: u64) {
        self.count += count;
        self.total_us = self.total_us.saturating_add(total_us);
    }
}

/// Files that a class wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Files {
    /// How many.
    pub count: u64,
    /// All together in bytes.
    pub total_bytes: u64,
    /// The largest in bytes.
    pub max_bytes: u64,
    /// The largest.
    pub largest: Largest,
}

impl Files {
    pub(super) fn add(&mut self, other: Files) {
        self.count += other.count;
        self.total_bytes = self.total_bytes.saturating_add(other.total_bytes);
        self.max_bytes = self.max_bytes.max(other.max_bytes);
        self.largest.merge(other.largest);
    }
}

/// What went wrong with a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Troubles {
    /// Runs that failed.
    pub errors: u64,
    /// Of these, cancelled ones.
    pub cancelled: u64,
    /// Of these, runs that a limit on time ended.
    pub timeouts: u64,
    /// Of these, runs whose time the log shows, and that time. It is in no other number of the
    /// class: such runs log no duration.
    pub lost: PhaseStats,
    /// Its temporary files.
    pub temp_files: Files,
    /// Its waits for locks that ended: number and time.
    pub lock_waits: PhaseStats,
}

impl Troubles {
    fn merge(&mut self, other: Troubles) {
        self.errors += other.errors;
        self.cancelled += other.cancelled;
        self.timeouts += other.timeouts;
        self.lost.add(other.lost.count, other.lost.total_us);
        self.temp_files.add(other.temp_files);
        self.lock_waits.add(other.lock_waits.count, other.lock_waits.total_us);
    }
}

/// A query class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its stable id.
    pub id: QueryId,
    /// The normalised statement, at most 16 KiB.
    pub fingerprint: Box<str>,
    /// The statements were cut in the log; never merged with whole ones.
    pub truncated: bool,
    /// Its numbers.
    pub stats: Stats,
    /// Runs that were prepared.
    pub prepared: u64,
    // Boxed: hardly any class has some.
    troubles: Option<Box<Troubles>>,
    /// Parse steps.
    pub parse: PhaseStats,
    /// Bind steps.
    pub bind: PhaseStats,
    /// Who ran it.
    pub who: Dimensions,
    /// What rules need of the literals.
    pub facts: LiteralFacts,
    /// The kept statements.
    pub examples: Examples,
    /// The server's own query ids, when logged, with calls.
    pub server_ids: BTreeMap<i64, u64>,
    /// Tags by key.
    pub tags: BTreeMap<Box<str>, Tally>,
    // Boxed: of most classes no plan is logged.
    plans: Option<Box<Plans>>,
    // Boxed: PostgreSQL's classes have none.
    attributes: Option<Box<Attributes>>,
    // Boxed: only snapshots tell them.
    counters: Option<Box<Counters>>,
}

impl Class {
    pub(super) fn new(id: QueryId, fingerprint: Box<str>, truncated: bool) -> Self {
        Class {
            id,
            fingerprint,
            truncated,
            stats: Stats::default(),
            prepared: 0,
            troubles: None,
            parse: PhaseStats::default(),
            bind: PhaseStats::default(),
            who: Dimensions::default(),
            facts: LiteralFacts::default(),
            examples: Examples::default(),
            server_ids: BTreeMap::new(),
            tags: BTreeMap::new(),
            plans: None,
            attributes: None,
            counters: None,
        }
    }

    /// What the server itself counted of it.
    pub fn counters(&self) -> &Counters {
        static NONE: Counters = Counters::new();
        self.counters.as_deref().unwrap_or(&NONE)
    }

    pub(super) fn counters_mut(&mut self) -> &mut Counters {
        self.counters.get_or_insert_default()
    }

    /// What the log said about its runs beside text and duration.
    pub fn attributes(&self) -> &Attributes {
        static NONE: Attributes = Attributes::new();
        self.attributes.as_deref().unwrap_or(&NONE)
    }

    pub(super) fn attributes_mut(&mut self) -> &mut Attributes {
        self.attributes.get_or_insert_default()
    }

    /// What went wrong with it.
    pub fn troubles(&self) -> Troubles {
        self.troubles.as_deref().copied().unwrap_or_default()
    }

    /// Its plans.
    pub fn plans(&self) -> &Plans {
        static NONE: Plans = Plans::new();
        self.plans.as_deref().unwrap_or(&NONE)
    }

    pub(super) fn plans_mut(&mut self) -> &mut Plans {
        self.plans.get_or_insert_default()
    }

    /// Lets go of its plans, which stay counted.
    pub(super) fn fold_plans(&mut self) {
        if let Some(plans) = &mut self.plans {
            plans.fold();
        }
    }

    /// Where examples, plans and counters stand, for changing it.
    pub(super) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let files = self.troubles.as_mut().and_then(|t| t.temp_files.largest.place_mut());
        let plans = self.plans.iter_mut().flat_map(|plans| plans.each_place_mut());
        let counters = self.counters.iter_mut().flat_map(|counters| counters.each_place_mut());
        let examples = self.examples.each_mut().map(|e| &mut e.run.place);
        examples.chain(files).chain(plans).chain(counters)
    }

    pub(super) fn troubles_mut(&mut self) -> &mut Troubles {
        self.troubles.get_or_insert_default()
    }

    /// Time that timeouts cost at least, in microseconds: where the log does not show it, as long as
    /// the longest run that was let finish, since the limit was longer.
    pub fn lost_us(&self) -> u64 {
        let Troubles { timeouts, lost, .. } = self.troubles();
        let unseen = timeouts.saturating_sub(lost.count);
        lost.total_us.saturating_add(unseen.saturating_mul(self.stats.max_us))
    }

    /// What the class cost, in microseconds: its logged time, and the time that timeouts lost, so
    /// that a class of which nothing was ever let finish does not rank last.
    ///
    /// Where the log took only some of the runs, its estimate of all.
    pub fn cost_us(&self) -> u64 {
        self.stats.estimate().total_us.saturating_add(self.lost_us())
    }

    /// Adds a server query id; the smallest ids are kept.
    pub(super) fn add_server_id(&mut self, id: i64, calls: u64) {
        if let Some(mine) = self.server_ids.get_mut(&id) {
            *mine += calls;
            return;
        }
        self.server_ids.insert(id, calls);
        if self.server_ids.len() > MAX_SERVER_IDS {
            self.server_ids.pop_last();
        }
    }

    /// The tally of a tag key, when there is room for it (the smallest keys stay).
    pub(super) fn tag_tally(&mut self, key: &str) -> Option<&mut Tally> {
        if !self.tags.contains_key(key) {
            self.tags.insert(key.into(), Tally::default());
            if self.tags.len() > MAX_TAG_KEYS {
                self.tags.pop_last();
            }
        }
        self.tags.get_mut(key)
    }

    /// Adds all of another part of the same class.
    pub(super) fn merge(&mut self, names: &mut Names, other: Class, theirs: &Names) {
        self.stats.merge(&other.stats);
        self.prepared += other.prepared;
        if let Some(troubles) = other.troubles {
            self.troubles_mut().merge(*troubles);
        }
        self.parse.add(other.parse.count, other.parse.total_us);
        self.bind.add(other.bind.count, other.bind.total_us);
        self.who.merge(names, &other.who, theirs, CLASS_NAMES);
        self.facts.merge(&other.facts);
        self.examples.merge(other.examples);
        for (id, calls) in other.server_ids {
            self.add_server_id(id, calls);
        }
        for (key, tally) in &other.tags {
            if let Some(mine) = self.tag_tally(key) {
                mine.merge(names, tally, theirs, Keep::TAG_VALUES);
            }
        }
        if let Some(plans) = other.plans {
            self.plans_mut().merge(*plans);
        }
        if let Some(counters) = other.counters {
            self.counters_mut().merge(*counters);
        }
        if let Some(attributes) = &other.attributes {
            self.attributes_mut().merge(names, attributes, theirs);
        }
    }

    /// Makes every name refer to another table.
    pub(super) fn move_names(&mut self, from: &Names, to: &mut Names) {
        for tally in self.who.each_mut().into_iter().chain(self.tags.values_mut()) {
            tally.move_names(from, to);
        }
        if let Some(attributes) = &mut self.attributes {
            attributes.move_names(from, to);
        }
    }
}
