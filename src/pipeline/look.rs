//! What one input is: looked at before it is read, and kept as a job if it will be.

use super::Request;
use crate::lang::literals::mask_message;
use crate::model::event::{Engine, Event, Sink};
use crate::model::facts::{InputFacts, InputKind, Problem};
use crate::read::input::{Compression, Encoding, InputError, InputPath, Prints, Sample, Source};
use crate::read::logs::{ChunkText, FormatMeta, LogReader, mysql};
use crate::read::{Recognised, recognise};
use crate::time::Timestamp;
use std::sync::Mutex;

/// So much of a source shows when it begins, in bytes.
const BEGINNING_BYTES: usize = 16 * 1024;

/// A source that will be read.
pub(super) struct Job {
    /// Its rank among all inputs.
    pub rank: usize,
    pub path: InputPath,
    pub reader: Box<dyn LogReader>,
    pub format: &'static FormatMeta,
    pub engine: Engine,
    /// The number of its view: the same server told by the same format.
    pub view: usize,
    /// Still open where it cannot be opened twice (standard input).
    pub opened: Mutex<Option<Source>>,
    /// The first time that its beginning shows.
    pub first: Option<Timestamp>,
    /// It stands inside a carrier.
    pub is_carried: bool,
    /// The last time and clock of the samples.
    pub clock: Option<(Timestamp, i32)>,
    /// The samples hold the end of the input.
    pub end_is_known: bool,
    pub stored_bytes: u64,
}

/// An input that was looked at.
pub(super) struct Seen {
    pub path: InputPath,
    pub prints: Option<Prints>,
    pub looked: Looked,
}

impl Seen {
    pub fn of(path: InputPath, source: Result<Source, InputError>, request: &Request) -> Seen {
        let sampled = source.and_then(|mut source| source.sample().map(|sample| (source, sample)));
        match sampled {
            Ok((source, sample)) => {
                let prints = Some(Prints::of(&sample));
                Seen { looked: look(&path, source, &sample, request), prints, path }
            }
            Err(error) => {
                let looked = Looked::Failed(failed(&path.display, &error), error);
                Seen { looked, prints: None, path }
            }
        }
    }
}

/// What a look at an input showed.
pub(super) enum Looked {
    /// It will be read.
    Source(Box<Job>, InputFacts),
    /// It will not: a copy, or not recognised.
    Known(InputFacts),
    /// It could not be opened.
    Failed(InputFacts, InputError),
}

pub(super) fn copy_of(path: &InputPath, of: &str, prefix: bool) -> InputFacts {
    let mut facts = InputFacts::new(&path.display);
    facts.kind = InputKind::Log;
    facts.duplicate_of = Some(of.to_owned());
    facts.notes.push(match prefix {
        true => format!("an earlier copy of {of}, which holds all of it: counted there"),
        false => format!("the same content as {of}: counted there"),
    });
    facts
}

pub(super) fn failed(path: &str, error: &InputError) -> InputFacts {
    let mut facts = InputFacts::new(path);
    let message = error.fault.to_string();
    facts.problems.push(Problem { offset: error.offset(), line: None, message });
    facts
}

