//! The statements that are kept: the slowest of a class and two sampled ones. They are chosen by
//! total orders over the runs themselves, never by arrival, so that any split keeps the same three.

use super::{mix, reserve_few};
use crate::time::Timestamp;
use std::sync::Arc;

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
    pub text: Arc<str>,
    /// Length of the text as logged, in bytes.
    pub logged_bytes: u64,
    /// Bind parameters, only where the user asked to keep literals.
    pub parameters: Option<Box<str>>,
    /// The tags of its comments, values of high cardinality such as trace ids among them.
    pub tags: Box<[(Box<str>, Box<str>)]>,
}

/// The examples of one class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Examples {
    /// The sampled ones and the slowest, each once, sorted by lot: of a million classes most ran
    /// once, so none may be kept twice.
    kept: Vec<Example>,
}

impl Examples {
    /// Offers a run; the example is made only if it will be kept.
    pub fn offer(&mut self, run: Run, make: impl FnOnce() -> Example) {
        let slowest = self.slowest().is_none_or(|e| run.slowness() < e.run.slowness());
        let sampled = self.kept.get(SAMPLED - 1).is_none_or(|last| run.lot() < last.run.lot());
        if slowest || sampled {
            self.put(make());
        }
    }

    /// Takes over what another set of examples of the same class kept.
    pub fn merge(&mut self, other: Examples) {
        other.kept.into_iter().for_each(|example| self.put(example));
    }

    fn put(&mut self, mut example: Example) {
        // Masked texts of one class are mostly equal.
        if let Some(same) = self.kept.iter().find(|kept| kept.text == example.text) {
            example.text = same.text.clone();
        }
        let lot = example.run.lot();
        let at = self.kept.partition_point(|kept| kept.run.lot() < lot);
        reserve_few(&mut self.kept);
        self.kept.insert(at, example);
        let slowest = self.place_of_slowest();
        let mut at = 0;
        self.kept.retain(|_| {
            at += 1;
            at <= SAMPLED || Some(at - 1) == slowest
        });
    }

    fn place_of_slowest(&self) -> Option<usize> {
        (0..self.kept.len()).min_by_key(|at| self.kept[*at].run.slowness())
    }

    /// The slowest run.
    pub fn slowest(&self) -> Option<&Example> {
        self.place_of_slowest().map(|at| &self.kept[at])
    }

    /// The sampled runs that are not the slowest.
    pub fn sampled(&self) -> impl Iterator<Item = &Example> {
        let slowest = self.place_of_slowest();
        let others = self.kept.iter().enumerate().filter(move |(at, _)| Some(*at) != slowest);
        others.map(|(_, example)| example)
    }

    /// Every kept example, for changing what they refer to.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut Example> {
        self.kept.iter_mut()
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
