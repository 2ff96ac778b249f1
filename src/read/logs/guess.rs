//! Which format a text has, by its looks or because the user said so.

use super::{FORMATS, LogFormat, format_by_name};
use crate::read::input::Sample;
use crate::read::options::ReadOptions;

/// Below this score a guess is not acted on.
const SURE_ENOUGH: u8 = 30;

/// A format that a text may have.
#[derive(Clone, Copy)]
pub struct Guess {
    /// The format.
    pub format: &'static dyn LogFormat,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Whether the user said so.
    pub forced: bool,
}

impl Guess {
    /// The format with the highest score, the first of equals; the one that the user stated, if it
    /// is one.
    pub fn of(sample: &Sample, options: &ReadOptions) -> Option<Guess> {
        let forced = options.forced_format.as_deref().and_then(format_by_name);
        if let Some(format) = forced {
            let score = if format.sniff(sample, options) > 0 { 100 } else { 0 };
            return Some(Guess { format, score, forced: true });
        }
        let scored = FORMATS.iter().map(|format| Guess {
            format: *format,
            score: format.sniff(sample, options),
            forced: false,
        });
        scored.rev().max_by_key(|guess| guess.score)
    }

    /// Whether it may be acted on.
    pub fn is_sure(&self) -> bool {
        self.score >= SURE_ENOUGH
    }
}
