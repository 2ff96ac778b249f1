//! The statements that are kept: the slowest of a class and two sampled ones. They are chosen by
//! total orders over the runs themselves, never by arrival, so that any split keeps the same three.

use super::mix;
use super::tally::NameId;
use crate::time::Timestamp;

/// Sampled examples beside the slowest.
const SAMPLED: usize = 2;
/// Longest text kept of an example, in bytes: head and tail.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The source's rank among all sources of the run, by shown path.
    pub source: u32,
    /// Byte offset of the record in the decompressed source.
    pub offset: u64,
    /// Line, counted from the start of the chunk it was read in.
    pub line_in_chunk: u32,
}

/// One run, as far as choosing an example needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Duration in microseconds, when logged.
    pub duration_us: Option<u64>,
    /// End of the run.
    pub time: Option<Timestamp>,
    /// Where it was logged.
    pub place: Place,
}

impl Run {
    /// Slowest first, then earliest, then by place.
    fn slowness(&self) -> (std::cmp::Reverse<Option<u64>>, Option<Timestamp>, Place) {
        (std::cmp::Reverse(self.duration_us), self.time, self.place)
    }

    /// A number that depends on the run, not on where it was read: the sample is the smallest.
    fn lot(&self) -> (u64, Place) {
        let time = self.time.map_or(0, |t| t.0) as u64;
        (mix(time, self.duration_us.unwrap_or(0)), self.place)
    }
}

/// A kept statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// The run it shows.
    pub run: Run,
    /// Its text, masked unless the user asked to keep literals, at most [`MAX_TEXT_BYTES`].
    pub text: Box<str>,
    /// Length of the text as logged, in bytes.
    pub logged_bytes: u64,
    /// Bind parameters, only where the user asked to keep literals.
    pub parameters: Option<Box<str>>,
    /// User, database, host and application, when logged.
    pub who: [Option<NameId>; 4],
    /// Tags of high cardinality, such as trace ids.
    pub tags: Vec<(Box<str>, Box<str>)>,
}

/// The examples of one class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Examples {
    slowest: Option<Box<Example>>,
    /// Sorted by lot.
    sampled: Vec<Example>,
}

impl Examples {
    /// Offers a run; the example is made only if it will be kept.
    pub fn offer(&mut self, run: Run, make: impl FnOnce() -> Example) {
        let slowest = self.slowest.as_ref().is_none_or(|e| run.slowness() < e.run.slowness());
        let lot = run.lot();
        let sampled = self.sampled.len() < SAMPLED
            || self.sampled.last().is_some_and(|last| lot < last.run.lot());
        if !slowest && !sampled {
            return;
        }
        let example = make();
        if sampled {
            self.sample(example.clone());
        }
        if slowest {
            self.slowest = Some(Box::new(example));
        }
    }

    /// Takes over what another set of examples of the same class kept.
    pub fn merge(&mut self, other: Examples) {
        if let Some(theirs) = other.slowest
            && self.slowest.as_ref().is_none_or(|e| theirs.run.slowness() < e.run.slowness())
        {
            self.slowest = Some(theirs);
        }
        for example in other.sampled {
            self.sample(example);
        }
    }

    fn sample(&mut self, example: Example) {
        let lot = example.run.lot();
        let at = self.sampled.partition_point(|kept| kept.run.lot() < lot);
        if at < SAMPLED {
            self.sampled.insert(at, example);
            self.sampled.truncate(SAMPLED);
        }
    }

    /// The slowest run.
    pub fn slowest(&self) -> Option<&Example> {
        self.slowest.as_deref()
    }

    /// The sampled runs that are not the slowest.
    pub fn sampled(&self) -> impl Iterator<Item = &Example> {
        let slowest = self.slowest().map(|e| e.run.place);
        self.sampled.iter().filter(move |e| Some(e.run.place) != slowest)
    }

    /// Every kept example, for changing what they refer to.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut Example> {
        self.slowest.as_deref_mut().into_iter().chain(&mut self.sampled)
    }
}

/// Cuts a text to [`MAX_TEXT_BYTES`]: head and tail, with the number of bytes left out between.
pub fn head_and_tail(text: &str) -> Box<str> {
    if text.len() <= MAX_TEXT_BYTES {
        return text.into();
    }
    let head = text.floor_char_boundary(MAX_TEXT_BYTES * 3 / 4);
    let tail = text.ceil_char_boundary(text.len() - MAX_TEXT_BYTES / 4 + 64);
    format!("{} … ({} bytes left out) … {}", &text[..head], tail - head, &text[tail..]).into()
}
