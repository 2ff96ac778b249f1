//! The workload of one server: classes, totals and incidents, built from events and merged exactly.
//!
//! [`Workload::add`] is the only way in, and the place where literals stay outside: statements are
//! fingerprinted here, and every text that is kept is masked first unless the user asked for it.

pub mod class;
pub mod distinct;
pub mod examples;
pub mod histogram;
pub mod incidents;
pub mod stats;
pub mod tally;
pub mod timeline;

use super::event::{Event, Incident, Kind, Phase, Statement, Who};
use super::filter::Filter;
use crate::lang::id::QueryId;
use crate::lang::literals::mask_sql;
use crate::lang::sql::facts::LiteralFacts;
use crate::lang::sql::fingerprint::Fingerprinter;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::tags::tags;
use crate::time::Timestamp;
use class::{CLASS_NAMES, Class, Dimensions, PhaseStats, PlanCapture};
use distinct::Distinct;
use examples::{Example, Place, Run, head_and_tail};
use hashbrown::HashMap;
use incidents::{ErrorRecord, Incidents};
use stats::Stats;
use std::collections::BTreeMap;
use tally::{NameId, Names, Share, Tally};
use xxhash_rust::xxh3::xxh3_64;

/// Classes kept before those with the largest ids are folded.
pub const MAX_CLASSES: usize = 1_000_000;
/// Names kept per dimension over the whole workload.
const WORKLOAD_NAMES: usize = 1000;
/// Values of a tag kept over the whole workload before it counts as one of high cardinality.
const GROUPS: usize = 10_000;

/// A dimension that runs can be grouped by beside their class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupKey {
    /// Database user.
    User,
    /// Client host.
    Host,
    /// Database.
    Database,
    /// Application.
    App,
    /// The value of a comment tag.
    Tag(String),
}

/// What is kept, and how: decided before anything is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keep {
    /// Keep literals in examples (the user asked).
    pub literals: bool,
    /// A run of at least this many microseconds is a slow query.
    pub slow_from_us: u64,
    /// A second grouping beside classes.
    pub group_by: Option<GroupKey>,
    /// Classes kept; past it, those with the largest ids are folded.
    pub max_classes: usize,
}

impl Keep {
    /// Values kept of one tag in one class.
    pub(super) const TAG_VALUES: usize = 32;
}

impl Default for Keep {
    fn default() -> Self {
        Keep {
            literals: false,
            slow_from_us: 500_000,
            group_by: None,
            max_classes: MAX_CLASSES,
        }
    }
}

/// The workload of one server, as one view of it tells.
pub struct Workload {
    keep: Keep,
    family: &'static str,
    dialect: Dialect,
    names: Names,
    names_next_prune: usize,
    classes: Vec<Class>,
    index: HashMap<QueryId, u32>,
    halvings: u32,
    folded: Stats,
    overall: Stats,
    who: Dimensions,
    tags: BTreeMap<Box<str>, Tally>,
    groups: HashMap<NameId, Stats>,
    ungrouped: Stats,
    parse: PhaseStats,
    bind: PhaseStats,
    orphans: PhaseStats,
    plans: PhaseStats,
    sessions: Distinct,
    /// A sample of runs by end second and duration: shows two logs to be views of one workload.
    marks: Distinct,
    incidents: Incidents,
    version: Option<(Option<Timestamp>, Box<str>)>,
    fingerprinter: Fingerprinter,
    scratch: String,
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workload of {} classes, {} calls", self.classes.len(), self.overall.calls)
    }
}

impl Workload {
    /// An empty workload of an engine family.
    pub fn new(family: &'static str, dialect: Dialect, keep: Keep) -> Self {
        Workload {
            keep,
            family,
            dialect,
            names: Names::default(),
            names_next_prune: 65_536,
            classes: Vec::new(),
            index: HashMap::new(),
            halvings: 0,
            folded: Stats::default(),
            overall: Stats::default(),
            who: Dimensions::default(),
            tags: BTreeMap::new(),
            groups: HashMap::new(),
            ungrouped: Stats::default(),
            parse: PhaseStats::default(),
            bind: PhaseStats::default(),
            orphans: PhaseStats::default(),
            plans: PhaseStats::default(),
            sessions: Distinct::with_capacity(65_536),
            marks: Distinct::with_capacity(4096),
            incidents: Incidents::default(),
            version: None,
            fingerprinter: Fingerprinter::new(dialect),
            scratch: String::new(),
        }
    }

