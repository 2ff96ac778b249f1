//! The report as data: what JSON holds, key by key, and (skipped there) what the other renderers
//! need beside it. Everything is finished, sorted and rounded; nothing here computes.
//!
//! Milliseconds have three decimals, shares six. Values that the inputs cannot give are `None`.

mod attributes;
mod happenings;
mod indexes;
mod operations;
mod plans;
mod queries;
mod tables;
mod waits;

pub use attributes::*;
pub use happenings::*;
pub use indexes::*;
pub use operations::*;
pub use plans::*;
pub use queries::*;
pub use tables::*;
pub use waits::*;

use crate::judge::finding::Finding;
use crate::model::event::Engine;
use crate::model::facts::{InputKind, Problem};
use crate::time::Timestamp;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A list that only inputs of a kind that is not read yet could fill: always `[]`.
pub type NoneYet = [(); 0];
/// A value that only inputs of a kind that is not read yet could give: always `null`.
pub type Unknown = ();

/// A point in time; RFC 3339 in UTC in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
    }
}

/// A finished report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the JSON structure.
    pub schema_version: &'static str,
    /// The program that made it.
    pub generator: Generator,
    /// The first heading.
    pub title: String,
    /// What the user said it is about.
    pub context: String,
    /// Where the database runs.
    pub environment: &'static str,
    /// Whether the user said so.
    pub environment_stated: bool,
    /// Runs from here on count as slow.
    pub threshold_ms: f64,
    /// The parts that were asked for.
    pub targets: Vec<&'static str>,
    /// Options that change what the numbers mean.
    pub options: BTreeMap<String, String>,
    /// The executive summary, a sentence or two each; names stand between back-ticks.
    pub summary: Vec<String>,
    /// Every input and how it was read.
    pub inputs: Vec<Input>,
    /// The servers they belong to.
    pub servers: Vec<Server>,
    /// First and last time of the inputs.
    pub period: Period,
    /// The zone of the log's own clock at the end of the period: `UTC` or `+01:00`.
    pub zone: String,
    /// How much was understood.
    pub coverage: Coverage,
    /// What the log's thresholds hide.
    pub logging: Logging,
    /// Sums over everything.
    pub totals: Totals,
    /// All statement runs together.
    pub load: Load,
    /// What the time of all runs was spent on, where the log splits it.
    pub spent: Vec<ServerSpent>,
    /// Operations that are in no class and in no other number.
    pub apart: Vec<KeptApart>,
    /// The classes that `--order-by` and `--top` choose.
    pub queries: Vec<Query>,
    /// Runs by another dimension, when it was asked for.
    pub groups: Option<Groups>,
    /// Plans, the slowest of each shape.
    pub plans: Vec<Plan>,
    /// Whether every plan is shown.
    #[serde(skip)]
    pub every_plan: bool,
    /// Tables, from a catalog.
    /// Tables, those with most rows read by whole scans first.
    pub tables: Vec<Table>,
    /// Index verdicts.
    pub indexes: Indexes,
    /// What happened when.
    pub activity: Activity,
    /// Who ran how much, and what.
    pub breakdown: Breakdown,
    /// Connections.
    pub connections: Connections,
    /// What sessions were seen waiting for.
    pub waits: SampledWaits,
    /// What happened beside queries.
    pub incidents: Incidents,
    /// What was found, ranked.
    pub findings: Vec<Found>,
    /// Two periods compared.
    pub comparison: Unknown,
    /// What to watch.
    pub monitoring: Vec<Advice>,
    /// What to do, in order.
    pub next_steps: Vec<Advice>,
    /// What to do again and again.
    pub maintenance: Vec<Advice>,
    /// The optimization date; not in JSON, which knows no clock.
    #[serde(skip)]
    pub date: String,
    /// Seconds east of UTC of [`Report::zone`].
    #[serde(skip)]
    pub offset_s: i32,
    /// The zone of the clock that wrote the period's first time: another one where the clocks were
    /// changed in between.
    #[serde(skip)]
    pub first_offset_s: i32,
    /// Classes that only another ranking or a finding shows.
    #[serde(skip)]
    pub also_shown: Vec<Query>,
    /// The rankings of Slow Queries.
    #[serde(skip)]
    pub rankings: Vec<Ranking>,
    /// What to weigh, beyond what the findings say.
    #[serde(skip)]
    pub trade_offs: Vec<String>,
}

