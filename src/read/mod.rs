//! Reading: bytes become events. What is this file ([`recognise`]), where do its records begin, and
//! what do they mean. Knows nothing of rules or reports.

pub mod input;
pub mod logs;
pub mod options;
pub mod plans;

use input::Sample;
use logs::LogReader;
use logs::envelope::{ENVELOPES, Envelope, Enveloped, Fits, unwrap_sample};
use logs::guess::Guess;
use options::ReadOptions;
use std::sync::Arc;

/// What a file was taken for.
#[derive(Clone)]
pub struct Recognised {
    /// The format, of what is inside if the file is a carrier.
    pub guess: Guess,
    /// What carries it.
    pub carrier: Option<Arc<dyn Envelope>>,
}

impl Recognised {
    /// A reader for the file.
    pub fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        match &self.carrier {
            None => self.guess.format.open(sample, options),
            Some(envelope) => {
                let inside = unwrap_sample(envelope.as_ref(), sample);
                let inner = self.guess.format.open(&inside, options);
                Box::new(Enveloped::new(Arc::clone(envelope), inner))
            }
        }
    }
}

/// What is this file? The first carrier with a format inside, else the format with the highest
/// score; `Err` holds the best guess, if any.
pub fn recognise(sample: &Sample, options: &ReadOptions) -> Result<Recognised, Option<Recognised>> {
    let carried = || {
        ENVELOPES.iter().find_map(|kind| {
            let envelope = (kind.detect)(sample, options, Fits::new(options))?;
            let inside = unwrap_sample(envelope.as_ref(), sample);
            let guess = Guess::of(&inside, options).filter(Guess::is_sure)?;
            Some(Recognised { guess, carrier: Some(Arc::from(envelope)) })
        })
    };
    let direct = || Guess::of(sample, options).map(|guess| Recognised { guess, carrier: None });
    // Who says which columns hold what has looked at the file.
    let stated = options.map.as_ref().and_then(|_| direct()).filter(|taken| taken.guess.score > 90);
    match stated.or_else(carried).or_else(direct) {
        Some(taken) if taken.guess.is_sure() => Ok(taken),
        Some(taken) if taken.guess.forced => {
            Ok(Recognised { guess: Guess { score: 100, ..taken.guess }, ..taken })
        }
        taken => Err(taken.filter(|taken| taken.guess.score > 0)),
    }
}
