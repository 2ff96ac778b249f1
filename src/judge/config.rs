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
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            min_share: 0.01,
            dominant_share: 0.25,
            variance_ratio: 3.0,
            deep_offset: 1000,
            huge_list: 100,
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
