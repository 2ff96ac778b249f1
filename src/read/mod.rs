//! Reading: bytes become events. What is this file ([`recognise`]), where do its records begin, and
//! what do they mean. Knows nothing of rules or reports.

pub mod input;
pub mod logs;
pub mod options;
pub mod plans;

use input::Sample;
use logs::envelope::{ENVELOPES, Envelope, Enveloped, unwrap_sample};
use logs::{FORMATS, LogFormat, LogReader, format_by_name};
use options::ReadOptions;
use std::sync::Arc;

/// What a file was taken for.
#[derive(Clone)]
pub struct Recognised {
    /// The format; of what is inside, if the file is a carrier.
    pub format: &'static dyn LogFormat,
    /// What carries it.
    pub carrier: Option<Arc<dyn Envelope>>,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Whether the user said so.
    pub forced: bool,
}

impl Recognised {
    /// A reader for the file.
    pub fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        match &self.carrier {
            None => self.format.open(sample, options),
            Some(envelope) => {
                let inside = unwrap_sample(envelope.as_ref(), sample);
                let inner = self.format.open(&inside, options);
                Box::new(Enveloped::new(Arc::clone(envelope), inner))
            }
        }
    }
}

/// Below this score a guess is not acted on.
const SURE_ENOUGH: u8 = 30;

/// What is this file? The first carrier with a format inside, else the format with the highest
/// score; `Err` holds the best guess, if any.
pub fn recognise(sample: &Sample, options: &ReadOptions) -> Result<Recognised, Option<Recognised>> {
    let forced = options.forced_format.as_deref().and_then(format_by_name);
    let guess = |sample: &Sample| match forced {
        Some(format) => {
            let score = if format.sniff(sample) > 0 { 100 } else { 0 };
            Some(Recognised { format, carrier: None, score, forced: true })
        }
        None => FORMATS
            .iter()
            .map(|format| {
                let score = format.sniff(sample);
                Recognised { format: *format, carrier: None, score, forced: false }
            })
            .rev()
            .max_by_key(|guess| guess.score),
    };
    let sure = |guess: &Recognised| guess.score >= SURE_ENOUGH;
    let fits = |text: &[u8]| {
        let inside = Sample { head: text.to_vec(), more: Vec::new(), whole: true };
        guess(&inside).is_some_and(|guess| sure(&guess))
    };
    let carried = ENVELOPES.iter().find_map(|kind| {
        let envelope: Arc<dyn Envelope> = Arc::from((kind.detect)(sample, options, &fits)?);
        let inside = guess(&unwrap_sample(envelope.as_ref(), sample)).filter(sure)?;
        Some(Recognised { carrier: Some(envelope), ..inside })
    });
    match carried.or_else(|| guess(sample)) {
        Some(guess) if sure(&guess) => Ok(guess),
        Some(guess) if guess.forced => Ok(Recognised { score: 100, ..guess }),
        guess => Err(guess.filter(|g| g.score > 0)),
    }
}
