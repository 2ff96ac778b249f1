//! `--order-by`: what classes are ranked by.

use super::{InvalidOption, attribute_name, invalid};
use std::fmt;
use std::str::FromStr;

/// What of the values of an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aggregate {
    /// Their sum; of a flag how often it says yes.
    Sum,
    /// Their mean; of a flag its share of yes.
    Mean,
    /// Their 95th percentile; classes with too few runs for one come last.
    P95,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

impl Aggregate {
    const ALL: [Aggregate; 5] =
        [Aggregate::Sum, Aggregate::Mean, Aggregate::P95, Aggregate::Max, Aggregate::Min];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Aggregate::Sum => "sum",
            Aggregate::Mean => "mean",
            Aggregate::P95 => "p95",
            Aggregate::Max => "max",
            Aggregate::Min => "min",
        }
    }
}

/// What classes are ranked by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
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
    /// An attribute of the runs; classes without it come last.
    Attribute {
        /// Its name in lower case.
        name: String,
        /// What of its values.
        by: Aggregate,
    },
}

/// The name that pt-query-digest and the logs themselves have for the duration of a run.
pub(super) const QUERY_TIME: &str = "query_time";

impl FromStr for OrderBy {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let expected = "total, calls, mean, p95, max, or an attribute of the log such as \
                        rows_examined, alone for its sum or with :sum, :mean, :p95, :max or :min";
        let (name, by) = match text.split_once(':') {
            None => (text, Aggregate::Sum),
            Some((name, word)) => {
                let by = Aggregate::ALL.into_iter().find(|by| by.word() == word);
                (name, by.ok_or_else(|| invalid(text, expected))?)
            }
        };
        let name = attribute_name(name).ok_or_else(|| invalid(text, expected))?;
        Ok(match (name.as_str(), by) {
            ("total" | QUERY_TIME, Aggregate::Sum) => OrderBy::Total,
            ("calls", Aggregate::Sum) => OrderBy::Calls,
            ("mean", Aggregate::Sum) | (QUERY_TIME, Aggregate::Mean) => OrderBy::Mean,
            ("p95", Aggregate::Sum) | (QUERY_TIME, Aggregate::P95) => OrderBy::P95,
            ("max", Aggregate::Sum) | (QUERY_TIME, Aggregate::Max) => OrderBy::Max,
            ("total" | "calls" | "mean" | "p95" | "max" | QUERY_TIME, _) => {
                return Err(invalid(text, expected));
            }
            _ => OrderBy::Attribute { name, by },
        })
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrderBy::Total => f.write_str("total"),
            OrderBy::Calls => f.write_str("calls"),
            OrderBy::Mean => f.write_str("mean"),
            OrderBy::P95 => f.write_str("p95"),
            OrderBy::Max => f.write_str("max"),
            OrderBy::Attribute { name, by: Aggregate::Sum } => f.write_str(name),
            OrderBy::Attribute { name, by } => write!(f, "{name}:{}", by.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_read_what_they_print() {
        for (text, printed) in [
            ("total", "total"),
            ("p95", "p95"),
            ("query_time:p95", "p95"),
            ("Query_time", "total"),
            ("Rows_examined", "rows_examined"),
            ("rows_sent:sum", "rows_sent"),
            ("lock_time:max", "lock_time:max"),
            ("full_scan:mean", "full_scan:mean"),
        ] {
            let order: Result<OrderBy, _> = text.parse();
            assert_eq!(order.map(|o| o.to_string()), Ok(printed.to_owned()), "{text}");
        }
        for text in ["", ":sum", "rows sent", "rows_sent:", "rows_sent:p99", "calls:max", "p95:p95"]
        {
            assert!(text.parse::<OrderBy>().is_err(), "{text}");
        }
    }
}