    /// Adds one event of a source (by its rank), if it passes the filter. Returns whether it did.
    pub fn add(&mut self, event: &Event<'_>, source: u32, filter: &Filter) -> bool {
        if !filter.passes(event) {
            return false;
        }
        let place = Place { source, offset: event.offset, line_in_chunk: event.line };
        let time = event.time;
        let passed = match &event.kind {
            Kind::Statement(statement) => self.add_run(statement, event, place, filter),
            Kind::Phase { phase, text, duration_us } => {
                self.class_of(text, false, filter).is_some_and(|(at, _, _)| {
                    let class = &mut self.classes[at];
                    let (mine, whole) = match phase {
                        Phase::Parse => (&mut class.parse, &mut self.parse),
                        Phase::Bind => (&mut class.bind, &mut self.bind),
                    };
                    mine.add(1, *duration_us);
                    whole.add(1, *duration_us);
                    true
                })
            }
            Kind::Plan { query, plan, format, duration_us, mask } => {
                let keep = self.keep.literals;
                let make = |time| PlanCapture {
                    duration_us: *duration_us,
                    time,
                    place,
                    format,
                    text: match keep {
                        true => String::from_utf8_lossy(plan).into(),
                        false => mask(plan).into(),
                    },
                };
                self.add_plan(query, *duration_us, (time, place), make, filter)
            }
            Kind::Version(version) => {
                let version = (time, String::from_utf8_lossy(version).into());
                self.version = self.version.take().max(Some(version));
                true
            }
            Kind::Error { severity, code, message, statement, cancelled } => {
                let class = match statement {
                    Some(text) => match self.class_of(text, false, filter) {
                        Some((at, _, _)) => {
                            let class = &mut self.classes[at];
                            class.errors += 1;
                            class.cancelled += u64::from(*cancelled);
                            Some(class.id)
                        }
                        None if filter.selects_statements() => return false,
                        None => None,
                    },
                    None if filter.selects_statements() => return false,
                    None => None,
                };
                let error =
                    ErrorRecord { severity, code, message, time, place, statement: class };
                self.incidents.add_error(&error, &mut self.scratch);
                if *cancelled {
                    self.incidents.cancelled.add(time, 0);
                }
                true
            }
            Kind::OrphanDuration { .. } | Kind::Incident(_) if filter.selects_statements() => false,
            Kind::OrphanDuration { duration_us } => {
                self.orphans.add(1, *duration_us);
                true
            }
            Kind::Incident(incident) => {
                self.add_incident(*incident, time);
                true
            }
        };
        if passed && event.who.session != 0 {
            self.sessions.add(event.who.session);
        }
        passed
    }

