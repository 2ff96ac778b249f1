//! What the log said about the runs of a class beside text and duration: numbers with sum, smallest,
//! largest and 95th percentile, flags with their share of yes, words with their top values. Of the
//! records that carry an attribute, not of all.

use super::histogram::Histogram;
use super::stats::smaller;
use super::tally::{Names, Share, Tally};
use crate::lang::literals::mask_message;
use crate::model::event::{Attribute, Key, Known, Value};
use std::collections::BTreeMap;

/// Attributes that are not known, kept per class; those with the smallest names stay.
const MAX_OTHERS: usize = 64;
/// Values kept of an attribute of words.
const MAX_WORDS: usize = 32;
/// Values from which a 95th percentile is worth printing.
const P95_MIN_RECORDS: u64 = 20;

/// A numeric attribute of a set of runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Numbers {
    /// Records that carry it.
    pub records: u64,
    /// Sum, in the attribute's unit.
    pub sum: u128,
    /// Smallest.
    pub min: Option<u64>,
    /// Largest.
    pub max: u64,
    // Most counters of most classes are zero in every run: these take no bucket.
    zeros: u64,
    histogram: Histogram,
}

impl Numbers {
    fn add(&mut self, value: u64) {
        self.records += 1;
        self.min = Some(self.min.map_or(value, |min| min.min(value)));
        if value == 0 {
            self.zeros += 1;
            return;
        }
        self.sum += u128::from(value);
        self.max = self.max.max(value);
        self.histogram.add(value);
    }

    fn merge(&mut self, other: &Numbers) {
        self.records += other.records;
        self.sum += other.sum;
        self.min = smaller(self.min, other.min);
        self.max = self.max.max(other.max);
        self.zeros += other.zeros;
        self.histogram.merge(&other.histogram);
    }

    /// Mean of the records that carry it.
    pub fn mean(&self) -> Option<f64> {
        (self.records > 0).then(|| self.sum as f64 / self.records as f64)
    }

    /// 95th percentile; `None` below 20 records.
    pub fn p95(&self) -> Option<f64> {
        let rank = (0.95 * self.records as f64).ceil() as u64;
        if self.records < P95_MIN_RECORDS {
            return None;
        }
        if rank <= self.zeros {
            return Some(0.0);
        }
        let share = (rank - self.zeros) as f64 / (self.records - self.zeros) as f64;
        let (min, max) = (self.min? as f64, self.max as f64);
        self.histogram.quantile_us(share).map(|value| value.clamp(min, max))
    }
}

/// A flag of a set of runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// Records that carry it.
    pub records: u64,
    /// Of these, those that say yes.
    pub yes: u64,
}

impl Flags {
    fn merge(&mut self, other: Flags) {
        self.records += other.records;
        self.yes += other.yes;
    }

    /// Share of yes among the records that carry it.
    pub fn share(&self) -> Option<f64> {
        (self.records > 0).then(|| self.yes as f64 / self.records as f64)
    }
}

/// One attribute of a set of runs.
#[derive(Clone, Debug)]
pub enum Figures {
    /// Of a number.
    Numbers(Numbers),
    /// Of a flag.
    Flags(Flags),
    /// Of words: runs by value.
    Words(Tally),
}

impl Figures {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Number(_) => Figures::Numbers(Numbers::default()),
            Value::Flag(_) => Figures::Flags(Flags::default()),
            Value::Text(_) => Figures::Words(Tally::default()),
        }
    }

    /// Of the same kind, with nothing in it.
    fn empty(&self) -> Self {
        match self {
            Figures::Numbers(_) => Figures::Numbers(Numbers::default()),
            Figures::Flags(_) => Figures::Flags(Flags::default()),
            Figures::Words(_) => Figures::Words(Tally::default()),
        }
    }

    /// The kind as a key, since an unknown attribute may be a number here and a word there.
    fn kind(&self) -> u8 {
        match self {
            Figures::Numbers(_) => 0,
            Figures::Flags(_) => 1,
            Figures::Words(_) => 2,
        }
    }

    fn add(&mut self, value: &Value<'_>, run: Share, names: &mut Names) {
        match (self, value) {
            (Figures::Numbers(numbers), Value::Number(value)) => numbers.add(*value),
            (Figures::Flags(flags), Value::Flag(yes)) => {
                flags.merge(Flags { records: 1, yes: u64::from(*yes) });
            }
            (Figures::Words(words), Value::Text(text)) => {
                let name = names.id(text);
                words.add(names, name, run, MAX_WORDS);
            }
            _ => {}
        }
    }

    fn merge(&mut self, names: &mut Names, other: &Figures, theirs: &Names) {
        match (self, other) {
            (Figures::Numbers(mine), Figures::Numbers(other)) => mine.merge(other),
            (Figures::Flags(mine), Figures::Flags(other)) => mine.merge(*other),
            (Figures::Words(mine), Figures::Words(other)) => {
                mine.merge(names, other, theirs, MAX_WORDS);
            }
            _ => {}
        }
    }
}

