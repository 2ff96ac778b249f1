//! Attributes of classes as a report has them: microseconds become milliseconds, millionths plain
//! numbers.

use super::{ms, rounded_share};
use crate::model::event::{Known, Unit};
use crate::model::workload::attributes::{Attributes, Figures, Numbers};
use crate::model::workload::class::{Class, PhaseStats};
use crate::model::workload::stats::Stats;
use crate::model::workload::tally::Names;
use crate::report::options::Aggregate;
use crate::report::types::{Attribute, Estimated, Measure, Named, Number};
use std::collections::BTreeMap;

/// All attributes of a class by their names, and the steps of the extended protocol.
pub fn attributes(class: &Class, names: &Names) -> BTreeMap<String, Attribute> {
    let mut all = BTreeMap::new();
    for (name, step) in [("parse_ms", class.parse), ("bind_ms", class.bind)] {
        if step.count > 0 {
            all.insert(name.to_owned(), of_step(step));
        }
    }
    let attributes = class.attributes();
    for (known, figures) in attributes.known() {
        all.insert(known.name().to_owned(), attribute(measure(known.unit()), figures, names));
    }
    for (name, figures) in attributes.others() {
        // A key that is a number here and a word there is two attributes.
        let mut name = name.to_owned();
        while all.contains_key(&name) {
            name.push_str(" (other values)");
        }
        all.insert(name, attribute(Measure::Plain, figures, names));
    }
    all
}

fn of_step(step: PhaseStats) -> Attribute {
    let mean = step.total_us as f64 / step.count.max(1) as f64;
    Attribute::Numbers {
        unit: Measure::Ms,
        records: step.count,
        sum: Number(ms(step.total_us)),
        mean: Some(scaled(Measure::Ms, mean)),
        min: None,
        max: None,
        p95: None,
    }
}

fn attribute(unit: Measure, figures: &Figures, names: &Names) -> Attribute {
    match figures {
        Figures::Numbers(n) => Attribute::Numbers {
            unit,
            records: n.records,
            sum: scaled(unit, n.sum as f64),
            mean: n.mean().map(|mean| scaled(unit, mean)),
            min: n.min.map(|min| scaled(unit, min as f64)),
            max: n.min.map(|_| scaled(unit, n.max as f64)),
            p95: n.p95().map(|p95| scaled(unit, p95)),
        },
        Figures::Flags(f) => Attribute::Flags {
            records: f.records,
            yes: f.yes,
            share: rounded_share(f.share().unwrap_or(0.0)),
        },
        Figures::Words(words) => {
            let values: Vec<Named> = words
                .ranked(names)
                .into_iter()
                .map(|(name, share)| Named { name: name.to_owned(), calls: share.calls })
                .collect();
            let other_calls = words.rest().calls;
            let records = values.iter().map(|v| v.calls).sum::<u64>() + other_calls;
            Attribute::Words { records, values, other_calls }
        }
    }
}

/// What the numbers of a unit of the model are in a report.
fn measure(unit: Unit) -> Measure {
    match unit {
        Unit::Count => Measure::Count,
        Unit::Bytes => Measure::Bytes,
        Unit::Micros => Measure::Ms,
        Unit::Millionths | Unit::Flag | Unit::Text => Measure::Plain,
    }
}

/// What the numbers of an attribute are, by its name.
pub fn measure_of(name: &str) -> Measure {
    Known::of_name(name.as_bytes()).map_or(Measure::Plain, |known| measure(known.unit()))
}

/// A number of the model in a report's unit, with three decimals; of plain numbers six.
pub fn scaled(unit: Measure, value: f64) -> Number {
    Number(match unit {
        Measure::Count | Measure::Bytes => (value * 1e3).round() / 1e3,
        Measure::Ms => value.round() / 1e3,
        Measure::Plain => value.round() / 1e6,
    })
}

/// The sum of a known number over a class, in its own unit.
pub fn sum(attributes: &Attributes, known: Known) -> Option<u64> {
    attributes.numbers(known).map(|n| u64::try_from(n.sum).unwrap_or(u64::MAX))
}

/// What classes are ranked by: an aggregate of the attribute of a name, in the unit of the model.
pub fn value(attributes: &Attributes, name: &str, by: Aggregate) -> Option<f64> {
    attributes.named(name).find_map(|figures| match (figures, by) {
        (Figures::Numbers(n), Aggregate::Sum) => Some(n.sum as f64),
        (Figures::Numbers(n), Aggregate::Mean) => n.mean(),
        (Figures::Numbers(n), Aggregate::P95) => n.p95(),
        (Figures::Numbers(n), Aggregate::Max) => Some(n.max as f64),
        (Figures::Numbers(n), Aggregate::Min) => n.min.map(|min| min as f64),
        (Figures::Flags(f), Aggregate::Sum) => Some(f.yes as f64),
        (Figures::Flags(f), Aggregate::Mean) => f.share(),
        _ => None,
    })
}

/// Whether the attribute of a name says yes or no.
pub fn is_flag(attributes: &Attributes, name: &str) -> bool {
    attributes.named(name).any(|figures| matches!(figures, Figures::Flags(_)))
}

/// The numbers of the attribute of a name.
pub fn numbers<'a>(attributes: &'a Attributes, name: &'a str) -> Option<&'a Numbers> {
    attributes.named(name).find_map(|figures| match figures {
        Figures::Numbers(numbers) => Some(numbers),
        _ => None,
    })
}

/// What some runs stand for, where the log took only some.
pub fn estimated(stats: &Stats) -> Option<Estimated> {
    let estimate = stats.estimate();
    (estimate.one_in > 1).then(|| Estimated {
        calls: estimate.calls,
        total_ms: ms(estimate.total_us),
        one_in: estimate.one_in,
    })
}