    fn add_run(
        &mut self,
        run: &Statement<'_>,
        event: &Event<'_>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        if !filter.passes_run(&run.text, run.duration_us) {
            return false;
        }
        let slow = self.keep.slow_from_us;
        let Some((at, facts, comment)) = self.class_of(&run.text, run.cut, filter) else {
            // Folded: counted in the whole, in no class.
            self.overall.add(event.time, run.duration_us, slow);
            self.folded.add(event.time, run.duration_us, slow);
            return true;
        };
        if let (Some(time), Some(us)) = (event.time, run.duration_us) {
            let second = time.0.div_euclid(1_000_000);
            self.marks.add(mix(second as u64, us));
        }
        let who = self.who_ids(&event.who);
        let share = Share { calls: 1, total_us: run.duration_us.unwrap_or(0) };
        self.overall.add(event.time, run.duration_us, slow);
        let class = &mut self.classes[at];
        class.stats.add(event.time, run.duration_us, slow);
        class.facts.merge(&facts);
        for ((mine, whole), name) in
            class.who.each_mut().into_iter().zip(self.who.each_mut()).zip(who)
        {
            if let Some(name) = name {
                mine.add(&self.names, name, share, CLASS_NAMES);
                whole.add(&self.names, name, share, WORKLOAD_NAMES);
            }
        }
        if run.server_query_id != 0 {
            class.add_server_id(run.server_query_id, 1);
        }
        let tags = comment.map_or_else(Vec::new, |span| tags(&run.text[span]));
        for (key, value) in &tags {
            let value = self.names.id(value.as_bytes());
            if let Some(tally) = class.tag_tally(key) {
                tally.add(&self.names, value, share, Keep::TAG_VALUES);
            }
            let whole = self.tags.entry(key.as_str().into()).or_default();
            whole.add(&self.names, value, share, WORKLOAD_NAMES);
        }
        while self.tags.len() > 64 {
            self.tags.pop_last();
        }
        if self.keep.group_by.is_some() {
            self.add_to_group(who, &tags, event.time, run.duration_us);
        }
        let candidate = Run { duration_us: run.duration_us, time: event.time, place };
        let (keep, dialect, scratch) = (self.keep.literals, self.dialect, &mut self.scratch);
        self.classes[at].examples.offer(candidate, || {
            let text = kept_text(&run.text, keep, dialect, scratch);
            Example {
                run: candidate,
                text,
                logged_bytes: run.text.len() as u64,
                parameters: run
                    .parameters
                    .as_ref()
                    .filter(|_| keep)
                    .map(|p| head_and_tail(&String::from_utf8_lossy(p))),
                who,
                tags: tags.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect(),
            }
        });
        if self.names.len() > self.names_next_prune {
            self.prune_names();
        }
        true
    }

    fn add_to_group(
        &mut self,
        [user, database, host, app]: [Option<NameId>; 4],
        tags: &[(String, String)],
        time: Option<Timestamp>,
        duration_us: Option<u64>,
    ) {
        let name = match &self.keep.group_by {
            Some(GroupKey::User) => user,
            Some(GroupKey::Database) => database,
            Some(GroupKey::Host) => host,
            Some(GroupKey::App) => app,
            Some(GroupKey::Tag(key)) => {
                let value = tags.iter().find(|(k, _)| k == key).map(|(_, v)| v);
                value.map(|v| self.names.id(v.as_bytes()))
            }
            None => return,
        };
        let full = self.groups.len() >= GROUPS;
        let slow = self.keep.slow_from_us;
        match name {
            Some(name) if !full || self.groups.contains_key(&name) => {
                self.groups.entry(name).or_default().add(time, duration_us, slow);
            }
            _ => self.ungrouped.add(time, duration_us, slow),
        }
    }

    fn add_plan(
        &mut self,
        query: &[u8],
        duration_us: u64,
        (time, place): (Option<Timestamp>, Place),
        make: impl FnOnce(Option<Timestamp>) -> PlanCapture,
        filter: &Filter,
    ) -> bool {
        let Some((at, _, _)) = self.class_of(query, false, filter) else { return false };
        self.plans.add(1, duration_us);
        let plans = &mut self.classes[at].plans;
        plans.count += 1;
        plans.total_us = plans.total_us.saturating_add(duration_us);
        if plans.wants(duration_us, time, place) {
            plans.slowest = Some(Box::new(make(time)));
        }
        true
    }

    fn add_incident(&mut self, incident: Incident, time: Option<Timestamp>) {
        let all = &mut self.incidents;
        match incident {
            Incident::ConnectionReceived => all.received.add(time, 0),
            Incident::ConnectionAuthorized => all.authorized.add(time, 0),
            Incident::ConnectionRefused => all.refused.add(time, 0),
            Incident::Disconnected => all.disconnected.add(time, 0),
            Incident::LockWait { waited_us } => all.lock_waits.add(time, waited_us),
            Incident::Deadlock => all.deadlocks.add(time, 0),
            Incident::TempFile { size_bytes } => all.temp_files.add(time, size_bytes),
            Incident::Checkpoint { total_us } => all.checkpoints.add(time, total_us),
            Incident::Autovacuum { elapsed_us } => all.autovacuum.add(time, elapsed_us),
        }
    }

    /// The class of a statement, made when new; `None` when it is filtered or folded. Also what the
    /// statement's literals were, and where its first comment stands.
    fn class_of(
        &mut self,
        text: &[u8],
        cut: bool,
        filter: &Filter,
    ) -> Option<(usize, LiteralFacts, Option<std::ops::Range<usize>>)> {
        let print = self.fingerprinter.run(text);
        let truncated = cut || print.truncated;
        let id = QueryId::new(self.family, print.text, truncated);
        if !filter.passes_class(id) {
            return None;
        }
        let facts = print.facts;
        let comment = print.comments().first().map(|(start, end)| *start..*end);
        let at = match self.index.get(&id) {
            Some(at) => *at as usize,
            None if id.0 <= threshold(self.halvings) => {
                let class = Class::new(id, print.display_text().into(), truncated);
                self.insert(class)?
            }
            None => return None,
        };
        Some((at, facts, comment))
    }

    fn insert(&mut self, class: Class) -> Option<usize> {
        let id = class.id;
        self.index.insert(id, self.classes.len() as u32);
        self.classes.push(class);
        if self.classes.len() > self.keep.max_classes {
            while self.classes.len() > self.keep.max_classes {
                self.halve();
            }
            return self.index.get(&id).map(|at| *at as usize);
        }
        Some(self.classes.len() - 1)
    }

    /// Folds the classes with the larger half of the ids that are left.
    fn halve(&mut self) {
        self.halvings += 1;
        let threshold = threshold(self.halvings);
        let folded = &mut self.folded;
        self.classes.retain(|class| {
            let stays = class.id.0 <= threshold;
            if !stays {
                folded.merge(&class.stats);
            }
            stays
        });
        self.index =
            self.classes.iter().enumerate().map(|(at, class)| (class.id, at as u32)).collect();
    }

    fn who_ids(&mut self, who: &Who<'_>) -> [Option<NameId>; 4] {
        [who.user, who.database, who.host, who.app].map(|name| name.map(|n| self.names.id(n)))
    }

    /// Drops names that nothing refers to any more, so that strangers' names cannot pile up.
    fn prune_names(&mut self) {
        let old = std::mem::take(&mut self.names);
        let new = &mut self.names;
        self.classes.iter_mut().for_each(|class| class.move_names(&old, new));
        self.who.each_mut().into_iter().for_each(|tally| tally.move_names(&old, new));
        self.tags.values_mut().for_each(|tally| tally.move_names(&old, new));
        self.groups = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(id, stats)| (new.id(old.text(id).as_bytes()), stats))
            .collect();
        self.names_next_prune = (2 * new.len()).max(65_536);
    }

    /// Adds all of another workload of the same server.
    pub fn merge(&mut self, other: Workload) {
        while self.halvings < other.halvings {
            self.halve();
        }
        self.folded.merge(&other.folded);
        self.overall.merge(&other.overall);
        self.who.merge(&mut self.names, &other.who, &other.names, WORKLOAD_NAMES);
        for (key, tally) in &other.tags {
            let mine = self.tags.entry(key.clone()).or_default();
            mine.merge(&mut self.names, tally, &other.names, WORKLOAD_NAMES);
        }
        while self.tags.len() > 64 {
            self.tags.pop_last();
        }
        for (id, stats) in &other.groups {
            let name = self.names.id(other.names.text(*id).as_bytes());
            self.groups.entry(name).or_default().merge(stats);
        }
        self.ungrouped.merge(&other.ungrouped);
        self.parse.add(other.parse.count, other.parse.total_us);
        self.bind.add(other.bind.count, other.bind.total_us);
        self.orphans.add(other.orphans.count, other.orphans.total_us);
        self.plans.add(other.plans.count, other.plans.total_us);
        self.sessions.merge(&other.sessions);
        self.marks.merge(&other.marks);
        self.incidents.merge(other.incidents);
        self.version = self.version.take().max(other.version);
        for mut class in other.classes {
            match self.index.get(&class.id) {
                Some(at) => {
                    self.classes[*at as usize].merge(&mut self.names, class, &other.names);
                }
                None if class.id.0 <= threshold(self.halvings) => {
                    class.move_names(&other.names, &mut self.names);
                    self.insert(class);
                }
                None => self.folded.merge(&class.stats),
            }
        }
    }

    /// Gives the sources that examples refer to new ranks, by their old ones.
    pub fn renumber(&mut self, ranks: &[u32]) {
        let renumber = |place: &mut Place| {
            if let Some(rank) = ranks.get(place.source as usize) {
                place.source = *rank;
            }
        };
        for class in &mut self.classes {
            class.examples.each_mut().for_each(|example| renumber(&mut example.run.place));
            if let Some(plan) = &mut class.plans.slowest {
                renumber(&mut plan.place);
            }
        }
        self.incidents.each_place_mut().for_each(renumber);
    }

    /// The classes with at least one run, most total time first, then most calls, then by id.
    pub fn ranked(&self) -> Vec<&Class> {
        let mut classes: Vec<_> = self.classes.iter().filter(|c| c.stats.calls > 0).collect();
        classes.sort_by_key(|c| {
            (std::cmp::Reverse((c.stats.total_us, c.stats.calls)), c.id)
        });
        classes
    }

    /// A class by its id.
    pub fn class(&self, id: QueryId) -> Option<&Class> {
        self.index.get(&id).map(|at| &self.classes[*at as usize])
    }

    /// All runs together.
    pub fn overall(&self) -> &Stats {
        &self.overall
    }

    /// Runs of classes that were folded because there were too many.
    pub fn folded(&self) -> &Stats {
        &self.folded
    }

    /// All runs by user, database, host and application.
    pub fn who(&self) -> &Dimensions {
        &self.who
    }

    /// All runs by the values of each comment tag.
    pub fn tags(&self) -> &BTreeMap<Box<str>, Tally> {
        &self.tags
    }

    /// The names that tallies and examples refer to.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The second grouping, if one was asked for: value and numbers, most time first; last, without
    /// a name, the runs that have no value.
    pub fn groups(&self) -> Vec<(Option<&str>, &Stats)> {
        let mut groups: Vec<_> =
            self.groups.iter().map(|(id, s)| (Some(self.names.text(*id)), s)).collect();
        groups.sort_by_key(|(name, s)| (std::cmp::Reverse((s.total_us, s.calls)), *name));
        if self.ungrouped.calls > 0 {
            groups.push((None, &self.ungrouped));
        }
        groups
    }

    /// Parse steps, kept apart from queries.
    pub fn parse(&self) -> PhaseStats {
        self.parse
    }

    /// Bind steps, kept apart from queries.
    pub fn bind(&self) -> PhaseStats {
        self.bind
    }

    /// Durations for which no statement was found.
    pub fn orphans(&self) -> PhaseStats {
        self.orphans
    }

    /// Plans that were logged, never queries.
    pub fn plans(&self) -> PhaseStats {
        self.plans
    }

    /// The share of runs that also stand in another workload, by end second and duration: near 1
    /// when both are views of the same runs.
    pub fn overlap(&self, other: &Workload) -> f64 {
        self.marks.overlap(&other.marks)
    }

    /// How many sessions ran something.
    pub fn sessions(&self) -> &Distinct {
        &self.sessions
    }

    /// The version the server last said it was.
    pub fn version(&self) -> Option<&str> {
        self.version.as_ref().map(|(_, version)| &**version)
    }

    /// What happened beside queries.
    pub fn incidents(&self) -> &Incidents {
        &self.incidents
    }
}

fn threshold(halvings: u32) -> u64 {
    u64::MAX.checked_shr(halvings).unwrap_or(0)
}

/// One well-mixed number of two.
fn mix(a: u64, b: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a.to_le_bytes());
    bytes[8..].copy_from_slice(&b.to_le_bytes());
    xxh3_64(&bytes)
}

/// The text of an example: masked unless literals are kept, and cut to its limit.
fn kept_text(text: &[u8], keep: bool, dialect: Dialect, scratch: &mut String) -> Box<str> {
    if keep {
        return head_and_tail(&String::from_utf8_lossy(text));
    }
    scratch.clear();
    mask_sql(text, dialect, scratch);
    head_and_tail(scratch)
}
