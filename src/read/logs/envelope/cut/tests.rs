//! However a source is cut, the same text comes out of its carrier, from the same places.

use super::super::unwrap::unwrap_within;
use super::super::{Content, ENVELOPES, Entry, Envelope, Fits, Piece, Splitter, first_line};
use super::*;
use crate::read::input::{InputPath, Opened, ReadPolicy, Sample, open_reader};
use crate::read::logs::text::{Mark, Outer};
use crate::read::options::ReadOptions;
use memchr::memrchr;
use proptest::prelude::*;
use std::io::Cursor;
use std::time::Duration;

const HORIZON: usize = 300;

/// A record inside begins with a letter or digit.
struct LetterCut;

impl Cut for LetterCut {
    fn cut(&mut self, buf: &[u8], _scanned: usize, eof: bool) -> Option<usize> {
        let mut end = memrchr(b'\n', buf).filter(|_| !eof)?;
        loop {
            let start = memrchr(b'\n', buf.get(..end)?)? + 1;
            if buf.get(start).is_some_and(u8::is_ascii_alphanumeric) {
                return Some(start);
            }
            end = start - 1;
        }
    }
}

/// A line of a carrier: who, how it goes on, how long it is.
#[derive(Clone, Debug)]
struct Step {
    from: u8,
    kind: u8,
    length: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = prop_oneof![8 => 0_usize..60, 1 => 200_usize..500];
    let step = (0_u8..4, 0_u8..10, length);
    let step = step.prop_map(|(from, kind, length)| Step { from, kind, length });
    proptest::collection::vec(step, 1..80)
}

const FORMS: &[&str] = &["syslog", "unnumbered", "broken", "journal", "cri", "names", "events"];

