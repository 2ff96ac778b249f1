//! The workload of one server: classes, totals and incidents, built from events and merged exactly.
//!
//! [`Workload::add`] is the only way in, and the place where literals stay outside: statements are
//! fingerprinted here, and every text that is kept is masked first unless the user asked for it.

pub mod attributes;
mod capped;
pub mod class;
pub mod concurrency;
pub mod counters;
pub mod distinct;
pub mod examples;
pub mod groups;
mod happening;
pub mod histogram;
pub mod incidents;
mod ingest;
pub mod planned;
pub mod plans;
pub mod running;
pub mod stats;
pub mod tally;
pub(super) mod threshold;
pub mod timeline;

use crate::lang::Language;
use crate::lang::fingerprint::Fingerprinter;
use crate::lang::id::QueryId;
use crate::model::catalog::Catalog;
use crate::model::event::Apart;
use crate::time::Timestamp;
use attributes::Attributes;
use class::{Class, Dimensions, PhaseStats};
use distinct::Distinct;
use examples::Place;
use groups::Groups;
use hashbrown::HashMap;
use incidents::Incidents;
use planned::Planned;
use plans::Plans;
use running::Running;
use stats::Stats;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tally::{NameId, Names};
use threshold::Threshold;
use xxhash_rust::xxh3::xxh3_64;

/// Classes kept before those with the largest ids are folded.
pub const MAX_CLASSES: usize = 1_000_000;
/// Classes that keep plans before those with the largest ids count theirs only.
pub const MAX_PLANNED: usize = 10_000;
/// Names kept per dimension over the whole workload.
const WORKLOAD_NAMES: usize = 1000;

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
    /// What an attribute of words or a flag says, by its name in lower case.
    Attribute(String),
}

/// What is kept, and how: decided before anything is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keep {
    /// Keep every plan, not only the slowest of each shape.
    pub every_plan: bool,
    /// Keep literals in examples (the user asked).
    pub literals: bool,
    /// A run of at least this many microseconds is a slow query.
    pub slow_from_us: u64,
    /// A second grouping beside classes.
    pub group_by: Option<GroupKey>,
    /// Classes kept; past it, those with the largest ids are folded.
    pub max_classes: usize,
    /// Classes that keep plans; past it, those with the largest ids count theirs only.
    pub max_planned: usize,
}

impl Keep {
    /// Values kept of one tag in one class.
    pub(super) const TAG_VALUES: usize = 32;
}

impl Default for Keep {
    fn default() -> Self {
        Keep {
            every_plan: false,
            literals: false,
            slow_from_us: 500_000,
            group_by: None,
            max_classes: MAX_CLASSES,
            max_planned: MAX_PLANNED,
        }
    }
}

/// The workload of one server, as one view of it tells.
pub struct Workload {
    keep: Keep,
    family: &'static str,
    language: Language,
    names: Names,
    names_next_prune: usize,
    classes: Vec<Class>,
    index: HashMap<QueryId, u32>,
    /// Classes by the fingerprinter's number of their text; valid while `classes` keeps its order.
    known: Vec<(u64, u32)>,
    threshold: Threshold,
    folded: Stats,
    /// The sum over all classes, made when it is asked for.
    overall: OnceLock<Stats>,
    who: Dimensions,
    groups: Groups,
    parse: PhaseStats,
    bind: PhaseStats,
    orphans: PhaseStats,
    plans: PhaseStats,
    /// Plans that belong to no class: nothing tells their statements.
    loose_plans: Plans,
    planned: Planned,
    /// What the same inputs say of the server's catalog.
    catalog: Catalog,
    /// Runs that the server did not log one by one.
    suppressed: PhaseStats,
    /// Operations that are no queries of a user.
    apart: BTreeMap<Apart, PhaseStats>,
    sessions: Distinct,
    /// Saves looking the same session up again.
    last_session: u64,
    /// The same for the names of who ran something.
    last_who: [Option<NameId>; 4],
    running: Running,
    /// A sample of runs by end second and duration: shows two logs to be views of one workload.
    marks: Distinct,
    incidents: Incidents,
    version: Option<(Option<Timestamp>, Box<str>)>,
    fingerprinter: Fingerprinter,
    scratch: String,
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workload of {} classes", self.classes.len())
    }
}

