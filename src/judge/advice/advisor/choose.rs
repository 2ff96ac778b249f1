//! The greedy choice: the candidate that takes most off what is left of the load, again and again,
//! until none takes off a part worth its cost. A wider index takes the place of one that it begins
//! with.

use super::candidates::{self, Candidate, begins_with};
use super::measured::Measured;
use super::order::{self, World};
use super::statement::{self, Names, Statement};
use super::tables::{self, IndexModel, SizeSource, TableModel};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::lang::sql::demand::Demand;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use std::collections::BTreeMap;

/// Indexes that are advised together: more are not looked at by anyone, nor built.
const MAX_INDEXES: usize = 10;
/// … and on one table.
const MAX_PER_TABLE: usize = 3;
/// What they may take, as a part of the tables that the statements use.
const MAX_BYTES_SHARE: f64 = 0.35;
/// The part of what is left of the load that an index has to take off.
const LEAST_OF_REST: f64 = 0.01;
/// The part of all logged time that it has to.
const LEAST_OF_LOGGED: f64 = 0.01;
/// Classes that are looked at: those that cost most.
const MAX_CLASSES: usize = 200;
/// What a write to one more index costs, in microseconds; and where a column of it is set, so that
/// the row cannot stay where it is.
const WRITE_US: f64 = 20.0;
const UPDATE_US: f64 = 60.0;
/// How much the room that an index needs counts against what it takes off: one as large as its table
/// has to take off so many times more to be worth it at all, and to come before another.
const ROOM_PRICE: f64 = 12.0;
const RANK_PRICE: f64 = 2.0;
/// How far costs are believed: the less, the more pages are still there to be saved where the estimate
/// says that hardly any are left. Estimates of rows are off by orders of magnitude more often than not.
const CERTAINTY: f64 = 0.6;
/// Rows that a server reads in a microsecond, at most.
const ROWS_PER_US: f64 = 5.0;
/// The part of its cost that an index takes off a class which it serves.
const SERVES_FROM: f64 = 0.05;

/// A class that an advised index serves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Served {
    /// Its place among [`Evidence::classes`].
    pub class: usize,
    /// The part of its time that the index takes off by itself, as estimated.
    pub part: f64,
}

/// An index that should be built.
#[derive(Clone, Debug)]
pub struct Advised {
    /// What it is.
    pub candidate: Candidate,
    /// The classes that it serves, those that gain most first.
    pub serves: Vec<Served>,
    /// The part of the server's load that it takes off, as estimated, behind those that were chosen
    /// before it.
    pub load_share: f64,
    /// Its size in bytes, as estimated.
    pub size_bytes: f64,
    /// Where the size of its table is known from.
    pub size: SizeSource,
    /// Logged runs that set one of its columns.
    pub updates: u64,
    /// Keys of indexes that it makes needless.
    pub replaces: Vec<Vec<(String, bool)>>,
}