/// What an attribute of words or a flag says about a run, by its name in lower case; `None` for
/// numbers. Words of attributes that are not known are masked unless literals are kept.
pub(super) fn word(
    attributes: &[Attribute<'_>],
    name: &str,
    keep_literals: bool,
) -> Option<String> {
    let is_it = |key: &Key<'_>| match key {
        Key::Known(known) => known.name() == name,
        Key::Other(key) => key.eq_ignore_ascii_case(name.as_bytes()),
    };
    let found = attributes.iter().find(|attribute| is_it(&attribute.key))?;
    match found.value {
        Value::Number(_) => None,
        Value::Flag(yes) => Some(if yes { "yes" } else { "no" }.to_owned()),
        Value::Text(text) if keep_literals || matches!(found.key, Key::Known(_)) => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        Value::Text(text) => Some(masked(text)),
    }
}

fn masked(text: &[u8]) -> String {
    let mut out = String::new();
    mask_message(text, &mut out);
    out
}

/// The attributes of a set of runs.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// Which are there, to find one by a scan of few bytes.
    ids: Vec<u8>,
    known: Vec<Figures>,
    others: BTreeMap<(Box<str>, u8), Figures>,
}

impl Attributes {
    /// None yet.
    pub const fn new() -> Self {
        Attributes { ids: Vec::new(), known: Vec::new(), others: BTreeMap::new() }
    }

    /// Adds what one run's record says; words of attributes that are not known are masked unless
    /// literals are kept.
    pub(super) fn add(
        &mut self,
        attributes: &[Attribute<'_>],
        run: Share,
        names: &mut Names,
        keep_literals: bool,
    ) {
        for Attribute { key, value } in attributes {
            match key {
                Key::Known(known) => {
                    let at = self.place(*known, || Figures::of(value));
                    self.known[at].add(value, run, names);
                }
                Key::Other(key) => self.add_other(key, value, run, names, keep_literals),
            }
        }
    }

    fn place(&mut self, known: Known, make: impl FnOnce() -> Figures) -> usize {
        let id = known as u8;
        self.ids.iter().position(|mine| *mine == id).unwrap_or_else(|| {
            self.ids.push(id);
            self.known.push(make());
            self.ids.len() - 1
        })
    }

    fn add_other(
        &mut self,
        key: &[u8],
        value: &Value<'_>,
        run: Share,
        names: &mut Names,
        keep_literals: bool,
    ) {
        let empty = Figures::of(value);
        let name = String::from_utf8_lossy(key).to_ascii_lowercase().into_boxed_str();
        let figures = self.others.entry((name, empty.kind())).or_insert(empty);
        match value {
            Value::Text(text) if !keep_literals => {
                figures.add(&Value::Text(masked(text).as_bytes()), run, names);
            }
            value => figures.add(value, run, names),
        }
        if self.others.len() > MAX_OTHERS {
            self.others.pop_last();
        }
    }

    pub(super) fn merge(&mut self, names: &mut Names, other: &Attributes, theirs: &Names) {
        for (id, figures) in other.ids.iter().zip(&other.known) {
            let known = Known::ALL[usize::from(*id)];
            let at = self.place(known, || figures.empty());
            self.known[at].merge(names, figures, theirs);
        }
        for (key, figures) in &other.others {
            match self.others.get_mut(key) {
                Some(mine) => mine.merge(names, figures, theirs),
                None => {
                    let mut figures = figures.clone();
                    figures.move_names(theirs, names);
                    self.others.insert(key.clone(), figures);
                }
            }
        }
        while self.others.len() > MAX_OTHERS {
            self.others.pop_last();
        }
    }

    pub(super) fn move_names(&mut self, from: &Names, to: &mut Names) {
        let others = self.others.values_mut();
        self.known.iter_mut().chain(others).for_each(|figures| figures.move_names(from, to));
    }

    /// What is known of an attribute.
    pub fn get(&self, known: Known) -> Option<&Figures> {
        let id = known as u8;
        self.ids.iter().position(|mine| *mine == id).map(|at| &self.known[at])
    }

    /// A numeric attribute.
    pub fn numbers(&self, known: Known) -> Option<&Numbers> {
        match self.get(known) {
            Some(Figures::Numbers(numbers)) => Some(numbers),
            _ => None,
        }
    }

    /// A flag.
    pub fn flags(&self, known: Known) -> Option<Flags> {
        match self.get(known) {
            Some(Figures::Flags(flags)) => Some(*flags),
            _ => None,
        }
    }

    /// Known attributes, in the order of [`Known::ALL`].
    pub fn known(&self) -> impl Iterator<Item = (Known, &Figures)> {
        Known::ALL.iter().filter_map(|known| Some((*known, self.get(*known)?)))
    }

    /// Attributes that are not known, by name.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Figures)> {
        self.others.iter().map(|((name, _), figures)| (&**name, figures))
    }

