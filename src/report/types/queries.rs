//! Query classes, groups and plans, and the numbers they share.

use super::{At, Attribute, CountAndTime, Estimated, Spent};
use crate::model::event::Engine;
use crate::model::facts::Source;
use serde::Serialize;
use std::collections::BTreeMap;

/// A command that shows a plan.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Explain {
    /// The command: SQL, or a script for mongosh.
    pub command: String,
    /// What must be known to run it; may be empty.
    #[serde(skip)]
    pub note: &'static str,
}

/// What durations look like.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are the statistics")]
pub struct Times {
    pub mean_ms: Option<f64>,
    pub min_ms: Option<f64>,
    pub max_ms: Option<f64>,
    pub stddev_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    /// `None` below 20 timed runs.
    pub p95_ms: Option<f64>,
    /// `None` below 100 timed runs.
    pub p99_ms: Option<f64>,
}

/// An interval of a timeline.
#[derive(Clone, Debug, Serialize)]
pub struct Slot {
    /// Its begin.
    pub at: At,
    /// Runs that ended in it.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
}

/// A bucket of a histogram.
#[derive(Clone, Debug, Serialize)]
pub struct Bucket {
    /// The largest duration that falls into it.
    pub le_ms: f64,
    /// Runs in this bucket alone.
    pub count: u64,
}

/// Runs by a name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Runs.
    pub calls: u64,
}

/// A kept statement.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// Its text, masked unless the user asked to keep literals.
    pub text: String,
    /// Bind parameters, only where the user asked to keep literals.
    pub parameters: Option<String>,
    /// Its run time.
    pub duration_ms: Option<f64>,
    /// When it ended.
    pub at: Option<At>,
    /// The tags of its comments.
    pub tags: BTreeMap<String, String>,
    /// Where it is logged.
    pub source: Source,
}

/// A query class.
#[derive(Clone, Debug, Serialize)]
pub struct Query {
    /// Its stable id.
    pub id: String,
    /// The id that pt-query-digest gives to its example, if that was asked for and the example is
    /// whole. Classes may share one, and the statements of a class may have several.
    pub pt_id: Option<String>,
    /// The engine it ran on.
    pub engine: Engine,
    /// The server it ran on.
    pub server: String,
    /// The normalised statement.
    pub fingerprint: String,
    /// The statements were cut in the log.
    pub truncated: bool,
    /// What kind of statement it is.
    pub verb: &'static str,
    /// What the server itself counted of it, in no other number where runs were logged.
    pub counted: Option<CountAndTime>,
    /// The tables it names.
    pub tables: Vec<String>,
    /// Runs.
    pub calls: u64,
    /// Runs whose duration was logged.
    pub timed: u64,
    /// Their time.
    pub total_ms: f64,
    /// What their durations look like.
    #[serde(flatten)]
    pub times: Times,
    /// Share of all logged time.
    pub share: f64,
    /// The same with all classes before it in the order of `--order-by`.
    pub cumulative_share: f64,
    /// What its runs stand for, where the log took only some.
    pub estimated: Option<Estimated>,
    /// Only `--outliers` shows it.
    pub outlier: bool,
    /// Rows or documents returned; `None` where the log does not say.
    pub rows_sent: Option<u64>,
    /// Rows or documents read; `None` where the log does not say.
    pub rows_examined: Option<u64>,
    /// Time waiting for locks; `None` where the log does not say.
    pub lock_ms: Option<f64>,
    /// Runs that failed.
    pub errors: u64,
    /// Of these, cancelled ones.
    pub cancelled: u64,
    /// Of these, runs that a limit on time ended.
    pub timeouts: u64,
    /// Time lost to them at least; it is in no other number.
    pub lost_ms: f64,
    /// Runs that were prepared.
    pub prepared: u64,
    /// Temporary files.
    pub temp_files: u64,
    /// Their size.
    pub temp_bytes: u64,
    /// Waits for locks that were logged when they ended.
    pub lock_waits: u64,
    /// Their time.
    pub lock_wait_ms: f64,
    /// By database.
    pub databases: Vec<Named>,
    /// By user.
    pub users: Vec<Named>,
    /// By client host.
    pub hosts: Vec<Named>,
    /// By application.
    pub apps: Vec<Named>,
    /// By the value of each comment tag; tags with too many values stand with the examples.
    pub tags: BTreeMap<String, Vec<Named>>,
    /// Runs by names that were folded because there were too many, by the key of their list.
    pub folded_names: BTreeMap<&'static str, u64>,
    /// The server's own query ids.
    pub server_query_ids: Vec<String>,
    /// First time seen.
    pub first: Option<At>,
    /// Last time seen.
    pub last: Option<At>,
    /// Calls and time per interval.
    pub timeline: Vec<Slot>,
    /// Runs by duration.
    pub histogram: Vec<Bucket>,
    /// The slowest run.
    pub example: Option<Example>,
    /// Sampled runs.
    pub samples: Vec<Example>,
    /// What shows its plan, where none was seen and the statement is known in full. It executes
    /// nothing.
    pub explain: Option<Explain>,
    /// What the log says about its runs beside text and duration, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// What their time was spent on, where the log splits it.
    #[serde(skip)]
    pub spent: Vec<Spent>,
    /// Ids of its plans.
    pub plans: Vec<String>,
    /// Keys of its findings.
    pub findings: Vec<String>,
    /// The timeline in a line.
    #[serde(skip)]
    pub trend: String,
    /// Its anchor in a document.
    #[serde(skip)]
    pub anchor: String,
}

impl Query {
    /// The id that people see: that of pt-query-digest where it was asked for.
    pub fn shown_id(&self) -> &str {
        self.pt_id.as_deref().unwrap_or(&self.id)
    }
}

/// A ranking of classes, as a table shows it.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// By what: `total time`.
    pub by: String,
    /// The attribute that it is by.
    pub column: Option<Column>,
    /// Places for `Report::query`, best first.
    pub rows: Vec<usize>,
    /// How many of the rows, the last ones, are outliers: not in the ranking, but shown.
    pub outliers: usize,
    /// Classes that are not shown.
    pub rest: Rest,
}

/// A column that only one ranking has.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its head, as Markdown.
    pub head: String,
    /// A cell for each row; `None` where the class does not have the attribute.
    pub cells: Vec<Option<String>>,
}

/// What a table leaves out.
#[derive(Clone, Debug, Serialize)]
pub struct Rest {
    /// How many members.
    pub members: usize,
    /// Their runs.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
    /// Their share of all logged time.
    pub share: f64,
}

/// Runs by another dimension.
#[derive(Clone, Debug, Serialize)]
pub struct Groups {
    /// The dimension.
    pub by: String,
    /// Its values, most time first.
    pub items: Vec<Group>,
    /// What is left out.
    pub rest: Rest,
}

/// Runs with one value of a dimension.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The server.
    pub server: String,
    /// The value; `None` for runs without one.
    pub name: Option<String>,
    /// Runs.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
    /// What their durations look like.
    #[serde(flatten)]
    pub times: Times,
    /// Share of all logged time.
    pub share: f64,
}