impl Report {
    /// A shown class by its place: the chosen ones first, then the others.
    pub fn query(&self, at: usize) -> Option<&Query> {
        self.shown().nth(at)
    }

    /// Every class that any renderer shows.
    pub fn shown(&self) -> impl Iterator<Item = &Query> {
        self.queries.iter().chain(&self.also_shown)
    }

    /// Whether a part was asked for.
    pub fn has_target(&self, word: &str) -> bool {
        self.targets.contains(&word)
    }
}

/// The program that made a report.
#[derive(Clone, Debug, Serialize)]
pub struct Generator {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// An input and how it was read.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of `InputFacts`, with times in words")]
pub struct Input {
    pub path: String,
    pub kind: InputKind,
    pub format: Option<&'static str>,
    pub engine: Option<Engine>,
    pub server: Option<String>,
    pub bytes: u64,
    pub records: u64,
    pub events: u64,
    pub skipped_records: u64,
    pub skipped_bytes: u64,
    pub first: Option<At>,
    pub last: Option<At>,
    pub duplicate_of: Option<String>,
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// A server.
#[derive(Clone, Debug, Serialize)]
pub struct Server {
    /// Its label.
    pub label: String,
    /// Its engine.
    pub engine: Engine,
    /// The version its log names.
    pub version: Option<String>,
    /// Primary or replica, where a snapshot says it.
    pub role: Option<&'static str>,
    /// No run was logged: calls and times are what the server itself counted.
    pub counted: bool,
    /// How busy the processors of its machine were, where tools of the machine say it.
    pub cpu_busy: Option<CpuBusy>,
    /// Share of look-ups that the Redis beside it answered, since that started.
    pub redis_hit_share: Option<f64>,
}

/// How busy the processors of a machine were, all together.
#[derive(Clone, Debug, Serialize)]
pub struct CpuBusy {
    /// Samples.
    pub samples: u64,
    /// Their mean, 0 to 1.
    pub mean_share: f64,
    /// The busiest, 0 to 1.
    pub max_share: f64,
    /// When that was, where the samples say it.
    pub max_at: Option<At>,
    /// The first sample.
    pub first: Option<At>,
    /// The last sample.
    pub last: Option<At>,
}

/// First and last time.
#[derive(Clone, Debug, Serialize)]
pub struct Period {
    /// The first.
    pub first: Option<At>,
    /// The last.
    pub last: Option<At>,
    /// Seconds between them.
    pub seconds: Option<f64>,
}

/// How much was understood.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// Share of the bytes; `None` when there were none.
    pub bytes_understood: Option<f64>,
}

/// What the log's thresholds hide.
#[derive(Clone, Debug, Serialize)]
pub struct Logging {
    /// No logged run is shorter than this, so the log was probably cut here or somewhat below;
    /// `None` where nothing points to a cut.
    pub threshold_ms: Option<f64>,
    /// The threshold was concluded from the runs, not read from a setting.
    pub assumed: bool,
    /// Runs that were logged without a duration.
    pub untimed: u64,
    /// The same by server, and what else keeps runs out of its log.
    pub servers: Vec<ServerLogging>,
}

/// What keeps runs out of the log of a server.
#[derive(Clone, Debug, Serialize)]
pub struct ServerLogging {
    /// Its label.
    pub server: String,
    /// Its engine.
    pub engine: Engine,
    /// No logged run is shorter than this; `None` where nothing points to a cut.
    pub threshold_ms: Option<f64>,
    /// Runs that were logged without a duration.
    pub untimed: u64,
    /// Every logged run examined at least so many rows, and there are enough of them to be no
    /// accident: those that examine fewer may have been left out.
    pub min_rows_examined: Option<u64>,
    /// The log took one run in so many, at most; `None` where it says nothing of sampling.
    pub one_in: Option<u32>,
    /// Runs whose statement was cut in the log: in classes of their own.
    pub truncated: u64,
}

/// Sums over everything.
#[derive(Clone, Debug, Serialize)]
pub struct Totals {
    /// Runs of all classes, untimed ones included.
    pub queries: u64,
    /// Query classes.
    pub classes: usize,
    /// Logged time.
    pub total_ms: f64,
    /// Error records.
    pub errors: u64,
    /// Runs that failed, by an error record or by their own.
    pub failed: u64,
    /// Runs at or above the threshold.
    pub slow_queries: u64,
    /// Sessions that ran something; `None` where the log names none.
    pub sessions: Option<u64>,
    /// Classes that `queries` leaves out.
    pub queries_omitted: usize,
    /// Plans that belong to no class, and that `plans` leaves out.
    pub plans_omitted: usize,
    /// What all runs stand for, where the log took only some.
    pub estimated: Option<Estimated>,
    /// Runs that the server counted without logging them one by one, in no other number.
    pub suppressed: CountAndTime,
}

/// A number of things and their time.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CountAndTime {
    /// How many.
    pub count: u64,
    /// Their time.
    pub total_ms: f64,
}

