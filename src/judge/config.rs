//! What the user decided about judging: plain values, filled in by the command line.

use super::finding::Severity;

/// Where the database runs; decides how careful fixes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Environment {
    /// Assumed unless stated.
    #[default]
    Dev,
    /// Before production.
    Staging,
    /// Production.
    Prod,
}

impl Environment {
    /// The word on the command line and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Environment::Dev => "dev",
            Environment::Staging => "staging",
            Environment::Prod => "prod",
        }
    }
}

/// The limits that rules measure against.
#[derive(Clone, PartialEq, Debug)]
pub struct Thresholds {
    /// A class below this share of the load raises no finding about its own text.
    pub min_share: f64,
    /// A class is dominant from this share on.
    pub dominant_share: f64,
    /// Standard deviation ÷ mean from which a class is called unstable.
    pub variance_ratio: f64,
    /// A literal OFFSET from this many rows on is deep.
    pub deep_offset: u64,
    /// An IN list from this many elements on is huge.
    pub huge_list: u32,
    /// Temporary files of a class, or of a server, of this many bytes together are worth a finding:
    /// a tenth of a gigabyte takes a second or so of a disk, less is noise.
    pub temp_bytes: u64,
    /// Waits for one lock of this many microseconds together are worth a finding. The server logs a
    /// wait from one second on by default, and a few of those are everyday work.
    pub lock_wait_us: u64,
    /// The same error this many times may be a storm: fewer are accidents of single users.
    pub storm_count: u64,
    /// … if there were this many an hour between the first and the last, so that a month of rare
    /// errors is none.
    pub storm_per_hour: f64,
    /// Cancelled runs of a class, or cancelled statements and sessions of a server, from which they
    /// are a habit.
    pub cancelled: u64,
    /// Connections a minute over the whole log from which setting them up is work of its own. A
    /// pool of a hundred whose members live an hour makes two.
    pub churn_per_minute: f64,
    /// Share of checkpoints that WAL forced from which `max_wal_size` is too small for the load.
    pub wal_share: f64,
    /// A vacuum of this many microseconds is slow: the server's own default for logging one.
    pub vacuum_us: u64,
    /// Dead rows that a vacuum must leave before they are worth a finding.
    pub dead_rows: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            min_share: 0.01,
            dominant_share: 0.25,
            variance_ratio: 3.0,
            deep_offset: 1000,
            huge_list: 100,
            temp_bytes: 100_000_000,
            lock_wait_us: 10_000_000,
            storm_count: 100,
            storm_per_hour: 10.0,
            cancelled: 5,
            churn_per_minute: 60.0,
            wal_share: 0.5,
            vacuum_us: 600_000_000,
            dead_rows: 100_000,
        }
    }
}

/// What the user decided about judging.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct JudgeOptions {
    /// Where the database runs, and whether the user said so.
    pub environment: Environment,
    /// Whether the environment was stated.
    pub environment_stated: bool,
    /// Words that findings are ranked first by.
    pub context: String,
    /// The limits that rules measure against.
    pub thresholds: Thresholds,
    /// Rules that are switched off, by name.
    pub disabled: Vec<String>,
    /// Findings below this severity are left out.
    pub least: Option<Severity>,
}
