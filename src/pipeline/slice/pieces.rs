//! One chunk as pieces: which bytes belong to which record, and what decides about each.
//!
//! A *cell* is what is written or left out as a whole: a record with the bytes behind it that nobody
//! understood, an attached line; or several records, where they stand in one entry of a carrier. A
//! *unit* is a run of a cell's bytes: one, unless a carrier interleaves the parts of records.

use super::wanted::{Claim, Judge, Verdicts};
use crate::model::event::{Event, Sink, Span, SpanDetail, SpanRole};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::Reading;
use crate::time::Timestamp;
use std::ops::Range;

/// What one chunk holds.
#[derive(Default)]
pub(super) struct Pieces {
    /// What decides, in the order in which records were told; with the cell it decides about.
    pub claims: Vec<(u32, Claim)>,
    /// How many cells there are.
    pub cells: u32,
    /// In the order of the source.
    pub units: Vec<Unit>,
    /// What the units' bytes are taken from, where it is not the chunk itself.
    pub masked: Option<String>,
    /// How much was understood.
    pub reading: Reading,
    /// Bytes that stand in no unit, since nobody can mask them.
    pub left_out_bytes: u64,
}

/// A run of bytes that are written or left out together.
pub(super) struct Unit {
    pub cell: u32,
    /// Where it begins in the chunk.
    pub start: usize,
    /// Its bytes, in the chunk or in what was masked.
    pub bytes: Range<usize>,
    /// The time of the record that begins here.
    pub time: Option<Timestamp>,
    /// How many records begin here.
    pub records: u32,
}

/// Makes pieces of the spans of a chunk.
pub(super) struct Collector<'c, 'w> {
    chunk: &'c [u8],
    judge: &'c mut Judge<'w>,
    detail: SpanDetail,
    masker: Option<Box<dyn Masker + 'c>>,
    pieces: Pieces,
    /// Where the last span ended in its text.
    end: usize,
    /// The last part of the last span's source.
    last_part: Range<usize>,
    is_carried: bool,
    /// The last span is none that bytes behind it can belong to.
    is_behind_heading: bool,
}

impl<'c, 'w> Collector<'c, 'w> {
    /// For one chunk; `masker` where literals are hidden.
    pub fn new(
        chunk: &'c [u8],
        judge: &'c mut Judge<'w>,
        detail: SpanDetail,
        masker: Option<Box<dyn Masker + 'c>>,
    ) -> Self {
        let masked = masker.is_some().then(String::new);
        Collector {
            chunk,
            judge,
            detail,
            masker,
            pieces: Pieces { masked, ..Pieces::default() },
            end: 0,
            last_part: 0..0,
            is_carried: false,
            is_behind_heading: false,
        }
    }

    /// All pieces of the chunk.
    pub fn finish(mut self, reading: Reading) -> Pieces {
        match self.is_carried {
            false => self.fill_to(self.chunk.len()),
            true => self.sort(),
        }
        self.pieces.reading = reading;
        self.pieces
    }

    /// Brings the units of a carrier in the order of the source, each byte once: an entry that holds
    /// several records belongs to the first that was told.
    fn sort(&mut self) {
        self.pieces.units.sort_by_key(|unit| unit.start);
        if self.pieces.masked.is_some() {
            return;
        }
        let mut end = 0;
        for unit in &mut self.pieces.units {
            unit.bytes.start = unit.bytes.start.max(end);
            unit.bytes.end = unit.bytes.end.max(unit.bytes.start);
            unit.start = unit.bytes.start;
            end = unit.bytes.end;
        }
    }

    /// The chunk's own bytes up to here belong to the span before, if there is one.
    fn fill_to(&mut self, start: usize) {
        let Some(gap) = self.chunk.get(self.end..start).filter(|gap| !gap.is_empty()) else {
            return;
        };
        if self.pieces.masked.is_some() {
            self.leave_out(gap);
        } else if let Some(last) = self.pieces.units.last_mut().filter(|_| !self.is_behind_heading)
        {
            last.bytes.end = start;
        } else {
            let cell = self.begin_cell();
            let role = SpanRole::Rest;
            let claim = Claim { session: 0, base: false, role, says: Verdicts::Nothing };
            let bytes = self.end..start;
            self.pieces.claims.push((cell, claim));
            self.pieces.units.push(Unit {
                cell,
                start: bytes.start,
                bytes,
                time: None,
                records: 0,
            });
            self.is_behind_heading = false;
        }
        self.end = start;
    }

    /// Nobody can mask bytes that nobody understands.
    fn leave_out(&mut self, bytes: &[u8]) {
        if !bytes.trim_ascii().is_empty() {
            self.pieces.left_out_bytes += bytes.len() as u64;
        }
    }

    fn begin_cell(&mut self) -> u32 {
        self.pieces.cells += 1;
        self.pieces.cells - 1
    }

    /// The bytes of a record without literals, if it can still be wanted.
    fn mask(&mut self, span: &Span<'_>, claim: &Claim) -> Option<Range<usize>> {
        let masked = self.pieces.masked.as_mut()?;
        let begin = masked.len();
        match (span.role, &mut self.masker) {
            (SpanRole::Record { .. }, _) if !claim.base => {}
            (SpanRole::Record { .. } | SpanRole::Attached | SpanRole::Heading, Some(masker)) => {
                masker.mask(span.text, masked);
            }
            _ => {
                let parts = span.parts.iter().filter_map(|part| self.chunk.get(part.clone()));
                parts.for_each(|part| self.leave_out(part));
            }
        }
        let end = self.pieces.masked.as_ref().map_or(begin, String::len);
        Some(begin..end)
    }

    /// A span of the chunk's own bytes.
    fn plain(&mut self, span: &Span<'_>, claim: &Claim) {
        self.fill_to(span.start);
        self.is_behind_heading = span.role == SpanRole::Heading;
        let cell = self.begin_cell();
        let whole = span.start..span.start + span.text.len();
        self.end = self.end.max(whole.end);
        let bytes = self.mask(span, claim).unwrap_or(whole);
        let (time, records) = (span.time, records(span));
        self.pieces.claims.push((cell, *claim));
        self.pieces.units.push(Unit { cell, start: span.start, bytes, time, records });
    }

    /// A span that a carrier holds.
    fn carried(&mut self, span: &Span<'_>, claim: &Claim) {
        self.is_carried = true;
        let Some(first) = span.parts.first() else { return };
        let is_shared = self.last_part.contains(&first.start) && self.pieces.cells > 0;
        let cell = if is_shared { self.pieces.cells - 1 } else { self.begin_cell() };
        self.pieces.claims.push((cell, *claim));
        let (mut time, mut records) = (span.time, records(span));
        if let Some(bytes) = self.mask(span, claim) {
            self.pieces.units.push(Unit { cell, start: first.start, bytes, time, records });
        } else {
            for part in span.parts {
                let (start, bytes) = (part.start, part.clone());
                self.pieces.units.push(Unit { cell, start, bytes, time: time.take(), records });
                records = 0;
            }
        }
        self.last_part = span.parts.last().cloned().unwrap_or_default();
    }
}

fn records(span: &Span<'_>) -> u32 {
    u32::from(matches!(span.role, SpanRole::Record { .. }))
}

impl Sink for Collector<'_, '_> {
    fn event(&mut self, _: &Event<'_>) {}

    fn wants_spans(&self) -> SpanDetail {
        self.detail
    }

    fn span(&mut self, span: &Span<'_>) {
        let claim = self.judge.claim(span);
        match span.parts.is_empty() {
            true => self.plain(span, &claim),
            false => self.carried(span, &claim),
        }
    }
}
