//! Remembers prefixes: the lines of a session differ in their stamp, hardly in what follows it.
//!
//! A prefix is read as a function of its text alone, so a line whose text from the zone to the
//! severity word was read before holds the same values, at the same offsets; only the stamp is read
//! again. The answer is that of the matcher, which a test checks; hits cost a comparison.

use super::Prefix;
use super::severity::{Label, label_at};
use crate::time::StampParser;

/// Prefixes remembered, by a hash of their first bytes.
const SLOTS: usize = 512;
/// Bytes behind the stamp that choose the slot: process id, or host and port.
const KEY_BYTES: usize = 16;
/// Longer prefixes are not worth comparing.
const MAX_TEXT: usize = 256;
/// After so many lookups with few hits (a line number in the prefix, say) nothing is remembered.
const TRIAL: u32 = 4096;

/// Where a value stands in its line.
type Place = Option<(u16, u16)>;

struct Entry {
    /// Offset in the line at which `text` begins: behind the stamp's fraction.
    start: usize,
    /// From there to the severity word.
    text: Box<[u8]>,
    two_blanks: bool,
    /// The numbers; the texts are taken from the line.
    numbers: Prefix<'static>,
    places: [Place; 8],
}

/// What was remembered; one per worker.
pub(super) struct Memo {
    slots: Vec<Option<Entry>>,
    lookups: u32,
    hits: u32,
}

impl Memo {
    /// Nothing remembered yet.
    pub(super) fn new() -> Self {
        Memo { slots: Vec::new(), lookups: 0, hits: 0 }
    }

    /// The prefix of a line that begins with a stamp, if its like was read before.
    #[inline]
    pub(super) fn find<'a>(
        &mut self,
        line: &'a [u8],
        stamps: &mut StampParser<'_>,
    ) -> Option<(Prefix<'a>, Label)> {
        if self.is_useless() {
            return None;
        }
        let stamp = stamps.parse(line)?;
        let start = if stamp.zone.1 > 0 { stamp.zone.0 } else { stamp.len };
        self.lookups += 1;
        let entry = self.slots.get(slot(line.get(start..)?))?.as_ref()?;
        let end = start + entry.text.len();
        if entry.start != start || line.get(start..end)? != &*entry.text {
            return None;
        }
        let label = label_at(line, end).filter(|label| label.two_blanks == entry.two_blanks)?;
        self.hits += 1;
        let text = |place: Place| place.and_then(|(from, to)| line.get(from.into()..to.into()));
        let [session, user, database, app, host, sqlstate, command_tag, backend_type] =
            entry.places.map(text);
        let prefix = Prefix {
            time: Some(stamp.time),
            offset_s: Some(stamp.offset_s),
            session,
            user,
            database,
            app,
            host,
            sqlstate,
            command_tag,
            backend_type,
            ..entry.numbers
        };
        Some((prefix, label))
    }

    /// Remembers what the matcher read.
    pub(super) fn learn(
        &mut self,
        line: &[u8],
        prefix: &Prefix<'_>,
        label: &Label,
        stamps: &mut StampParser<'_>,
    ) {
        if self.is_useless() {
            return;
        }
        let Some(stamp) = stamps.parse(line) else { return };
        let start = if stamp.zone.1 > 0 { stamp.zone.0 } else { stamp.len };
        let Some(text) = line.get(start..label.start).filter(|text| text.len() <= MAX_TEXT) else {
            return;
        };
        if prefix.time != Some(stamp.time) || label.start > usize::from(u16::MAX) {
            return;
        }
        let places = [
            prefix.session,
            prefix.user,
            prefix.database,
            prefix.app,
            prefix.host,
            prefix.sqlstate,
            prefix.command_tag,
            prefix.backend_type,
        ]
        .map(|value| value.and_then(|value| place(line, value)));
        let numbers = Prefix {
            pid: prefix.pid,
            line_num: prefix.line_num,
            query_id: prefix.query_id,
            ..Prefix::default()
        };
        // Made at the first use: a cut looks at a few lines only.
        self.slots.resize_with(SLOTS, || None);
        self.slots[slot(&line[start..])] =
            Some(Entry { start, text: text.into(), two_blanks: label.two_blanks, numbers, places });
    }

    fn is_useless(&self) -> bool {
        self.lookups >= TRIAL && self.hits < self.lookups / 4
    }
}

/// Where a part of a line stands in it.
fn place(line: &[u8], part: &[u8]) -> Option<(u16, u16)> {
    let from = (part.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    let to = from.checked_add(part.len()).filter(|to| *to <= line.len())?;
    Some((from.try_into().ok()?, to.try_into().ok()?))
}

/// The slot of a text.
fn slot(text: &[u8]) -> usize {
    let mut bytes = [0; KEY_BYTES];
    let length = text.len().min(KEY_BYTES);
    bytes[..length].copy_from_slice(&text[..length]);
    let (low, high) = bytes.split_at(8);
    let number = |half: &[u8]| half.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let mixed = (number(low) ^ number(high).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 55) as usize % SLOTS
}
