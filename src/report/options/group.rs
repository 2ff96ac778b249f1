//! `--group-by`: what runs are grouped by beside their class.

use super::{InvalidOption, attribute_name, invalid};
use crate::model::event::{Known, Unit};
use crate::model::workload::GroupKey;
use std::fmt;
use std::str::FromStr;

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
    /// By a dimension, tag or attribute that the workload keeps numbers for while it is read.
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

const EXPECTED: &str = "one of fingerprint, tables, verb, user, host, db, app, tag:NAME, or an \
                        attribute of the log that is a word or yes and no, such as full_scan";

/// A group by an attribute, unless it is known to be a number.
fn of_attribute(text: &str) -> Result<GroupBy, InvalidOption> {
    let name = attribute_name(text).ok_or_else(|| invalid(text, EXPECTED))?;
    match Known::of_name(name.as_bytes()).map(Known::unit) {
        None | Some(Unit::Flag | Unit::Text) => Ok(GroupBy::Key(GroupKey::Attribute(name))),
        Some(_) => {
            let expected = format!(
                "a word or a flag but a number: --order-by {name} ranks by it; --group-by takes {}",
                EXPECTED.trim_start_matches("one of ")
            );
            Err(invalid(text, expected))
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
            _ => match text.strip_prefix("tag:") {
                Some(name) if !name.is_empty() => GroupBy::Key(GroupKey::Tag(name.to_owned())),
                Some(_) => return Err(invalid(text, EXPECTED)),
                None => of_attribute(text)?,
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
            GroupBy::Key(GroupKey::Attribute(name)) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_read_what_they_print() {
        for text in [
            "fingerprint",
            "tables",
            "verb",
            "user",
            "host",
            "db",
            "app",
            "tag:route",
            "full_scan",
            "errno",
            "plan_digest",
        ] {
            assert_eq!(text.parse::<GroupBy>().map(|g| g.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "tag:", "full scan", "rows:"] {
            assert!(text.parse::<GroupBy>().is_err(), "{text}");
        }
        let number = "Rows_sent".parse::<GroupBy>().expect_err("a number is no group");
        assert!(number.to_string().contains("--order-by rows_sent"), "{number}");
    }
}