impl Workload {
    /// An empty workload of an engine family.
    pub fn new(family: &'static str, language: Language, keep: Keep) -> Self {
        Workload {
            keep,
            family,
            language,
            names: Names::default(),
            names_next_prune: 65_536,
            classes: Vec::new(),
            index: HashMap::new(),
            known: Vec::new(),
            threshold: Threshold::default(),
            folded: Stats::default(),
            overall: OnceLock::new(),
            who: Dimensions::default(),
            groups: Groups::default(),
            parse: PhaseStats::default(),
            bind: PhaseStats::default(),
            orphans: PhaseStats::default(),
            plans: PhaseStats::default(),
            loose_plans: Plans::default(),
            planned: Planned::default(),
            catalog: Catalog::default(),
            suppressed: PhaseStats::default(),
            apart: BTreeMap::new(),
            sessions: Distinct::with_capacity(65_536),
            last_session: 0,
            last_who: [None; 4],
            running: Running::default(),
            marks: Distinct::with_capacity(4096),
            incidents: Incidents::default(),
            version: None,
            fingerprinter: Fingerprinter::new(language),
            scratch: String::new(),
        }
    }

    /// How many classes are kept.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// Takes everything that was added; what is kept for speed stays.
    pub fn drain(&mut self) -> Workload {
        let mut empty = Workload::new(self.family, self.language, self.keep.clone());
        std::mem::swap(&mut empty.fingerprinter, &mut self.fingerprinter);
        self.known.clear();
        std::mem::replace(self, empty)
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
        self.threshold.halve();
        self.known.clear();
        let threshold = self.threshold;
        let folded = &mut self.folded;
        self.classes.retain(|class| {
            let stays = threshold.keeps(class.id.0);
            if !stays {
                folded.merge(&class.stats);
            }
            stays
        });
        self.index =
            self.classes.iter().enumerate().map(|(at, class)| (class.id, at as u32)).collect();
        self.count_planned();
    }

    /// Drops names that nothing refers to any more, so that strangers' names cannot pile up.
    fn prune_names(&mut self) {
        let old = std::mem::take(&mut self.names);
        self.last_who = [None; 4];
        let new = &mut self.names;
        self.classes.iter_mut().for_each(|class| class.move_names(&old, new));
        self.who.each_mut().into_iter().for_each(|tally| tally.move_names(&old, new));
        self.incidents.connections.move_names(&old, new);
        self.names_next_prune = (2 * new.len()).max(65_536);
    }

    /// Adds all of another workload of the same server.
    pub fn merge(&mut self, other: Workload) {
        while self.threshold.is_above(other.threshold) {
            self.halve();
        }
        self.lower_planned(&other);
        self.folded.merge(&other.folded);
        self.overall.take();
        self.who.merge(&mut self.names, &other.who, &other.names, WORKLOAD_NAMES);
        self.groups.merge(other.groups);
        self.parse.add(other.parse.count, other.parse.total_us);
        self.bind.add(other.bind.count, other.bind.total_us);
        self.orphans.add(other.orphans.count, other.orphans.total_us);
        self.plans.add(other.plans.count, other.plans.total_us);
        self.loose_plans.merge(other.loose_plans);
        self.suppressed.add(other.suppressed.count, other.suppressed.total_us);
        for (why, theirs) in &other.apart {
            self.apart.entry(*why).or_default().add(theirs.count, theirs.total_us);
        }
        self.catalog.merge(other.catalog);
        self.sessions.merge(&other.sessions);
        self.running.merge(other.running);
        self.marks.merge(&other.marks);
        self.incidents.merge(&mut self.names, other.incidents, &other.names);
        self.version = self.version.take().max(other.version);
        for mut class in other.classes {
            if !self.may_keep_plans(class.id.0) {
                class.fold_plans();
            }
            match self.index.get(&class.id) {
                Some(at) => {
                    let mine = &mut self.classes[*at as usize];
                    let had = mine.plans().has_shapes();
                    mine.merge(&mut self.names, class, &other.names);
                    self.planned.add(!had && mine.plans().has_shapes());
                }
                None if self.threshold.keeps(class.id.0) => {
                    class.move_names(&other.names, &mut self.names);
                    self.planned.add(class.plans().has_shapes());
                    self.insert(class);
                }
                None => self.folded.merge(&class.stats),
            }
        }
        self.fold_plans();
    }

