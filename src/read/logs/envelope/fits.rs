//! Whose lines are ours: of the writers that share a carrier, those whose texts a format inside
//! reads. Knows no carrier and no format.

use crate::model::event::{Event, Sink};
use crate::read::Recognised;
use crate::read::input::Sample;
use crate::read::logs::text::{ChunkText, Mark, Outer, Role};
use crate::read::options::ReadOptions;
use std::collections::BTreeMap;

/// Tells texts of logs that can be read from others; the texts are taken out of a carrier.
#[derive(Clone, Copy)]
pub struct Fits<'o> {
    options: &'o ReadOptions,
    carriers_max: usize,
}

impl<'o> Fits<'o> {
    /// By what the user said about the files; texts may be in so many carriers themselves.
    pub fn new(options: &'o ReadOptions, carriers_max: usize) -> Self {
        Fits { options, carriers_max }
    }

    /// Whether a text looks like a log that can be read.
    pub fn text(&self, text: &[u8]) -> bool {
        let inside = Sample { head: text.to_vec(), whole: true, ..Sample::default() };
        Recognised::sure(&inside, self.options, self.carriers_max).is_some()
    }

    /// Keeps the writers whose texts are such logs. A text may look like one only by itself (an
    /// application that writes `ERROR: ` before its lines), so all that do are also read as one log.
    pub fn keep_ours<K: Ord + Clone>(&self, texts: &mut BTreeMap<K, Vec<u8>>) {
        texts.retain(|_, text| self.text(text));
        if texts.len() < 2 {
            return;
        }
        let head: Vec<u8> = texts.values().flatten().copied().collect();
        let together = Sample { head, whole: true, ..Sample::default() };
        let Some(taken) = Recognised::sure(&together, self.options, self.carriers_max) else {
            return;
        };
        let reader = taken.open(&together, self.options);
        let is_read = |text: &[u8]| {
            let marks = first_lines(text);
            let chunk = ChunkText { marks: &marks, ..ChunkText::new(text, 0, false) };
            let reading = reader.parse(chunk, &mut Nobody).reading;
            let left_out = reading.skipped_bytes + reading.foreign_bytes;
            reading.records > 0 && left_out * 2 < text.len() as u64
        };
        let ours: Vec<K> =
            texts.iter().filter(|(_, text)| is_read(text)).map(|(key, _)| key.clone()).collect();
        if !ours.is_empty() {
            texts.retain(|key, _| ours.contains(key));
        }
    }
}

struct Nobody;

impl Sink for Nobody {
    fn event(&mut self, _: &Event<'_>) {}
}

/// Marks that make each line a record's first but those that begin with blank space.
fn first_lines(text: &[u8]) -> Vec<Mark> {
    let mut start = 0;
    let mut marks = Vec::new();
    for line in text.split_inclusive(|b| *b == b'\n') {
        let begins = line.first().is_some_and(|first| !first.is_ascii_whitespace());
        marks.push(Mark {
            start,
            entry: start,
            entry_bytes: line.len(),
            line: 0,
            role: if begins { Role::Begins } else { Role::Continues },
            outer: Outer::default(),
        });
        start += line.len();
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_that_writes_severities_is_not_the_server() {
        let server =
            "2026-11-23 03:55:04.101 CET [6601] LOG:  statement: SELECT 1,\n\t2\n".repeat(9);
        let second = "2026-11-23 03:55:04.101 CET [71] ERROR:  x\n".repeat(2);
        let application = "ERROR: payment failed\nINFO: retried\n".repeat(40);
        let router = "GET /orders/7 200\n".repeat(40);
        let options = ReadOptions::default();
        for (texts, kept) in [
            (
                &[("app", &application), ("db1", &server), ("db2", &second), ("r", &router)][..],
                "db1 db2",
            ),
            (&[("app", &application), ("r", &router)], "app"),
            (&[("db1", &server)], "db1"),
            (&[("r", &router)], ""),
        ] {
            let mut texts: BTreeMap<&str, Vec<u8>> =
                texts.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
            Fits::new(&options, 1).keep_ours(&mut texts);
            assert_eq!(texts.keys().copied().collect::<Vec<_>>().join(" "), kept);
        }
    }
}