/// The set of indexes that a server should get.
pub fn advise(evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Advised> {
    let names = Names::of(evidence, server);
    let classes: Vec<(usize, Demand)> = evidence
        .classes
        .iter()
        .enumerate()
        .filter(|(_, class)| class.server.label == server.label)
        .filter(|(_, class)| class.class.cost_us() > 0 || class.class.troubles().timeouts > 0)
        .take(MAX_CLASSES)
        .filter_map(|(at, class)| Some((at, statement::demand_of(class, &names)?)))
        .collect();
    if classes.is_empty() {
        return Vec::new();
    }
    let finished = evidence.classes.iter().filter(|class| class.server.label == server.label);
    let longest_us = finished.map(|class| class.class.stats.max_us).max().unwrap_or_default();
    let measured = Measured::of(evidence);
    let guessed = guessed_rows(&classes, &names, evidence);
    let mut models: BTreeMap<usize, TableModel> = BTreeMap::new();
    for (_, demand) in &classes {
        for used in &demand.uses {
            let Some(at) = names.find(&used.table) else { continue };
            let Some(table) = evidence.tables.get(at) else { continue };
            if !models.contains_key(&at)
                && table.table.indexes_are_told
                && let Some(model) =
                    TableModel::of(at, table, evidence, &measured, guessed.get(&at).copied())
            {
                models.insert(at, model);
            }
        }
    }
    tables::narrow_references(&mut models, &references(&classes, &names));
    let mut statements: Vec<Statement> = classes
        .iter()
        .filter_map(|(at, demand)| {
            let class = evidence.classes.get(*at)?;
            let weight_us = weight_us(class, longest_us);
            Statement::of((*at, weight_us), class, demand, &names, &models, &measured, evidence)
        })
        .collect();
    weigh_cut_off(&mut statements, evidence, &models);
    let engines: BTreeMap<usize, Engine> = models.keys().map(|at| (*at, server.engine)).collect();
    let candidates = candidates::all(&statements, &models, &engines);
    let known: BTreeMap<usize, f64> =
        statements.iter().map(|statement| (statement.class, statement.weight_us)).collect();
    let own = evidence.classes.iter().enumerate();
    let own = own.filter(|(_, class)| class.server.label == server.label);
    let load_us: f64 = own
        .map(|(at, class)| known.get(&at).copied().unwrap_or_else(|| weight_us(class, longest_us)))
        .sum();
    let updates = updates(&classes, &names, evidence);
    let own = evidence.classes.iter().filter(|class| class.server.label == server.label);
    let logged_us: f64 = own.map(|class| class.class.stats.total_us as f64).sum();
    let load = (load_us, if logged_us > 0.0 { logged_us } else { load_us });
    Choice::new(&statements, &models, &candidates, load, &updates).made()
}

/// Rows of tables of which nothing tells the size: as many as the class on one table that took most time
/// can have read in a run.
fn guessed_rows(
    classes: &[(usize, Demand)],
    names: &Names<'_, '_>,
    evidence: &Evidence<'_>,
) -> BTreeMap<usize, f64> {
    let mut guessed: BTreeMap<usize, (u64, f64)> = BTreeMap::new();
    for (at, demand) in classes {
        let ([used], Some(class)) = (demand.uses.as_slice(), evidence.classes.get(*at)) else {
            continue;
        };
        let stats = &class.class.stats;
        let Some(table) = names.find(&used.table).filter(|_| stats.calls > 0) else { continue };
        let rows = stats.total_us as f64 / stats.calls as f64 * ROWS_PER_US;
        let known = guessed.entry(table).or_insert((0, 0.0));
        if stats.total_us > known.0 {
            *known = (stats.total_us, rows);
        }
    }
    guessed.into_iter().map(|(table, (_, rows))| (table, rows)).collect()
}

/// What a class costs. A run that the server cut off took as long as its timeout; where that is not
/// known, at least as long as the longest run that finished.
fn weight_us(class: &ClassEvidence<'_>, longest_us: u64) -> f64 {
    let cut = class.class.troubles().timeouts.saturating_mul(longest_us);
    class.class.cost_us().max(class.class.stats.total_us.saturating_add(cut)) as f64
}

/// Gives classes of which every run was cut off the time that their costs stand for, as the others'
/// costs and times tell: more than their timeout, which is all that a log can know.
fn weigh_cut_off(
    statements: &mut [Statement],
    evidence: &Evidence<'_>,
    models: &BTreeMap<usize, TableModel>,
) {
    let world = World { tables: models, added: BTreeMap::new() };
    let stats =
        |statement: &Statement| evidence.classes.get(statement.class).map(|c| &c.class.stats);
    let (mut time_us, mut cost) = (0.0, 0.0);
    for statement in statements.iter() {
        if let Some(stats) = stats(statement).filter(|stats| stats.calls > 0) {
            time_us += stats.total_us as f64;
            cost += order::cost(statement, &world) * stats.calls as f64;
        }
    }
    for statement in statements.iter_mut() {
        let Some(class) = evidence.classes.get(statement.class) else { continue };
        if class.class.stats.calls == 0 && cost > 0.0 {
            let cut = class.class.troubles().timeouts as f64;
            let estimated = order::cost(statement, &world) * cut * time_us / cost;
            statement.weight_us = statement.weight_us.max(estimated);
            // What the costs stand for is access alone.
            statement.movable = 1.0;
        }
    }
}

/// The columns that statements join, both ways.
fn references(
    classes: &[(usize, Demand)],
    names: &Names<'_, '_>,
) -> Vec<(tables::TableColumn, tables::TableColumn)> {
    let mut all = Vec::new();
    for (_, demand) in classes {
        for (a, b) in &demand.joins {
            let table = |at: usize| names.find(&demand.uses.get(at)?.table);
            if let (Some(left), Some(right)) = (table(a.at), table(b.at)) {
                let (left, right) = ((left, a.column.clone()), (right, b.column.clone()));
                all.push((left.clone(), right.clone()));
                all.push((right, left));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Logged runs that set a column.
type Updates = BTreeMap<(usize, String), u64>;

fn updates(classes: &[(usize, Demand)], names: &Names<'_, '_>, evidence: &Evidence<'_>) -> Updates {
    let mut updates = Updates::new();
    for (at, demand) in classes {
        let runs = evidence.classes.get(*at).map_or(0, |class| class.class.stats.calls);
        for used in &demand.uses {
            let Some(table) = names.find(&used.table) else { continue };
            for column in &used.sets {
                *updates.entry((table, column.to_lowercase())).or_default() += runs;
            }
        }
    }
    updates
}

struct Choice<'c> {
    statements: &'c [Statement],
    models: &'c BTreeMap<usize, TableModel>,
    candidates: &'c [Candidate],
    /// The load, with what runs that were cut off would have taken.
    load_us: f64,
    /// What is logged of it.
    logged_us: f64,
    updates: &'c Updates,
    /// What each statement costs as things are.
    base: Vec<f64>,
    /// The candidates that are chosen.
    chosen: Vec<usize>,
}

impl<'c> Choice<'c> {
    fn new(
        statements: &'c [Statement],
        models: &'c BTreeMap<usize, TableModel>,
        candidates: &'c [Candidate],
        (load_us, logged_us): (f64, f64),
        updates: &'c Updates,
    ) -> Self {
        let world = World { tables: models, added: BTreeMap::new() };
        let base: Vec<f64> = statements.iter().map(|one| order::cost(one, &world)).collect();
        Choice {
            statements,
            models,
            candidates,
            load_us,
            logged_us,
            updates,
            base,
            chosen: Vec::new(),
        }
    }

    fn world(&self, chosen: &[usize]) -> World<'c> {
        let mut added: BTreeMap<usize, Vec<&IndexModel>> = BTreeMap::new();
        for candidate in chosen.iter().filter_map(|at| self.candidates.get(*at)) {
            added.entry(candidate.table).or_default().push(&candidate.index);
        }
        World { tables: self.models, added }
    }

    /// The time of a statement, where it costs so much of what it cost.
    fn time_us(&self, statement: usize, cost: f64) -> f64 {
        let (one, base) = (&self.statements[statement], self.base[statement].max(1e-9));
        one.weight_us * (1.0 - one.movable * (1.0 - (cost / base).min(1.0).powf(CERTAINTY)))
    }

    fn uses(&self, statement: usize, table: usize) -> bool {
        self.statements[statement].uses.iter().any(|used| used.table == table)
    }

    fn made(mut self) -> Vec<Advised> {
        let mut costs = self.base.clone();
        // What a candidate took off when it was last looked at: it hardly takes off more later.
        let mut promised: Vec<f64> = vec![f64::INFINITY; self.candidates.len()];
        while self.chosen.len() < MAX_INDEXES {
            let left: f64 = (0..costs.len()).map(|at| self.time_us(at, costs[at])).sum();
            let rest = left
                + (self.load_us - self.statements.iter().map(|s| s.weight_us).sum::<f64>())
                    .max(0.0);
            let least = (LEAST_OF_REST * rest).max(LEAST_OF_LOGGED * self.logged_us);
            let mut order: Vec<usize> =
                (0..promised.len()).filter(|at| promised[*at] >= least).collect();
            order.sort_by(|a, b| promised[*b].total_cmp(&promised[*a]).then(a.cmp(b)));
            let mut best: Option<(f64, usize)> = None;
            for at in order {
                if best.is_some_and(|(score, _)| promised[at] <= score) {
                    break;
                }
                if !self.fits(at) {
                    promised[at] = 0.0;
                    continue;
                }
                let gain = self.gain(at, &costs);
                promised[at] = gain;
                let room = self.room(at);
                let score = gain / (1.0 + RANK_PRICE * room);
                if gain >= least * (1.0 + ROOM_PRICE * room)
                    && best.is_none_or(|(known, _)| score > known)
                {
                    best = Some((score, at));
                }
            }
            let Some((_, at)) = best else { break };
            self.take(at);
            promised[at] = 0.0;
            let world = self.world(&self.chosen);
            for (statement, cost) in costs.iter_mut().enumerate() {
                *cost = order::cost(&self.statements[statement], &world);
            }
        }
        self.advised(&costs)
    }

    /// The room that an index needs, as a part of its table's.
    fn room(&self, at: usize) -> f64 {
        let candidate = &self.candidates[at];
        let pages = self.models.get(&candidate.table).map_or(1.0, |table| table.pages);
        candidate.index.pages / pages
    }

    /// Whether there is room for an index beside those that are chosen.
    fn fits(&self, at: usize) -> bool {
        let candidate = &self.candidates[at];
        let stays = |other: &&usize| !self.replaces(at, **other);
        let others = || self.chosen.iter().filter(stays).map(|other| &self.candidates[*other]);
        let own = others().filter(|other| other.table == candidate.table).count();
        let pages: f64 = others().map(|other| other.index.pages).sum();
        let all: f64 = self.models.values().map(|table| table.pages).sum();
        own < MAX_PER_TABLE && pages + candidate.index.pages <= MAX_BYTES_SHARE * all
    }

    /// Whether one candidate does all that another does.
    fn replaces(&self, at: usize, other: usize) -> bool {
        let (one, other) = (&self.candidates[at], &self.candidates[other]);
        one.table == other.table
            && one.index.method == other.index.method
            && one.index.predicate == other.index.predicate
            && begins_with(&one.index, &other.index)
            && other.index.include.iter().all(|column| {
                one.index.include.contains(column)
                    || one.index.keys.iter().any(|(key, _)| key == column)
            })
    }

    /// Takes a candidate, in place of the first that it makes needless.
    fn take(&mut self, at: usize) {
        let mut chosen = std::mem::take(&mut self.chosen);
        let place = chosen.iter().position(|other| self.replaces(at, *other));
        chosen.retain(|other| !self.replaces(at, *other));
        chosen.insert(place.unwrap_or(chosen.len()).min(chosen.len()), at);
        self.chosen = chosen;
    }

    /// What a candidate takes off, less what it adds to writes.
    fn gain(&self, at: usize, costs: &[f64]) -> f64 {
        let candidate = &self.candidates[at];
        let mut with = self.chosen.clone();
        with.retain(|other| !self.replaces(at, *other));
        with.push(at);
        let world = self.world(&with);
        let mut gain = 0.0;
        for statement in (0..costs.len()).filter(|one| self.uses(*one, candidate.table)) {
            let cost = order::cost(&self.statements[statement], &world);
            gain += self.time_us(statement, costs[statement]) - self.time_us(statement, cost);
        }
        let writes = self.models.get(&candidate.table).map_or(0, |table| table.writes) as f64;
        gain - writes * WRITE_US - self.set_by(candidate) as f64 * UPDATE_US
    }

    /// Logged runs that set a column of an index.
    fn set_by(&self, candidate: &Candidate) -> u64 {
        let columns =
            candidate.index.keys.iter().map(|(key, _)| key).chain(&candidate.index.include);
        let runs = |column: &String| {
            self.updates.get(&(candidate.table, column.to_lowercase())).copied().unwrap_or(0)
        };
        columns.map(runs).max().unwrap_or(0)
    }

    /// What was chosen, without what turned out needless beside what was chosen later.
    fn advised(mut self, costs: &[f64]) -> Vec<Advised> {
        let mut at = 0;
        while let Some(one) = self.chosen.get(at).copied() {
            let mut others = self.chosen.clone();
            others.remove(at);
            match self.is_needed(one, &others, costs) {
                true => at += 1,
                false => {
                    self.chosen.remove(at);
                }
            }
        }
        // Each takes off what those before it have left.
        let mut left = self.load(&[]);
        let told = (1..=self.chosen.len()).filter_map(|count| {
            let (one, rest) = (self.chosen.get(count - 1)?, self.load(self.chosen.get(..count)?));
            let gain = std::mem::replace(&mut left, rest) - rest;
            self.told(*one, gain)
        });
        told.collect()
    }

    /// The time of all statements with some indexes.
    fn load(&self, chosen: &[usize]) -> f64 {
        let world = self.world(chosen);
        let time_us = |at: usize| self.time_us(at, order::cost(&self.statements[at], &world));
        (0..self.statements.len()).map(time_us).sum()
    }

    /// Whether a class would cost more without an index, all others being there.
    fn is_needed(&self, one: usize, others: &[usize], costs: &[f64]) -> bool {
        let world = self.world(others);
        let table = self.candidates[one].table;
        (0..costs.len()).filter(|at| self.uses(*at, table)).any(|at| {
            let without = self.time_us(at, order::cost(&self.statements[at], &world));
            without - self.time_us(at, costs[at]) >= SERVES_FROM * without
        })
    }

    /// The classes that an index serves by itself.
    fn served(&self, one: usize) -> Vec<Served> {
        let world = self.world(&[one]);
        let table = self.candidates[one].table;
        let mut serves = Vec::new();
        for at in (0..self.statements.len()).filter(|at| self.uses(*at, table)) {
            let statement = &self.statements[at];
            let part = 1.0 - self.time_us(at, order::cost(statement, &world)) / statement.weight_us;
            if part >= SERVES_FROM {
                serves.push((part * statement.weight_us, Served { class: statement.class, part }));
            }
        }
        serves.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.class.cmp(&other.class)));
        serves.into_iter().map(|(_, served)| served).collect()
    }

    fn told(&self, one: usize, gain: f64) -> Option<Advised> {
        let serves = self.served(one);
        let candidate = self.candidates.get(one)?;
        let table = self.models.get(&candidate.table)?;
        let is_replaced = |index: &&IndexModel| {
            !index.is_unique
                && index.method == candidate.index.method
                && index.predicate == candidate.index.predicate
                && index.include.is_empty()
                && begins_with(&candidate.index, index)
        };
        let replaced = table.indexes.iter().filter(is_replaced);
        Some(Advised {
            candidate: candidate.clone(),
            serves,
            load_share: (gain / self.load_us.max(1.0)).clamp(0.0, 1.0),
            size_bytes: candidate.index.pages * tables::PAGE_BYTES,
            size: table.size,
            updates: self.set_by(candidate),
            replaces: replaced.map(|index| index.keys.clone()).collect(),
        })
    }
}
