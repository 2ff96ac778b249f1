//! Reading: bytes become events. What is this file ([`recognise`]), where do its records begin, and
//! what do they mean. Knows nothing of rules or reports.

pub mod input;
pub mod logs;
pub mod options;
pub mod plans;

use input::Sample;
use logs::{FORMATS, LogFormat, format_by_name};
use options::ReadOptions;

/// What a file was taken for.
#[derive(Clone, Copy)]
pub struct Recognised {
    /// The format.
    pub format: &'static dyn LogFormat,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Whether the user said so.
    pub forced: bool,
}

/// Below this score a guess is not acted on.
const SURE_ENOUGH: u8 = 30;

/// What is this file? The format with the highest score; `Err` holds the best guess, if any.
pub fn recognise(sample: &Sample, options: &ReadOptions) -> Result<Recognised, Option<Recognised>> {
    if let Some(format) = options.forced_format.as_deref().and_then(format_by_name) {
        return Ok(Recognised { format, score: 100, forced: true });
    }
    let best = FORMATS
        .iter()
        .map(|format| Recognised { format: *format, score: format.sniff(sample), forced: false })
        .rev()
        .max_by_key(|guess| guess.score);
    match best {
        Some(guess) if guess.score >= SURE_ENOUGH => Ok(guess),
        guess => Err(guess.filter(|g| g.score > 0)),
    }
}