    /// What is known of the attribute of a name, which is in lower case. One that is not known may
    /// be a number in some records and a word in others.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Figures> {
        let known = Known::of_name(name.as_bytes()).and_then(|known| self.get(known));
        let others = self.others().filter(move |(other, _)| *other == name);
        known.into_iter().chain(others.map(|(_, figures)| figures))
    }

    /// Whether no record carried any.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.others.is_empty()
    }
}

impl Figures {
    fn move_names(&mut self, from: &Names, to: &mut Names) {
        if let Figures::Words(words) = self {
            words.move_names(from, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn build(runs: &[(u8, u64)]) -> (Names, Attributes) {
        let (mut names, mut all) = (Names::default(), Attributes::default());
        for (kind, number) in runs {
            let word = [b'a' + (*number % 5) as u8];
            let other = [b'K' + kind % 3];
            let attributes = [
                Attribute { key: Key::Known(Known::RowsSent), value: Value::Number(*number) },
                Attribute { key: Key::Known(Known::FullScan), value: Value::Flag(kind % 2 == 0) },
                Attribute { key: Key::Known(Known::Errno), value: Value::Text(&word) },
                Attribute { key: Key::Other(&other), value: Value::Number(*number) },
            ];
            let from = usize::from(kind % 4);
            all.add(&attributes[from..], Share { calls: 1, total_us: 7 }, &mut names, false);
        }
        (names, all)
    }

    fn shown((names, all): &(Names, Attributes)) -> Vec<String> {
        let show = |name: &str, figures: &Figures| match figures {
            Figures::Numbers(n) => format!("{name} {n:?} {:?}", n.p95()),
            Figures::Flags(flags) => format!("{name} {flags:?}"),
            Figures::Words(words) => format!("{name} {:?}", words.ranked(names)),
        };
        let known = all.known().map(|(known, figures)| show(known.name(), figures));
        known.chain(all.others().map(|(name, figures)| show(name, figures))).collect()
    }

    #[test]
    fn percentiles_count_zeros_without_buckets() {
        let mut numbers = Numbers::default();
        (0..95).for_each(|_| numbers.add(0));
        (0..5).for_each(|_| numbers.add(40));
        assert_eq!((numbers.p95(), numbers.max, numbers.sum), (Some(0.0), 40, 200));
        numbers.add(40);
        assert_eq!(numbers.p95(), Some(40.0));
        assert_eq!(numbers.mean().map(f64::round), Some(2.0));
    }

    #[test]
    fn a_run_is_grouped_by_its_words_and_flags_and_strangers_words_are_masked() {
        let attributes = [
            Attribute { key: Key::Known(Known::RowsSent), value: Value::Number(7) },
            Attribute { key: Key::Known(Known::FullScan), value: Value::Flag(true) },
            Attribute { key: Key::Known(Known::Errno), value: Value::Text(b"1213") },
            Attribute { key: Key::Other(b"Plan_note"), value: Value::Text(b"key 'ada@b.org'") },
        ];
        let said = |name: &str, keep| word(&attributes, name, keep);
        assert_eq!(said("rows_sent", false), None, "numbers are no groups");
        assert_eq!(said("nothing", false), None);
        assert_eq!(said("full_scan", false).as_deref(), Some("yes"));
        assert_eq!(said("errno", false).as_deref(), Some("1213"));
        assert_eq!(said("plan_note", true).as_deref(), Some("key 'ada@b.org'"));
        let masked = said("plan_note", false).expect("a word");
        assert!(masked.starts_with("key ") && !masked.contains("ada"), "{masked}");
    }

    proptest! {
        #[test]
        fn merging_parts_gives_the_whole(runs in prop::collection::vec((any::<u8>(), 0u64..9), 0..80), cut in 0usize..80) {
            let whole = shown(&build(&runs));
            let cut = cut.min(runs.len());
            let (mut left, right) = (build(&runs[..cut]), build(&runs[cut..]));
            left.1.merge(&mut left.0, &right.1, &right.0);
            prop_assert_eq!(shown(&left), whole);
        }
    }
}
