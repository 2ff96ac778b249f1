//! Rules about MongoDB's operations: one file each, and here what they share: which classes they look
//! at, and what a class's records say of a run.
//!
//! A class's runs are commands and the later batches of their cursors: numbers per run count both.

pub mod blocking_sort;
pub mod collection_scan;
pub mod elections;
pub mod getmore_heavy;
pub mod hot_document;
pub(super) mod index_need;
pub mod javascript_in_query;
pub mod key_heavy_index;
pub mod large_skip;
pub mod many_plan_trials;
pub mod multi_update_without_index;
pub mod plan_flip;
mod plans;
pub mod poor_targeting;
pub mod slow_checkpoints;
pub mod spill_to_disk;
pub mod unanchored_regex;
pub mod unindexed_lookup;
pub mod waiting_operations;
mod waits;
pub mod write_conflicts;

use super::{Rule, weighs};
use crate::judge::advice::{ident, mongodb_explain, mongodb_index};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Fix, ImpactLabel, Severity};
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Op, Predicate, Shape};
use crate::model::event::{Engine, Known, Unit};

/// The engines of these rules.
const MONGODB: &[Engine] = &[Engine::Mongodb];
/// A run that examines fewer documents or keys than this has hardly anything to gain from an index.
const MANY: f64 = 1000.0;
/// Share of the documents of a scan that match from which an index costs more than it spares.
const TOO_MANY: f64 = 0.05;
/// Share of the runs, or of their time, that must show a defect for it to be the class's habit.
const HABIT: f64 = 0.5;

/// What says something by being zero.
const EVEN_IF_ZERO: &[Known] =
    &[Known::DocsExamined, Known::KeysExamined, Known::Returned, Known::Matched, Known::Deleted];

/// A class of MongoDB's, with its command.
#[derive(Clone, Copy)]
struct Work<'e> {
    class: &'e ClassEvidence<'e>,
    command: &'e Shape,
}

/// The classes that weigh enough for a finding, and are a user's work on a collection.
fn weighty<'e>(rule: &'e Rule, evidence: &'e Evidence<'e>) -> impl Iterator<Item = Work<'e>> {
    let classes = evidence.weighty().filter(|class| weighs(rule, class));
    classes.filter_map(Work::of)
}

/// Whether a namespace is the server's own: its databases, `system.*` and the oplog.
pub(super) fn is_system(namespace: &str) -> bool {
    let (database, collection) = namespace.split_once('.').unwrap_or((namespace, ""));
    matches!(database, "admin" | "config" | "local")
        || collection.starts_with("system.")
        || collection.contains(".system.")
}

/// The plan summary that most of a class's time was spent with, of MongoDB's classes.
pub(super) fn main_plan(class: &ClassEvidence<'_>) -> Option<Fact> {
    plans::main(&Work { class, command: class.command()? })
}

