//! Whether the attributes that options name are in what was read: only the inputs know them.

use super::{Aggregate, GroupBy, OrderBy, ReportOptions};
use crate::model::facts::Facts;
use crate::model::workload::GroupKey;
use crate::model::workload::attributes::Figures;
use std::collections::BTreeMap;

/// Names that a message lists.
const MAX_NAMES: usize = 80;

/// An option names an attribute that no input has, or that cannot be used so.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("--{option} {value}: {why}; attributes of these inputs: {known}")]
pub struct UnfitAttribute {
    option: &'static str,
    value: String,
    why: &'static str,
    known: String,
}

/// What kinds of values an attribute has in the inputs.
#[derive(Clone, Copy, Default)]
struct Kinds {
    number: bool,
    flag: bool,
    word: bool,
}

/// What an option does with an attribute.
#[derive(Clone, Copy)]
enum Use {
    Order(Aggregate),
    Group,
    Percentile,
}

impl Use {
    fn option(self) -> &'static str {
        match self {
            Use::Order(_) => "order-by",
            Use::Group => "group-by",
            Use::Percentile => "outliers",
        }
    }

    /// Why an attribute with such values cannot be used so.
    fn objection(self, kinds: Kinds) -> Option<&'static str> {
        match self {
            Use::Group if kinds.flag || kinds.word => None,
            Use::Group => Some("it is a number: order by it"),
            _ if kinds.number => None,
            Use::Percentile => Some("it is no number"),
            Use::Order(Aggregate::Sum | Aggregate::Mean) if kinds.flag => None,
            Use::Order(_) if kinds.flag => {
                Some("it says yes or no: order by it, or by its share of yes with :mean")
            }
            Use::Order(_) => Some("it is a word: group by it"),
        }
    }

    /// Why a name that no input has is refused.
    fn unknown(self) -> &'static str {
        match self {
            Use::Order(_) => {
                "neither total, calls, mean, p95 or max, nor an attribute of these inputs"
            }
            Use::Group => {
                "neither fingerprint, tables, verb, user, host, db, app or tag:NAME, nor an \
                 attribute of these inputs"
            }
            Use::Percentile => "neither query_time nor an attribute of these inputs",
        }
    }
}

/// Holds the attributes that options name against the inputs.
pub fn check(options: &ReportOptions, facts: &Facts) -> Result<(), UnfitAttribute> {
    let mut named: Vec<(Use, String, &str)> = Vec::new();
    if let OrderBy::Attribute { name, by } = &options.order_by {
        named.push((Use::Order(*by), options.order_by.to_string(), name));
    }
    if let GroupBy::Key(GroupKey::Attribute(name)) = &options.group_by {
        named.push((Use::Group, options.group_by.to_string(), name));
    }
    if let Some(outliers) = &options.outliers
        && let Some(name) = &outliers.attribute
    {
        named.push((Use::Percentile, outliers.to_string(), name));
    }
    if named.is_empty() {
        return Ok(());
    }
    let known = kinds(facts);
    for (used, value, name) in named {
        let why = match known.get(name) {
            Some(kinds) => used.objection(*kinds),
            None => Some(used.unknown()),
        };
        if let Some(why) = why {
            return Err(UnfitAttribute { option: used.option(), value, why, known: list(&known) });
        }
    }
    Ok(())
}

/// Every attribute of the inputs.
fn kinds(facts: &Facts) -> BTreeMap<&str, Kinds> {
    let mut known: BTreeMap<&str, Kinds> = BTreeMap::new();
    for class in facts.servers.iter().flat_map(|server| server.workload.classes()) {
        let attributes = class.attributes();
        let named = attributes.known().map(|(known, figures)| (known.name(), figures));
        for (name, figures) in named.chain(attributes.others()) {
            let kinds = known.entry(name).or_default();
            match figures {
                Figures::Numbers(_) => kinds.number = true,
                Figures::Flags(_) => kinds.flag = true,
                Figures::Words(_) => kinds.word = true,
            }
        }
    }
    known
}

/// Their names, with what their values are where these are no numbers.
fn list(known: &BTreeMap<&str, Kinds>) -> String {
    if known.is_empty() {
        return "none".to_owned();
    }
    let mut names: Vec<String> = known
        .iter()
        .map(|(name, kinds)| match kinds {
            Kinds { number: true, .. } => (*name).to_owned(),
            Kinds { flag: true, .. } => format!("{name} (yes or no)"),
            _ => format!("{name} (a word)"),
        })
        .collect();
    let more = names.len().saturating_sub(MAX_NAMES);
    names.truncate(MAX_NAMES);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