/// The lines of a carrier, and with a few at the start that show what it is.
fn source(form: &str, steps: &[Step]) -> String {
    let head = |from: u8| match form {
        "journal" => format!("Mon 2026-11-23 03:55:04 UTC db1 pg[{from}]: "),
        "cri" => format!("2026-11-23T03:55:04.1Z std{} ", ["err", "out"][usize::from(from % 2)]),
        "names" => format!("db-{from} | "),
        "events" => "2026-11-23T03:55:04.000Z ".to_owned(),
        _ => format!("Nov 23 03:55:04 db1 pg[{from}]: "),
    };
    let mut text = String::new();
    let mut records = [[0_u32; 2]; 8];
    let start = (0..4).map(|from| Step { from, kind: 0, length: 1 });
    for Step { from, kind, length } in start.chain(steps.iter().cloned()) {
        let body = "x".repeat(length);
        let [record, part] = &mut records[usize::from(from)];
        let goes_on = kind > 4;
        (*record, *part) = if goes_on { (*record, *part + 1) } else { (*record + 1, 1) };
        let line = match (form, kind) {
            ("cri", 9) => format!("{}P \t{body}", head(from)),
            ("cri", 3 | 4) => format!("{}P LOG:  {body}", head(from)),
            ("cri", _) if goes_on => format!("{}F \t{body}", head(from)),
            ("cri", _) => format!("{}F LOG:  {body}", head(from)),
            ("syslog" | "journal", 9) => {
                format!("Nov 23 03:55:04 db1 sshd[7]: {body}\nNov 23 03:55:04 db1 last")
            }
            ("broken", 8) => format!("\t{body}\nno head {body}"),
            ("journal", 8) => format!("{:30}{body}", ""),
            ("events", 8) => format!("\t{body}"),
            ("events", _) if goes_on => format!("{}\t{body}", head(from)),
            ("events", _) => format!("{}2026-11-23 03:55:04 UTC LOG:  {body}", head(from)),
            ("syslog", _) if goes_on => format!("{}[{record}-{part}] #011{body}", head(from)),
            ("syslog", _) => format!("{}[{record}-1] LOG:  {body}", head(from)),
            _ if goes_on => format!("{}\t{body}", head(from)),
            _ => format!("{}LOG:  {body}", head(from)),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn envelope(form: &str, text: &str) -> Arc<dyn Envelope> {
    let sample = Sample { head: text.as_bytes().to_vec(), whole: true, ..Sample::default() };
    let options = ReadOptions::default();
    let found =
        ENVELOPES.iter().find_map(|kind| (kind.detect)(&sample, &options, Fits::new(&options, 1)));
    Arc::from(found.unwrap_or_else(|| panic!("{form} is not recognised:\n{text}")))
}

/// Text, marks, and what was left out, by places in the source.
type Told = (Vec<u8>, Vec<Mark>, [u64; 3], Vec<(u64, u64)>);

fn told(envelope: &Arc<dyn Envelope>, source: &str, chunk_bytes: usize) -> Told {
    let cut = EnvelopeCut {
        window_bytes: 128,
        horizon_bytes: HORIZON,
        ..EnvelopeCut::new(Arc::clone(envelope), Box::new(LetterCut), true)
    };
    let policy = ReadPolicy {
        chunk_bytes,
        mmap: false,
        max_record_bytes: 1 << 20,
        quiet_for: Duration::ZERO,
    };
    let reader = Box::new(Cursor::new(source.as_bytes().to_vec()));
    let opened = open_reader(&InputPath::stdin(), reader, &policy).expect("a source");
    let Opened::Text(opened) = opened else { panic!("no archive was given") };
    let mut chunks = opened.chunks();
    let mut cut: Box<dyn Cut> = Box::new(cut);
    let (mut text, mut marks, mut left_out, mut skipped) = Told::default();
    let (mut lines, mut reversed) = (0_u64, Vec::new());
    while let Some(chunk) = chunks.next(cut.as_mut()).expect("no damage") {
        let inside = unwrap_within(envelope.as_ref(), &chunk, Order::Whole, HORIZON);
        assert_eq!(inside.taken_bytes, chunk.len());
        let is_oldest = if envelope.newest_first() { chunk.is_last() } else { chunk.offset() == 0 };
        let begins_record = inside.text.first().is_none_or(u8::is_ascii_alphanumeric);
        assert!(is_oldest || begins_record, "a chunk of {chunk_bytes} in\n{source}");
        let (before, offset) = (text.len(), chunk.offset());
        marks.extend(inside.marks.iter().map(|mark| Mark {
            start: mark.start + before,
            entry: mark.entry + offset as usize,
            line: mark.line + lines as u32,
            ..*mark
        }));
        let outside = inside.outside;
        text.extend(&inside.text);
        reversed.push(inside.text);
        left_out[0] += outside.foreign_lines;
        left_out[1] += outside.foreign_bytes;
        left_out[2] += outside.skipped_bytes;
        let place = outside.skipped.iter();
        skipped.extend(
            place.map(|place| (place.offset + offset, u64::from(place.line_in_chunk) + lines)),
        );
        lines += outside.lines;
    }
    assert_eq!(lines, source.lines().count() as u64);
    skipped.truncate(5);
    if envelope.newest_first() {
        text = reversed.into_iter().rev().flatten().collect();
        marks.clear();
    }
    (text, marks, left_out, skipped)
}

/// Lines of which the last was written first.
struct Newest;

impl Envelope for Newest {
    fn title(&self) -> String {
        String::new()
    }

    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        Box::new(Newest)
    }

    fn newest_first(&self) -> bool {
        true
    }
}

impl Splitter for Newest {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, bytes) = first_line(rest);
        text.extend_from_slice(line);
        let content = Content::Payload { piece: Piece::Alone, outer: Outer::default() };
        Entry { bytes, lines: 1, content }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn newest_first_comes_out_oldest_first(
        steps in steps(),
        chunks in proptest::collection::vec(1_usize..2000, 4),
    ) {
        let written: Vec<String> = steps
            .iter()
            .map(|step| format!("{}{}\n", if step.kind > 4 { "\t" } else { "LOG:  " }, "x".repeat(step.length)))
            .collect();
        let source: String = written.iter().rev().map(String::as_str).collect();
        let envelope: Arc<dyn Envelope> = Arc::new(Newest);
        for chunk_bytes in chunks {
            let (text, ..) = told(&envelope, &source, chunk_bytes);
            prop_assert_eq!(String::from_utf8_lossy(&text), written.concat());
        }
    }

    #[test]
    fn a_cut_changes_nothing(
        form in proptest::sample::select(FORMS),
        steps in steps(),
        chunks in proptest::collection::vec(1_usize..2000, 4),
    ) {
        let source = source(form, &steps);
        let envelope = envelope(form, &source);
        let whole = told(&envelope, &source, 1 << 20);
        for chunk_bytes in chunks {
            let cut = told(&envelope, &source, chunk_bytes);
            prop_assert_eq!(
                String::from_utf8_lossy(&cut.0), String::from_utf8_lossy(&whole.0),
                "chunks of {} in\n{}", chunk_bytes, source
            );
            prop_assert_eq!(&cut, &whole, "chunks of {} in\n{}", chunk_bytes, source);
        }
    }
}
