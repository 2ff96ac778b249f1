//! Files of plans: what `EXPLAIN` printed, saved or pasted, several in one file, of any form that
//! [`PLAN_READERS`](super::PLAN_READERS) knows. They are read like logs whose records are documents.

use super::{Literals, Located, locate};
use crate::model::event::{Engine, Event, Kind, PlanSource, Sink, Span, SpanDetail, SpanRole, Who};
use crate::model::facts::InputKind;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use memchr::memchr_iter;
use std::borrow::Cow;

/// The score of a file in which documents were found, and what more it has where they fill it. Less
/// than that of any log: a log may hold plans, but no plan holds a log.
const LEAST_SCORE: u8 = 31;
const FILLED_SCORE: f64 = 26.0;

/// Files of plans.
pub struct PlanFile;

static META: FormatMeta = FormatMeta {
    name: "plan",
    engine: Engine::Postgres,
    title: "Execution plans of any engine",
    // One of each family that prints plans as text; the others stand with their readers.
    samples: &[
        " Seq Scan on orders  (cost=0.00..18584.82 rows=4907 width=20)\n   \
         Filter: (customer_id = 5)\n",
        "QUERY PLAN\n|--SCAN o\n`--SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for PlanFile {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Plan
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let text = text_of(&sample.head);
        let located = locate(&text);
        if located.is_empty() {
            return 0;
        }
        let filled: usize = located.iter().map(|one| one.found.end - one.found.start).sum();
        let part = filled as f64 / text.trim().len().max(1) as f64;
        LEAST_SCORE + (part.min(1.0) * FILLED_SCORE) as u8
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let text = text_of(&sample.head);
        let mut forms: Vec<&'static str> = Vec::new();
        let located = locate(&text);
        for one in &located {
            let name = one.reader.meta().name;
            if !forms.contains(&name) {
                forms.push(name);
            }
        }
        let engine = located.first().map_or(Engine::Postgres, engine_of(&text));
        let literals = Literals::from(options.keep_literals);
        Box::new(PlanFileReader { engine, forms, literals })
    }
}

/// The engine that printed a document: that of its plan, since forms are shared within families.
fn engine_of(text: &str) -> impl Fn(&Located) -> Engine + '_ {
    |one| {
        let document = text.get(one.found.start..one.found.end).unwrap_or_default();
        let read = one.reader.read(document, Literals::Hide).ok();
        let plan = read.and_then(|plans| plans.into_iter().next());
        plan.map_or(one.reader.meta().engine, |plan| plan.engine)
    }
}

/// Text with a mark for each byte that is no UTF-8, so that places stay what they are.
pub(in crate::read) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut out = String::with_capacity(bytes.len());
            for piece in bytes.utf8_chunks() {
                out.push_str(piece.valid());
                out.extend(piece.invalid().iter().map(|_| '?'));
            }
            Cow::Owned(out)
        }
    }
}

struct PlanFileReader {
    engine: Engine,
    forms: Vec<&'static str>,
    literals: Literals,
}

impl LogReader for PlanFileReader {
    fn notes(&self) -> Vec<String> {
        vec![format!("plans in the form {}", self.forms.join(", "))]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(DocumentCut::default())
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let text = text_of(chunk.bytes);
        let mut reading = Reading::default();
        let (mut behind, mut line) = (0, 0u32);
        let lines = |from: usize, to: usize| {
            let part = chunk.bytes.get(from..to).unwrap_or_default();
            memchr_iter(b'\n', part).count() as u32
        };
        for Located { reader, found } in locate(&text) {
            let between = lines(behind, found.start);
            if text.get(behind..found.start).is_some_and(|text| !text.trim().is_empty()) {
                // The statement, headings, what the client said: known to be no plan.
                reading.leave_to_others(found.start - behind, between);
            }
            line = line.saturating_add(between);
            behind = found.end;
            let document = text.get(found.start..found.end).unwrap_or_default();
            let (offset, line_in_source) = chunk.place(found.start, line);
            match sink.wants_spans() {
                SpanDetail::Nothing => match reader.read(document, self.literals) {
                    Ok(plans) => {
                        reading.records += 1;
                        sink.event(&Event {
                            offset,
                            line: line_in_source,
                            time: None,
                            utc_offset_s: 0,
                            who: Who::default(),
                            kind: Kind::Plan {
                                statement: None,
                                plans: PlanSource::Read(&plans),
                                duration_us: None,
                            },
                        });
                    }
                    Err(error) => {
                        let start = found.start + error.offset.min(document.len());
                        let line = line.saturating_add(lines(found.start, start));
                        let message = format!(
                            "a plan ({}) cannot be read: {}",
                            reader.meta().name,
                            error.message
                        );
                        reading.skip(chunk.skipped(start, line, message), document.len(), 1);
                    }
                },
                SpanDetail::Places | SpanDetail::Statements => {
                    reading.records += 1;
                    let bytes = chunk.bytes.get(found.start..found.end).unwrap_or_default();
                    let role = SpanRole::Record { lines_apart: false };
                    sink.span(&Span::at(bytes, found.start, role));
                }
            }
            line = line.saturating_add(lines(found.start, found.end));
        }
        let rest = chunk.bytes.get(behind..).unwrap_or_default();
        if !rest.trim_ascii().is_empty() {
            reading.leave_to_others(rest.len(), lines(behind, chunk.bytes.len()));
        }
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// Cuts behind the last document that another follows: that one is whole for sure.
#[derive(Default)]
struct DocumentCut {
    /// The buffer is looked at again when it has twice as much.
    next_look: usize,
}

impl Cut for DocumentCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 {
            self.next_look = 0;
        }
        if eof || buf.len() < self.next_look {
            return None;
        }
        self.next_look = buf.len().saturating_mul(2);
        let text = text_of(buf);
        let located = locate(&text);
        let [.., last_but_one, _] = located.as_slice() else { return None };
        self.next_look = 0;
        Some(last_but_one.found.end).filter(|end| *end > 0 && *end <= buf.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::PLAN_READERS;

    #[test]
    fn every_sample_of_a_plan_is_found_by_its_own_reader() {
        for reader in PLAN_READERS {
            let meta = reader.meta();
            assert!(!meta.samples.is_empty(), "{}", meta.name);
            for sample in meta.samples {
                let located = locate(sample);
                let names: Vec<_> = located.iter().map(|one| one.reader.meta().name).collect();
                assert_eq!(names, [meta.name], "{sample}");
                let plans = reader
                    .read(&sample[located[0].found.start..located[0].found.end], Literals::Hide);
                assert!(plans.is_ok_and(|plans| !plans.is_empty()), "{sample}");
            }
        }
    }
}