impl<'e> Work<'e> {
    fn of(class: &'e ClassEvidence<'e>) -> Option<Work<'e>> {
        let command = class.command()?;
        let is_on_collection = command.collection().is_some();
        (is_on_collection && !is_system(&command.namespace)).then_some(Work { class, command })
    }

    /// All of a number over the logged runs; 0 where no record carries it.
    fn sum(&self, known: Known) -> f64 {
        self.class.class.attributes().numbers(known).map_or(0.0, |numbers| numbers.sum as f64)
    }

    /// A number for each logged run: records leave out what is zero.
    fn per_run(&self, known: Known) -> f64 {
        self.sum(known) / self.class.class.stats.calls.max(1) as f64
    }

    /// How many runs say yes.
    fn yes(&self, known: Known) -> u64 {
        self.class.class.attributes().flags(known).map_or(0, |flags| flags.yes)
    }

    /// Logged time in microseconds.
    fn total_us(&self) -> f64 {
        self.class.class.stats.total_us as f64
    }

    /// Logged runs.
    fn runs(&self) -> u64 {
        self.class.class.stats.calls
    }

    /// What the runs were for, where their records count it: documents returned, or those that a
    /// write found. `None` for what returns few by design.
    fn useful(&self) -> Option<(f64, Known)> {
        let known = match self.command.op {
            Op::Find => Known::Returned,
            Op::Aggregate if self.keeps_documents() => Known::Returned,
            Op::Update => Known::Matched,
            Op::Delete => Known::Deleted,
            Op::FindAndModify if self.sum(Known::Deleted) > 0.0 => Known::Deleted,
            Op::FindAndModify => Known::Matched,
            _ => return None,
        };
        // A record that counts no documents at all tells nothing of those that were of use.
        let is_known = self.class.class.attributes().numbers(known).is_some();
        is_known.then(|| (self.sum(known), known))
    }

    /// Whether a pipeline returns what it reads: nothing groups, joins, counts or multiplies.
    fn keeps_documents(&self) -> bool {
        self.command.stages.iter().all(|stage| {
            matches!(
                &*stage.name,
                "$match"
                    | "$sort"
                    | "$limit"
                    | "$skip"
                    | "$project"
                    | "$addFields"
                    | "$set"
                    | "$unset"
            )
        })
    }

    /// It only reads.
    fn reads(&self) -> bool {
        matches!(self.command.op, Op::Find | Op::Aggregate | Op::Count | Op::Distinct)
    }

    /// A predicate by which an index could narrow what is read.
    fn has_servable_predicate(&self) -> bool {
        self.command.predicates.iter().any(is_servable)
    }

    /// What the class is about: `shop.orders` as code.
    fn place(&self) -> String {
        format!("`{}`", ident::shown(&self.command.namespace))
    }

    /// What it costs: `113,204 operations took 14.2 h of logged time, 34 % of all`.
    fn load(&self) -> String {
        format!(
            "{} took {} of logged time, {} of all",
            words::counted(self.runs(), "operation"),
            words::duration_us(self.total_us()),
            words::percent(self.class.share)
        )
    }

    /// A fact about runs on average; none about work that was never done.
    fn average(&self, known: Known) -> Option<Fact> {
        let numbers = self.class.class.attributes().numbers(known)?;
        if numbers.sum == 0 && !EVEN_IF_ZERO.contains(&known) {
            return None;
        }
        let p95 = numbers.p95().map_or_else(String::new, |p95| {
            format!(", 95 % of them at most {}", amount(known, p95))
        });
        Some(plain(format!(
            "{}: {} by a logged run on average{p95}",
            known.title(),
            amount(known, self.per_run(known))
        )))
    }

    /// The index that the predicates and the sort call for, if any; else what to do by hand.
    fn index_fix(&self, otherwise: impl FnOnce() -> Fix) -> Fix {
        let candidates = mongodb_index::candidates(self.class, self.command);
        match candidates.is_empty() {
            true => otherwise(),
            false => mongodb_index::fix(&candidates, self.command),
        }
    }

    /// What one more index costs here.
    fn write_cost(&self, evidence: &Evidence<'_>) -> String {
        mongodb_index::write_cost(evidence, self.class, &self.command.namespace)
    }

    /// Adds the explain command, where there is one.
    fn add_explain(&self, finding: &mut Finding) {
        finding.fixes.extend(mongodb_explain::look(self.class));
    }
}

/// Whether a plain index narrows what is read for a predicate.
fn is_servable(predicate: &Predicate) -> bool {
    let kind = match predicate.comparison {
        Comparison::Equal | Comparison::In | Comparison::All | Comparison::Range => true,
        Comparison::Regex(class) => class.anchored && !class.ignores_case,
        _ => false,
    };
    kind && !predicate.below_not
}

/// A number in the unit of its attribute.
fn amount(known: Known, number: f64) -> String {
    match known.unit() {
        Unit::Micros => words::duration_us(number),
        Unit::Bytes => words::bytes(number as u64),
        _ => shown(number),
    }
}

/// A number of things per run: whole from ten on.
fn shown(number: f64) -> String {
    match number {
        n if n > 0.0 && n < 10.0 && n.fract() > 0.05 => format!("{n:.1}"),
        n => words::count(n.round() as u64),
    }
}

/// A fact that has no one place.
fn plain(fact: String) -> Fact {
    Fact { fact, source: None }
}

/// What a fix is worth where it ends a part of the class's time: between nothing and that part.
fn estimate(finding: &mut Finding, part_us: f64, total_us: f64) {
    finding.impact.label = ImpactLabel::Estimated;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(part_us.clamp(0.0, total_us) / 1e3);
}

/// Makes a finding one of a pattern only: nothing but the text supports it.
fn candidate(finding: &mut Finding) {
    finding.confidence = Confidence::Low;
    finding.severity = finding.severity.min(Severity::Medium);
}
