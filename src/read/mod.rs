//! Reading: bytes become events. What is this file ([`recognise`]), where do its records begin, and
//! what do they mean. Knows nothing of rules or reports.

pub mod input;
pub mod logs;
pub mod options;
pub mod plans;
pub mod snapshots;

use crate::model::facts::InputKind;
use input::Sample;
use logs::LogReader;
use logs::envelope::{ENVELOPES, Envelope, Enveloped, Fits, unwrap_sample};
use logs::guess::Guess;
use options::ReadOptions;
use std::sync::Arc;

/// Carriers that may stand in one another.
const CARRIERS_MAX: usize = 2;

/// A format that `--map` fits is surer than this.
const STATED: u8 = 90;

/// What a file was taken for.
#[derive(Clone)]
pub struct Recognised {
    /// The format, of what is inside if the file is a carrier.
    pub guess: Guess,
    /// What carries it, the outermost first.
    pub carriers: Vec<Arc<dyn Envelope>>,
}

impl Recognised {
    /// A reader for the file.
    pub fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        self.open_within(&self.carriers, sample, options)
    }

    fn open_within(
        &self,
        carriers: &[Arc<dyn Envelope>],
        sample: &Sample,
        options: &ReadOptions,
    ) -> Box<dyn LogReader> {
        let Some((outermost, within)) = carriers.split_first() else {
            return self.guess.format.open(sample, options);
        };
        let inside = unwrap_sample(outermost.as_ref(), sample);
        let inner = self.open_within(within, &inside, options);
        Box::new(Enveloped::new(Arc::clone(outermost), inner))
    }

    /// The first carrier with something inside that is sure, else the format with the highest score.
    fn best(sample: &Sample, options: &ReadOptions, carriers_max: usize) -> Option<Recognised> {
        let within = carriers_max.checked_sub(1);
        let carried = within.and_then(|within| {
            ENVELOPES.iter().find_map(|kind| {
                let envelope = (kind.detect)(sample, options, Fits::new(options, within))?;
                // Parts are brought together in the source's order, by distances in it.
                if carriers_max < CARRIERS_MAX && envelope.has_parts() {
                    return None;
                }
                let inside = unwrap_sample(envelope.as_ref(), sample);
                let mut taken = Recognised::sure(&inside, options, within)?;
                taken.carriers.insert(0, Arc::from(envelope));
                Some(taken)
            })
        });
        let direct = |guess| Recognised { guess, carriers: Vec::new() };
        // A client's frame around a plan is no carrier: the statement stands outside of it.
        let is_plan = |taken: &Recognised| taken.guess.format.kind() == InputKind::Plan;
        if carried.as_ref().is_none_or(is_plan) {
            return Guess::of(sample, options).map(direct).or(carried);
        }
        carried
    }

    /// What a text is beyond doubt, in at most so many carriers.
    pub(crate) fn sure(
        sample: &Sample,
        options: &ReadOptions,
        carriers_max: usize,
    ) -> Option<Recognised> {
        Recognised::best(sample, options, carriers_max).filter(|taken| taken.guess.is_sure())
    }
}

/// What is this file? The first carrier with a format inside, else the format with the highest
/// score; `Err` holds the best guess, if any.
pub fn recognise(sample: &Sample, options: &ReadOptions) -> Result<Recognised, Option<Recognised>> {
    // Who says which columns hold what has looked at the file.
    let stated = options.map.as_ref().and_then(|_| Guess::of(sample, options));
    let stated = stated.filter(|guess| guess.score > STATED);
    let stated = stated.map(|guess| Recognised { guess, carriers: Vec::new() });
    // Rows of a stated view stand in no carrier, whatever their first cells look like.
    let carriers_max = if options.forced_view.is_some() { 0 } else { CARRIERS_MAX };
    match stated.or_else(|| Recognised::best(sample, options, carriers_max)) {
        Some(taken) if taken.guess.is_sure() => Ok(taken),
        Some(taken) if taken.guess.forced => {
            Ok(Recognised { guess: Guess { score: 100, ..taken.guess }, ..taken })
        }
        taken => Err(taken.filter(|taken| taken.guess.score > 0)),
    }
}