/// Decides what an input is.
fn look(path: &InputPath, source: Source, sample: &Sample, request: &Request) -> Looked {
    let mut facts = InputFacts::new(&path.display);
    let recognised = match recognise(sample, &request.read) {
        Ok(recognised) => recognised,
        Err(guess) => {
            facts.bytes = sample.head.len() as u64;
            facts.skipped_bytes = facts.bytes;
            let message = not_recognised(sample, guess);
            facts.problems.push(Problem { offset: None, line: None, message });
            return Looked::Known(facts);
        }
    };
    let format = recognised.guess.format.meta();
    let reader = recognised.open(sample, &request.read);
    if let Some(message) = reader.refusal() {
        facts.bytes = sample.head.len() as u64;
        facts.skipped_bytes = facts.bytes;
        facts.problems.push(Problem { offset: None, line: None, message });
        return Looked::Known(facts);
    }
    facts.kind = recognised.guess.format.kind();
    facts.format = Some(format.name);
    let engine = reader.engine().unwrap_or(format.engine);
    facts.engine = Some(engine);
    facts.notes = notes(&recognised, &source, reader.as_ref());
    let stored_bytes = source.stored_bytes().unwrap_or(0);
    let clock = clock(reader.as_ref(), sample);
    let first = first(reader.as_ref(), sample);
    let end_is_known = sample.whole || !sample.more.is_empty();
    let opened = Mutex::new(path.is_stdin().then_some(source));
    let job = Job {
        rank: 0,
        path: path.clone(),
        reader,
        format,
        engine,
        view: 0,
        opened,
        first,
        is_carried: !recognised.carriers.is_empty(),
        clock,
        end_is_known,
        stored_bytes,
    };
    Looked::Source(Box::new(job), facts)
}

fn notes(recognised: &Recognised, source: &Source, reader: &dyn LogReader) -> Vec<String> {
    let mut notes = Vec::new();
    if recognised.guess.forced {
        notes.push("format stated by the user".to_owned());
    } else {
        notes.push(format!("format recognised by content ({} of 100)", recognised.guess.score));
    }
    notes.extend(source.archive().map(|kind| format!("member of a {kind} archive")));
    match source.compression() {
        Compression::None => {}
        other => notes.push(format!("{other:?} compressed").to_lowercase()),
    }
    match source.encoding() {
        Encoding::Utf8 => {}
        other => notes.push(format!("encoding {other:?}")),
    }
    notes.extend(reader.notes());
    notes
}

struct Nobody;

impl Sink for Nobody {
    fn event(&mut self, _: &Event<'_>) {}
}

/// The earliest time in the first records.
fn first(reader: &dyn LogReader, sample: &Sample) -> Option<Timestamp> {
    let bytes = sample.head.get(..sample.head.len().min(BEGINNING_BYTES))?;
    let reading = reader.parse(ChunkText::new(bytes, 0, false), &mut Nobody).reading;
    reading.first.map(|(time, _)| time)
}

/// The latest time in the samples.
fn clock(reader: &dyn LogReader, sample: &Sample) -> Option<(Timestamp, i32)> {
    let pieces = sample.more.last().or((!sample.head.is_empty()).then_some(&sample.head));
    let bytes = pieces?;
    reader.parse(ChunkText::new(bytes, 0, false), &mut Nobody).reading.last
}

fn not_recognised(sample: &Sample, guess: Option<Recognised>) -> String {
    if sample.head.is_empty() {
        return "the file is empty".to_owned();
    }
    if let Some(writer) = mysql::digests::writer_of(&sample.head) {
        return format!("a report of {writer}, no log: give the log that it was made from");
    }
    if sample.head.starts_with(b"SQLite format 3\0") {
        return "a database of SQLite, which is not opened: export what it says of itself with \
                `sqlite3 -readonly FILE .schema > schema.sql` and give that, or run the script of \
                `querylens collect sqlite` on it"
            .to_owned();
    }
    let mut shown = String::new();
    for line in sample.head.split(|b| *b == b'\n').filter(|l| !l.is_empty()).take(3) {
        let mut masked = String::new();
        mask_message(&line[..line.len().min(400)], &mut masked);
        let masked: String = masked.chars().filter(|c| !c.is_control()).take(100).collect();
        shown.push_str(&format!("\n    {masked}"));
    }
    let guess = match guess.map(|taken| taken.guess) {
        Some(guess) => {
            let meta = guess.format.meta();
            format!(
                "the best guess is {} ({} of 100); --as {} forces it",
                meta.title, guess.score, meta.name
            )
        }
        None => "no format fits; --as FORMAT forces one".to_owned(),
    };
    format!("not recognised: {guess}; its first lines, literals masked:{shown}")
}