/// All statement runs together.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    /// Mean, percentiles and longest run.
    #[serde(flatten)]
    pub times: Times,
    /// Logged time ÷ period: busy sessions on average.
    pub busy_average: Option<f64>,
    /// The same in the busiest interval; `None` where runs last too long for one. Runs count where
    /// they end, so this is near, not exact.
    pub busy_peak: Option<f64>,
    /// When that interval begins.
    pub busy_peak_at: Option<At>,
    /// How long that interval is: at least ten times the longest run.
    pub busy_peak_width_s: Option<i64>,
    /// Width of every timeline of the report.
    pub timeline_width_s: i64,
    /// Calls and time per interval.
    pub timeline: Vec<Slot>,
    /// Runs by duration.
    pub histogram: Vec<Bucket>,
    /// Parse steps, in no other number.
    pub parse: CountAndTime,
    /// Bind steps, in no other number.
    pub bind: CountAndTime,
    /// Durations for which no statement was found, in no other number.
    pub unmatched_durations: CountAndTime,
    /// Logged plans, in no other number.
    pub plans: CountAndTime,
    /// Plans of them of which the report tells no more than their number: of too many classes or
    /// shapes.
    pub plans_folded: u64,
    /// Plans of them that could not be read.
    pub plans_unread: u64,
    /// What is wrong with the first of these.
    pub first_unread: Option<UnreadPlan>,
    /// Runs of classes that were folded because there were too many.
    pub folded: CountAndTime,
    /// The timeline in a line.
    #[serde(skip)]
    pub trend: String,
    /// Runs by decade of their duration.
    #[serde(skip)]
    pub bands: Vec<Band>,
    /// Runs by hour of the day in the log's zone; empty where the timeline is too coarse.
    #[serde(skip)]
    pub hours: Vec<Band>,
}

/// Runs of a range of durations or times.
#[derive(Clone, Debug)]
pub struct Band {
    /// The range.
    pub label: String,
    /// Runs.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
    /// Share of all runs.
    pub share_of_calls: f64,
    /// Share of all logged time.
    pub share_of_time: f64,
}

/// A part of Recommended Optimizations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are the headings")]
pub enum Part {
    Indexes,
    Queries,
    Schema,
    ConnectionPool,
    Caching,
    Server,
}

/// A finding and its place in the report.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The part of the report it belongs to.
    pub target: &'static str,
    /// Its number, from 1: `F1`.
    #[serde(skip)]
    pub number: usize,
    /// Where its block stands.
    #[serde(skip)]
    pub part: Part,
    /// The anchor of its class, when that is shown.
    #[serde(skip)]
    pub query_anchor: Option<String>,
}

/// Something to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Advice {
    /// What, in short.
    pub title: String,
    /// Why and how; names stand between back-ticks.
    pub text: String,
    /// Statements to run.
    pub sql: Option<String>,
    /// The engine that it is for; `None`: for all.
    pub engine: Option<Engine>,
}
