//! What was read of one source, noted with its input once the source has ended.

use crate::model::facts::{InputFacts, LineIndex, MAX_PROBLEMS, Problem};
use crate::read::input::InputError;
use crate::read::logs::application;
use crate::read::logs::segment::{Reading, Skipped};

/// What was read of one source.
#[derive(Default)]
pub(super) struct Figures {
    /// Decompressed size in bytes.
    pub bytes: u64,
    /// A hash of the content, if all of it was read.
    pub content: Option<u128>,
    /// First lines of the chunks.
    pub lines: LineIndex,
    /// How much was understood.
    pub reading: Reading,
    /// What went wrong while it was read.
    pub failures: Vec<InputError>,
}

impl Figures {
    /// Notes them with their input.
    pub fn note(self, input: &mut InputFacts) {
        let Figures { bytes, content, lines, reading, failures } = self;
        input.bytes = bytes;
        input.content = content;
        input.records = reading.records;
        input.skipped_records = reading.skipped_records;
        input.skipped_bytes = reading.skipped_bytes.min(bytes);
        if reading.foreign_lines > 0 {
            let (lines, bytes) = (reading.foreign_lines, reading.foreign_bytes);
            let what = match input.format {
                Some(application::NAME) => "lines that hold no figure of a pool",
                _ => "lines of other programs, left out",
            };
            input.notes.push(format!("{what}: {lines} ({bytes} bytes)"));
        }
        input.notes.extend(reading.notes);
        input.first = reading.first.map(|(time, _)| time);
        input.first_utc_offset_s = reading.first.map_or(0, |(_, offset)| offset);
        input.last = reading.last.map(|(time, _)| time);
        input.utc_offset_s = reading.last.map_or(0, |(_, offset)| offset);
        let problem = |place: Skipped| Problem {
            offset: Some(place.offset),
            line: Some(lines.line(place.offset, place.line_in_chunk)),
            message: place.message.clone().into_owned(),
        };
        input.problems.extend(reading.skipped.into_iter().take(MAX_PROBLEMS).map(problem));
        if reading.remarks > reading.remarked.len() as u64 {
            input.notes.push(format!(
                "suspicious records: {}, of which the first are listed",
                reading.remarks
            ));
        }
        input.problems.extend(reading.remarked.into_iter().map(problem));
        input.lines = lines;
        for error in failures {
            let message = error.fault.to_string();
            input.problems.push(Problem { offset: error.offset(), line: None, message });
        }
    }
}
