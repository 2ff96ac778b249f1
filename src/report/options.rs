//! What the user decided about the report: plain values, filled in by the command line.

use crate::judge::config::Environment;
use crate::model::workload::GroupKey;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// A value of an option that means nothing; the text says what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct InvalidOption {
    value: String,
    expected: &'static str,
}

fn invalid(value: &str, expected: &'static str) -> InvalidOption {
    InvalidOption { value: value.to_owned(), expected }
}

/// A part of the report that can be asked for alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// Slow queries and how they are written.
    Queries,
    /// Tables, columns and types.
    Schema,
    /// Missing and superfluous indexes.
    Indexes,
    /// Connections and pools.
    Connections,
    /// Locks, temporary files, errors, checkpoints, vacuum and the server itself.
    Server,
}

impl Target {
    /// Every target, in the order of the report.
    pub const ALL: [Target; 5] =
        [Target::Queries, Target::Schema, Target::Indexes, Target::Connections, Target::Server];

    /// The word on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Target::Queries => "queries",
            Target::Schema => "schema",
            Target::Indexes => "indexes",
            Target::Connections => "connections",
            Target::Server => "server",
        }
    }
}

/// The parts of the report that were asked for: `queries,indexes` or `all`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Targets(BTreeSet<Target>);

impl Default for Targets {
    fn default() -> Self {
        Targets(Target::ALL.into())
    }
}

impl Targets {
    /// Whether a part was asked for.
    pub fn has(&self, target: Target) -> bool {
        self.0.contains(&target)
    }

    /// The words of the parts, in the order of the report.
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|t| t.word()).collect()
    }
}

impl FromStr for Targets {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let mut chosen = BTreeSet::new();
        for word in text.split(',').map(str::trim) {
            match Target::ALL.into_iter().find(|t| t.word() == word) {
                Some(target) => chosen.extend([target]),
                None if word == "all" => chosen.extend(Target::ALL),
                None => {
                    return Err(invalid(
                        word,
                        "one of queries, schema, indexes, connections, server, all",
                    ));
                }
            }
        }
        Ok(Targets(chosen))
    }
}

/// How many classes a report shows: `20`, `all`, `95%` or `95%:20`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Top {
    /// All of them.
    All,
    /// So many.
    Count(usize),
    /// Until they make so many percent of the load, but no more than a number of them.
    Share {
        /// Percent of the load, above 0 and up to 100.
        percent: f64,
        /// The most classes.
        at_most: Option<usize>,
    },
}

impl Default for Top {
    fn default() -> Self {
        Top::Share { percent: 95.0, at_most: Some(20) }
    }
}

impl Top {
    /// How many of the classes are shown whose weights are given in ranked order.
    pub fn shown(self, weights: impl ExactSizeIterator<Item = u64>) -> usize {
        let classes = weights.len();
        match self {
            Top::All => classes,
            Top::Count(n) => n.min(classes),
            Top::Share { percent, at_most } => {
                let weights: Vec<u64> = weights.collect();
                let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
                let goal = total as f64 * percent / 100.0;
                let mut sum = 0u128;
                let reached = weights.iter().position(|weight| {
                    sum += u128::from(*weight);
                    sum as f64 >= goal
                });
                reached.map_or(classes, |at| at + 1).min(at_most.unwrap_or(classes))
            }
        }
    }
}

impl FromStr for Top {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let expected = "a number of classes, all, P% or P%:N such as 95%:20";
        let number = |n: &str| n.parse().ok().filter(|n: &usize| *n > 0);
        if text == "all" {
            return Ok(Top::All);
        }
        let Some((percent, rest)) = text.split_once('%') else {
            return number(text).map(Top::Count).ok_or_else(|| invalid(text, expected));
        };
        let percent = percent.parse().ok().filter(|p: &f64| *p > 0.0 && *p <= 100.0);
        let at_most = match rest.strip_prefix(':') {
            Some(n) => number(n).map(Some),
            None => rest.is_empty().then_some(None),
        };
        match (percent, at_most) {
            (Some(percent), Some(at_most)) => Ok(Top::Share { percent, at_most }),
            _ => Err(invalid(text, expected)),
        }
    }
}

impl fmt::Display for Top {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Top::All => f.write_str("all"),
            Top::Count(n) => write!(f, "{n}"),
            Top::Share { percent, at_most: None } => write!(f, "{percent}%"),
            Top::Share { percent, at_most: Some(n) } => write!(f, "{percent}%:{n}"),
        }
    }
}

/// What classes are ranked by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OrderBy {
    /// Total time.
    #[default]
    Total,
    /// Number of calls.
    Calls,
    /// Mean time; classes with five timed calls or more come first.
    Mean,
    /// 95th percentile; classes with too few runs for one come last.
    P95,
    /// Longest run.
    Max,
}

impl OrderBy {
    const ALL: [OrderBy; 5] =
        [OrderBy::Total, OrderBy::Calls, OrderBy::Mean, OrderBy::P95, OrderBy::Max];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            OrderBy::Total => "total",
            OrderBy::Calls => "calls",
            OrderBy::Mean => "mean",
            OrderBy::P95 => "p95",
            OrderBy::Max => "max",
        }
    }
}

