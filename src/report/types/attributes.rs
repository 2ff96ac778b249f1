//! What the log says about the runs of a class beside text and duration, and what sampled runs
//! stand for.

use super::Named;
use serde::{Serialize, Serializer};

/// A number that may have fractions: whole ones are written without a point.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Number(pub f64);

/// From here on not every whole number has a floating-point value of its own.
const EXACT: f64 = (1u64 << 53) as f64;

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            n if n.fract() == 0.0 && (0.0..EXACT).contains(&n) => {
                serializer.serialize_u64(n as u64)
            }
            n => serializer.serialize_f64(n),
        }
    }
}

/// What the numbers of an attribute are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// How many of something.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Ms,
    /// Whatever the log's own unit is.
    Plain,
}

/// An attribute of the runs of a class, of the records that carry it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Attribute {
    /// Of a number.
    Numbers {
        /// What the numbers are.
        unit: Measure,
        /// Records that carry it.
        records: u64,
        /// Their sum.
        sum: Number,
        /// Their mean.
        mean: Option<Number>,
        /// The smallest.
        min: Option<Number>,
        /// The largest.
        max: Option<Number>,
        /// The 95th percentile; `None` below 20 records.
        p95: Option<Number>,
    },
    /// Of a flag.
    Flags {
        /// Records that carry it.
        records: u64,
        /// Of these, those that say yes.
        yes: u64,
        /// Their share.
        share: f64,
    },
    /// Of a word or code.
    Words {
        /// Records that carry it.
        records: u64,
        /// Runs by value, most first.
        values: Vec<Named>,
        /// Runs with values that are not listed because there were too many.
        other_calls: u64,
    },
}

/// What runs stand for of which the log took only some: an estimate. Counts and times elsewhere are
/// of the runs that were logged.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Estimated {
    /// Runs.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
    /// The log took one run in so many, at most.
    pub one_in: u32,
}
