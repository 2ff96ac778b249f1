//! What the user decided about the report: plain values, filled in by the command line.

mod check;
mod group;
mod order;
mod outliers;
mod top;

pub use check::{UnfitAttribute, check};
pub use group::GroupBy;
pub use order::{Aggregate, OrderBy};
pub use outliers::Outliers;
pub use top::Top;

use crate::judge::config::Environment;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// A value of an option that means nothing; the text says what is allowed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct InvalidOption {
    value: String,
    expected: Cow<'static, str>,
}

fn invalid(value: &str, expected: impl Into<Cow<'static, str>>) -> InvalidOption {
    InvalidOption { value: value.to_owned(), expected: expected.into() }
}

/// The name of an attribute as the model has it: the log's key in lower case.
fn attribute_name(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (!text.is_empty() && text.chars().all(fits)).then(|| text.to_ascii_lowercase())
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
    /// Classes that are shown although the cut leaves them out.
    pub outliers: Option<Outliers>,
    /// Whether every plan is shown that belongs to no class.
    pub every_plan: bool,
    /// Whether classes are shown with the ids that pt-query-digest gives them.
    pub pt_ids: bool,
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
            outliers: None,
            every_plan: false,
            pt_ids: false,
            date: String::new(),
            recorded: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_read_what_they_print() {
        let targets: Targets = "schema, queries".parse().expect("both are targets");
        assert_eq!(targets.words(), ["queries", "schema"]);
        assert_eq!("queries,all".parse(), Ok(Targets::default()));
        assert!("queries,".parse::<Targets>().is_err());
    }
}