impl FromStr for OrderBy {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let found = OrderBy::ALL.into_iter().find(|o| o.word() == text);
        found.ok_or_else(|| invalid(text, "one of total, calls, mean, p95, max"))
    }
}

/// What runs are grouped by beside their class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum GroupBy {
    /// By class only.
    #[default]
    Fingerprint,
    /// By the tables a statement names together.
    Tables,
    /// By what kind of statement it is.
    Verb,
    /// By a dimension or tag that the workload keeps numbers for while it is read.
    Key(GroupKey),
}

impl GroupBy {
    /// The dimension that must be kept while reading, if any.
    pub fn key(&self) -> Option<&GroupKey> {
        match self {
            GroupBy::Key(key) => Some(key),
            _ => None,
        }
    }
}

impl FromStr for GroupBy {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        Ok(match text {
            "fingerprint" => GroupBy::Fingerprint,
            "tables" => GroupBy::Tables,
            "verb" => GroupBy::Verb,
            "user" => GroupBy::Key(GroupKey::User),
            "host" => GroupBy::Key(GroupKey::Host),
            "db" => GroupBy::Key(GroupKey::Database),
            "app" => GroupBy::Key(GroupKey::App),
            _ => match text.strip_prefix("tag:").filter(|name| !name.is_empty()) {
                Some(name) => GroupBy::Key(GroupKey::Tag(name.to_owned())),
                None => {
                    let expected =
                        "one of fingerprint, tables, verb, user, host, db, app, tag:NAME";
                    return Err(invalid(text, expected));
                }
            },
        })
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupBy::Fingerprint => f.write_str("fingerprint"),
            GroupBy::Tables => f.write_str("tables"),
            GroupBy::Verb => f.write_str("verb"),
            GroupBy::Key(GroupKey::User) => f.write_str("user"),
            GroupBy::Key(GroupKey::Host) => f.write_str("host"),
            GroupBy::Key(GroupKey::Database) => f.write_str("db"),
            GroupBy::Key(GroupKey::App) => f.write_str("app"),
            GroupBy::Key(GroupKey::Tag(name)) => write!(f, "tag:{name}"),
        }
    }
}

/// What the user decided about the report.
#[derive(Clone, PartialEq, Debug)]
pub struct ReportOptions {
    /// What the report is about; part of its title.
    pub context: String,
    /// Where the database runs.
    pub environment: Environment,
    /// Whether the user said so; otherwise the header says "assumed".
    pub environment_stated: bool,
    /// A run of at least this many microseconds counts as slow.
    pub threshold_us: u64,
    /// The parts that were asked for.
    pub targets: Targets,
    /// How many classes are shown.
    pub top: Top,
    /// What classes are ranked by.
    pub order_by: OrderBy,
    /// What runs are grouped by beside their class.
    pub group_by: GroupBy,
    /// The optimization date in the header, decided by the caller: this module knows no clock.
    pub date: String,
    /// Options that change what the numbers mean, by their names, for the record.
    pub recorded: BTreeMap<String, String>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        ReportOptions {
            context: String::new(),
            environment: Environment::default(),
            environment_stated: false,
            threshold_us: 500_000,
            targets: Targets::default(),
            top: Top::default(),
            order_by: OrderBy::default(),
            group_by: GroupBy::default(),
            date: String::new(),
            recorded: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_what_they_print() {
        for text in ["all", "7", "95%", "99.5%:3"] {
            assert_eq!(text.parse::<Top>().map(|t| t.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "0", "-1", "0%", "101%", "95%:", "95%:0", "95%x", "nan%"] {
            assert!(text.parse::<Top>().is_err(), "{text}");
        }
        for text in ["fingerprint", "tables", "verb", "user", "host", "db", "app", "tag:route"] {
            assert_eq!(text.parse::<GroupBy>().map(|g| g.to_string()), Ok(text.to_owned()));
        }
        assert!("tag:".parse::<GroupBy>().is_err());
        assert_eq!("p95".parse(), Ok(OrderBy::P95));
        let targets: Targets = "schema, queries".parse().expect("both are targets");
        assert_eq!(targets.words(), ["queries", "schema"]);
        assert_eq!("queries,all".parse(), Ok(Targets::default()));
        assert!("queries,".parse::<Targets>().is_err());
    }

    #[test]
    fn top_counts_to_the_share_and_never_past_the_limit() {
        let weights = [50u64, 30, 15, 4, 1];
        for (top, shown) in
            [("all", 5), ("2", 2), ("9", 5), ("50%", 1), ("80%", 2), ("95%:20", 3), ("95%:2", 2)]
        {
            let top: Top = top.parse().expect("a top");
            assert_eq!(top.shown(weights.into_iter()), shown, "{top}");
        }
        assert_eq!(Top::default().shown([0u64; 3].into_iter()), 1, "no load: one stands for all");
        assert_eq!(Top::default().shown([0u64; 0].into_iter()), 0);
    }
}
