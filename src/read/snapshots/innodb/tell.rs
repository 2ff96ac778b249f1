//! What one output means, as events: its counters as a catalog, and the latest deadlock.

use super::figures::{self, Counters};
use super::sections::{Lines, Section, Topic, sections};
use super::waits;
use crate::model::catalog::{Catalog, Origin, Told, add_state};
use crate::model::event::Sink;
use crate::model::workload::examples::Place;
use crate::read::logs::mysql::error_log::{deadlock, head};
use crate::read::snapshots::whole::tell_catalog;
use crate::time::{StampParser, Timestamp};
use memchr::memchr;

/// Where an output stands.
#[derive(Clone, Copy, Debug)]
pub struct Stands {
    /// Byte offset in the source.
    pub offset: u64,
    /// Its first line, counted from the start of its chunk.
    pub line: u32,
    /// Its lines are lines of the source.
    pub has_lines: bool,
    /// When it was printed, where its headline does not say.
    pub time: Option<(Timestamp, i32)>,
}

/// Tells the sink what an output means that begins with its headline, and when it was printed.
pub fn tell(
    text: &[u8],
    stands: Stands,
    stamps: &mut StampParser<'_>,
    sink: &mut dyn Sink,
) -> Option<(Timestamp, i32)> {
    let mut when = |text: &[u8]| {
        let line = text.get(..memchr(b'\n', text).unwrap_or(text.len()))?;
        head::stamp(line, stamps).map(|(stamp, _)| (stamp.time, stamp.offset_s))
    };
    let taken = when(text).or(stands.time);
    let mut counters = Counters::new();
    for section in sections(text) {
        if section.topic == Topic::Deadlock {
            let line = if stands.has_lines { section.line } else { 0 };
            let place = (stands.offset, stands.line.saturating_add(line));
            deadlock::tell_section(section.body, place, when(section.body), sink);
        } else {
            count(section, &mut counters);
        }
    }
    figures::conclude(&mut counters);
    let place = Place { source: 0, offset: stands.offset, line_in_chunk: stands.line };
    let origin = Origin { taken: taken.map(|(time, _)| time), place };
    let mut catalog = Catalog::default();
    for (name, value) in counters {
        add_state(&mut catalog.counters, name.into(), Told::new(value, origin));
    }
    tell_catalog(&catalog, (stands.offset, stands.line), sink);
    taken
}

fn count(section: Section<'_>, counters: &mut Counters) {
    match section.topic {
        Topic::Transactions => waits::transactions(section.body, counters),
        Topic::Semaphores => waits::semaphores(section.body, counters),
        _ => {}
    }
    for line in Lines::new(section.body) {
        figures::add(section.topic, line.text, counters);
    }
}