    /// Gives the sources that examples refer to new ranks, by their old ones.
    pub fn renumber(&mut self, ranks: &[u32]) {
        let renumber = |place: &mut Place| {
            if let Some(rank) = ranks.get(place.source as usize) {
                place.source = *rank;
            }
        };
        for class in &mut self.classes {
            class.each_place_mut().for_each(renumber);
        }
        self.incidents.each_place_mut().for_each(renumber);
        self.loose_plans.each_place_mut().for_each(renumber);
        self.catalog.each_place_mut(&mut |place| renumber(place));
    }

    /// Takes what is known of the catalog.
    pub fn take_catalog(&mut self) -> Catalog {
        std::mem::take(&mut self.catalog)
    }

    /// The classes with at least one run, or with one that a timeout ended: those that cost most
    /// first, then most calls, then by id.
    pub fn ranked(&self) -> Vec<&Class> {
        let ran = |c: &&Class| c.stats.calls > 0 || c.troubles().timeouts > 0;
        let mut classes: Vec<_> = self.classes.iter().filter(ran).collect();
        classes.sort_by_key(|c| (std::cmp::Reverse((c.cost_us(), c.stats.calls)), c.id));
        classes
    }

    /// All classes that anything was logged of, runs or not, in no order.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// A class by its id.
    pub fn class(&self, id: QueryId) -> Option<&Class> {
        self.index.get(&id).map(|at| &self.classes[*at as usize])
    }

    /// All runs together.
    pub fn overall(&self) -> &Stats {
        self.overall.get_or_init(|| {
            let mut all = self.folded.clone();
            self.classes.iter().for_each(|class| all.merge(&class.stats));
            all
        })
    }

    /// Runs of classes that were folded because there were too many.
    pub fn folded(&self) -> &Stats {
        &self.folded
    }

    /// All runs by user, database, host and application.
    pub fn who(&self) -> &Dimensions {
        &self.who
    }

    /// The names that tallies and examples refer to.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The second grouping; empty unless one was asked for.
    pub fn groups(&self) -> &Groups {
        &self.groups
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

    /// Runs that the server did not log one by one, in no other number.
    pub fn suppressed(&self) -> PhaseStats {
        self.suppressed
    }

    /// Operations that are in no class and in no other number: how many, and their time.
    pub fn apart(&self) -> impl Iterator<Item = (Apart, PhaseStats)> {
        self.apart.iter().map(|(why, stats)| (*why, *stats))
    }

    /// The attributes of all runs of classes that are kept.
    pub fn attributes(&self) -> (Names, Attributes) {
        let (mut names, mut all) = (Names::default(), Attributes::default());
        for class in &self.classes {
            all.merge(&mut names, class.attributes(), &self.names);
        }
        (names, all)
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

/// Room for one more: most classes have one or two of anything, and a vector would take four.
fn reserve_few<T>(list: &mut Vec<T>) {
    if list.len() < 4 {
        list.reserve_exact(1);
    }
}

/// One well-mixed number of two.
fn mix(a: u64, b: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a.to_le_bytes());
    bytes[8..].copy_from_slice(&b.to_le_bytes());
    xxh3_64(&bytes)
}
