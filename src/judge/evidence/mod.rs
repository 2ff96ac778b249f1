//! What a rule may look at: the facts, joined and ranked once, with the arithmetic all rules share.

mod catalog;
pub mod hints;
pub mod indexes;
pub mod observed;
mod plans;
pub mod settings;

pub use catalog::{TableEvidence, Use};
pub use plans::PlanEvidence;

use super::config::JudgeOptions;
use crate::lang::Language;
use crate::lang::deed::{self, Effect};
use crate::lang::mongo::shape::Shape as Command;
use crate::lang::sql::shape::{self, Shape, TableUse};
use crate::model::facts::{Facts, ServerFacts, Source};
use crate::model::workload::class::Class;
use crate::model::workload::examples::{Example, MAX_TEXT_BYTES};
use crate::time::Timestamp;
use std::cell::OnceCell;
use std::ops::Deref;

/// A class with what is known about it from elsewhere.
#[derive(Debug)]
pub struct ClassEvidence<'f> {
    /// The server it ran on.
    pub server: &'f ServerFacts,
    /// Its numbers.
    pub class: &'f Class,
    /// What its statement does.
    pub shape: LazyShape<'f>,
    /// Its share of all logged time, 0 to 1.
    pub share: f64,
    command: OnceCell<Option<Box<Command>>>,
}

/// The shape of a class, read when it is first looked at: of a million classes hardly any is.
#[derive(Debug)]
pub struct LazyShape<'f> {
    class: &'f Class,
    language: Language,
    read: OnceCell<Box<Shape>>,
}

impl Deref for LazyShape<'_> {
    type Target = Shape;

    /// From the slowest example, or from the fingerprint where that was cut.
    fn deref(&self) -> &Shape {
        self.read.get_or_init(|| {
            let text = match self.class.examples.slowest() {
                Some(example) if example.logged_bytes <= MAX_TEXT_BYTES as u64 => &*example.text,
                _ => &*self.class.fingerprint,
            };
            match self.language {
                Language::Sql(dialect) => Box::new(shape::read(text, dialect)),
                Language::Mongo => Box::new(of_command(&self.class.fingerprint)),
            }
        })
    }
}

/// What rules about any engine read of a command: its collection, and whether it writes there.
fn of_command(fingerprint: &str) -> Shape {
    let effect = deed::of(fingerprint, Language::Mongo).effect;
    let namespace = fingerprint.split(' ').nth(1);
    let table = |name: &str| TableUse {
        name: name.to_owned(),
        alias: None,
        written: effect == Effect::Writes,
    };
    Shape { tables: namespace.map(table).into_iter().collect(), ..Shape::default() }
}

impl<'f> ClassEvidence<'f> {
    /// What is known about a class of a server; `total_us` is all logged time.
    fn new(server: &'f ServerFacts, class: &'f Class, total_us: u64) -> Self {
        ClassEvidence {
            server,
            class,
            shape: LazyShape { class, language: server.engine.language(), read: OnceCell::new() },
            share: class.stats.total_us as f64 / (total_us.max(1)) as f64,
            command: OnceCell::new(),
        }
    }

    /// What a command of MongoDB asks for; `None` for statements of other engines. Read from the
    /// fingerprint when it is first looked at.
    pub fn command(&self) -> Option<&Command> {
        let read = || match self.server.engine.language() {
            Language::Mongo => Command::of_fingerprint(&self.class.fingerprint).map(Box::new),
            Language::Sql(_) => None,
        };
        self.command.get_or_init(read).as_deref()
    }

    /// The example that rules read and rewrite: the slowest one.
    pub fn example(&self) -> Option<&Example> {
        self.class.examples.slowest()
    }

    /// The only user that ran it, where the log names exactly one.
    pub fn only_user(&self) -> Option<&'f str> {
        let users = &self.class.who.users;
        match users.ranked(self.server.workload.names()).as_slice() {
            [(user, share)] if users.rest().calls == 0 && share.calls == self.class.stats.calls => {
                Some(*user)
            }
            _ => None,
        }
    }

    /// The statement in short: at most `limit` characters of the fingerprint.
    pub fn short(&self, limit: usize) -> String {
        shorten(&self.class.fingerprint, limit)
    }
}

/// A text in at most `limit` characters.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
    }
}

/// Everything a rule may look at.
#[derive(Debug)]
pub struct Evidence<'f> {
    /// What was read.
    pub facts: &'f Facts,
    /// What the user decided.
    pub options: &'f JudgeOptions,
    /// All classes of all servers, those that cost most first.
    pub classes: Vec<ClassEvidence<'f>>,
    /// The plans that were seen, one of each shape of a class.
    pub plans: Vec<PlanEvidence<'f>>,
    /// The tables of all catalogs, by server and name.
    pub tables: Vec<TableEvidence<'f>>,
    /// All logged time in microseconds.
    pub total_us: u64,
}

impl<'f> Evidence<'f> {
    /// Joins and ranks the facts.
    pub fn new(facts: &'f Facts, options: &'f JudgeOptions) -> Self {
        let total_us = facts
            .servers
            .iter()
            .fold(0u64, |sum, s| sum.saturating_add(s.workload.overall().total_us));
        let mut classes: Vec<_> = facts
            .servers
            .iter()
            .flat_map(|server| server.workload.ranked().into_iter().map(move |c| (server, c)))
            .collect();
        classes.sort_by_key(|(server, c)| {
            (std::cmp::Reverse((c.cost_us(), c.stats.calls)), c.id, &server.label)
        });
        let classes = classes
            .into_iter()
            .map(|(server, class)| ClassEvidence::new(server, class, total_us))
            .collect();
        let mut evidence =
            Evidence { facts, options, classes, plans: Vec::new(), tables: Vec::new(), total_us };
        evidence.plans = plans::of(&evidence);
        evidence.tables = catalog::of(&evidence);
        evidence
    }

    /// The classes whose share of the load is worth a finding about their own text.
    pub fn weighty(&self) -> impl Iterator<Item = &ClassEvidence<'f>> {
        self.classes.iter().filter(|c| c.share >= self.options.thresholds.min_share)
    }

    /// A class of which only troubles may be logged, so that it is not among
    /// [`Evidence::classes`].
    pub fn class(&self, server: &'f ServerFacts, class: &'f Class) -> ClassEvidence<'f> {
        ClassEvidence::new(server, class, self.total_us)
    }

    /// The class of a plan, with what is known about it.
    pub fn class_of(&self, plan: &PlanEvidence<'f>) -> Option<ClassEvidence<'f>> {
        plan.class.map(|class| self.class(plan.server, class))
    }

    /// The first and the last time in the inputs of a server.
    pub fn period(&self, server: &ServerFacts) -> Option<(Timestamp, Timestamp)> {
        let inputs = || {
            self.facts.inputs.iter().filter(|input| input.server.as_deref() == Some(&server.label))
        };
        let first = inputs().filter_map(|input| input.first).min()?;
        let last = inputs().filter_map(|input| input.last).max()?;
        Some((first, last))
    }

    /// The time between the first and the last record of a server, in seconds.
    pub fn period_s(&self, server: &ServerFacts) -> f64 {
        let (first, last) = self.period(server).unwrap_or_default();
        last.0.saturating_sub(first.0).max(0) as f64 / 1e6
    }

    /// Where an example stands.
    pub fn source(&self, example: &Example) -> Source {
        self.facts.source(example.run.place)
    }
}
