//! Whether a file holds objects of a carrier, whose of them are ours, and in which order they stand:
//! decided once, from the sample.

use super::layout::{Layout, What};
use super::{Carrier, Found, JsonEnvelope, Parts, Payload};
use crate::read::input::Sample;
use crate::read::logs::envelope::{Envelope, Fits};
use crate::read::logs::json::Members;
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Writers that are looked at, and bytes of each one's texts.
const WRITERS_MAX: usize = 32;
const WRITER_TEXT_MAX: usize = 64 * 1024;
/// Objects that are looked at before a file is given up that holds none of the carrier.
const STRANGERS_MAX: usize = 64;

/// What the sample shows.
#[derive(Default)]
struct Seen {
    texts: BTreeMap<[Vec<u8>; 2], Vec<u8>>,
    ours: usize,
    strange: usize,
    has_parts: bool,
    last: Option<Timestamp>,
    rises: usize,
    falls: usize,
}

/// Whether most objects of a sample are those of a carrier, and some writer's texts fit.
pub(super) fn detect(
    sample: &Sample,
    options: &ReadOptions,
    fits: Fits<'_>,
    carrier: &'static Carrier,
) -> Option<Box<dyn Envelope>> {
    let layout = Layout::of(&sample.head)?;
    let mut seen = Seen::default();
    let mut stamps = StampParser::new(&options.zones);
    let mut joined = Vec::new();
    let mut at = 0;
    while let Some(rest) = sample.head.get(at..).filter(|rest| !rest.is_empty()) {
        let begun = layout.first(rest, &mut joined);
        at += begun.bytes.max(1);
        if let What::Object(object) = begun.what
            && let Some(mut members) = Members::of(object)
        {
            seen.object(&(carrier.find)(&mut members), &mut stamps);
        }
        if seen.ours == 0 && seen.strange > STRANGERS_MAX {
            return None;
        }
    }
    if seen.ours < seen.strange {
        return None;
    }
    fits.keep_ours(&mut seen.texts);
    if seen.texts.is_empty() {
        return None;
    }
    let newest_first = seen.falls > seen.rises;
    Some(Box::new(JsonEnvelope {
        carrier,
        layout,
        newest_first,
        writers: seen.texts.into_keys().collect(),
        has_parts: seen.has_parts && !newest_first,
        zones: Arc::clone(&options.zones),
    }))
}

impl Seen {
    fn object(&mut self, found: &Found<'_>, stamps: &mut StampParser<'_>) {
        match found.payload {
            Payload::Strange => {
                self.strange += 1;
                return;
            }
            Payload::Nothing | Payload::Mark => return,
            _ => self.ours += 1,
        }
        let writer = found.writer.map(<[u8]>::to_vec);
        if self.texts.len() >= WRITERS_MAX && !self.texts.contains_key(&writer) {
            return;
        }
        let mut own = Vec::new();
        found.payload.push_to(&mut own);
        self.has_parts |= match found.parts {
            Parts::None => false,
            Parts::ByLineEnd | Parts::Last(_) => true,
            Parts::Numbered => super::numbered(&own).is_some(),
        };
        let time = found.time.read(stamps).map(|(time, _)| time);
        let time = time.or_else(|| stamps.parse(&own).map(|stamp| stamp.time));
        if let (Some(last), Some(time)) = (self.last, time) {
            self.rises += usize::from(time > last);
            self.falls += usize::from(time < last);
        }
        self.last = time.or(self.last);
        let text = self.texts.entry(writer).or_default();
        if text.len() < WRITER_TEXT_MAX {
            text.append(&mut own);
            if text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
        }
    }
}
