//! Before the parallel pass: which inputs there are, which are copies, what each is, and to which
//! server it belongs. Everything that a whole file must agree on is decided here, from samples.

use super::Request;
use crate::error::Error;
use crate::lang::literals::mask_message;
use crate::model::event::{Event, Sink};
use crate::model::facts::{InputFacts, InputKind, Problem};
use crate::model::parts::View;
use crate::read::input::{
    Compression, Encoding, InputError, InputPath, Sample, Source, disambiguate, discover,
    find_copies,
};
use crate::read::logs::{ChunkText, FormatMeta, LogReader};
use crate::read::options::fits;
use crate::read::{Recognised, recognise};
use crate::time::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

/// A source that will be read.
pub(super) struct Plan {
    /// Its rank among all inputs.
    pub rank: usize,
    pub path: InputPath,
    pub reader: Box<dyn LogReader>,
    pub format: &'static FormatMeta,
    /// The number of its view: the same server told by the same format.
    pub view: usize,
    /// Still open where it cannot be opened twice (standard input).
    pub opened: Mutex<Option<Source>>,
    /// The last time and clock of the samples.
    clock: Option<(Timestamp, i32)>,
    /// The samples hold the end of the input.
    end_is_known: bool,
    pub stored_bytes: u64,
}

/// All inputs, and those that will be read.
pub(super) struct Prepared {
    pub inputs: Vec<InputFacts>,
    pub plans: Vec<Plan>,
    pub views: Vec<View>,
}

impl Prepared {
    /// The latest time that the samples show, and the clock that showed it.
    pub fn clock(&self) -> Option<(Timestamp, i32)> {
        self.plans.iter().filter_map(|plan| plan.clock).max()
    }

    /// Whether the samples hold the end of every input.
    pub fn ends_are_known(&self) -> bool {
        self.plans.iter().all(|plan| plan.end_is_known)
    }
}

/// Finds, recognises and sorts the inputs.
pub(super) fn prepare(request: &Request) -> Result<Prepared, Error> {
    let policy = &request.read.policy;
    let mut found = discover(&request.paths);
    if found.inputs.is_empty() {
        return Err(match found.problems.is_empty() {
            true => Error::NothingRecognised("the folders named hold no file".to_owned()),
            false => Error::NothingReadable(found.problems),
        });
    }
    disambiguate(&mut found.inputs, policy);
    let copies: BTreeMap<usize, (usize, bool)> = find_copies(&found.inputs, policy)
        .into_iter()
        .map(|copy| (copy.copy, (copy.of, copy.prefix)))
        .collect();
    let displays: Vec<String> = found.inputs.iter().map(|i| i.display.clone()).collect();
    let named_twice = found
        .copies
        .iter()
        .filter_map(|(display, of)| {
            let kept = found.inputs.iter().find(|input| input.path == *of)?;
            Some((display.clone(), kept.display.clone()))
        })
        .collect();
    for (name, pattern) in &request.read.servers {
        if !displays.iter().any(|display| fits(pattern, display)) {
            let shown = displays.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::Usage(format!(
                "--server {name}={pattern} fits no input; paths are shown as {shown} …"
            )));
        }
    }
    let labels = labels(&found.inputs, &request.read.servers);
    let looked: Vec<Looked> = found
        .inputs
        .into_par_iter()
        .enumerate()
        .map(|(at, path)| match copies.get(&at) {
            Some((of, prefix)) => Looked::Known(copy_of(&path, &displays[*of], *prefix)),
            None => look(path, request),
        })
        .collect();
    assemble(looked, labels, found.problems, named_twice)
}

/// What a look at an input showed.
enum Looked {
    /// It will be read.
    Source(Box<Plan>, InputFacts),
    /// It will not: a copy, or not recognised.
    Known(InputFacts),
    /// It could not be opened.
    Failed(InputFacts, InputError),
}

fn copy_of(path: &InputPath, of: &str, prefix: bool) -> InputFacts {
    let mut facts = InputFacts::new(&path.display);
    facts.kind = InputKind::Log;
    facts.duplicate_of = Some(of.to_owned());
    facts.notes.push(match prefix {
        true => format!("an earlier copy of {of}, which holds all of it: counted there"),
        false => format!("the same content as {of}: counted there"),
    });
    facts
}

fn failed(path: &str, error: &InputError) -> InputFacts {
    let mut facts = InputFacts::new(path);
    let message = error.fault.to_string();
    facts.problems.push(Problem { offset: error.offset(), line: None, message });
    facts
}

/// Opens an input, and decides what it is.
fn look(path: InputPath, request: &Request) -> Looked {
    let opened = Source::open(&path, &request.read.policy)
        .and_then(|mut source| source.sample().map(|sample| (source, sample)));
    let (source, sample) = match opened {
        Ok(opened) => opened,
        Err(error) => return Looked::Failed(failed(&path.display, &error), error),
    };
    let mut facts = InputFacts::new(&path.display);
    let recognised = match recognise(&sample, &request.read) {
        Ok(recognised) => recognised,
        Err(guess) => {
            facts.bytes = sample.head.len() as u64;
            facts.skipped_bytes = facts.bytes;
            let message = not_recognised(&sample, guess);
            facts.problems.push(Problem { offset: None, line: None, message });
            return Looked::Known(facts);
        }
    };
    let format = recognised.guess.format.meta();
    let reader = recognised.open(&sample, &request.read);
    facts.kind = InputKind::Log;
    facts.format = Some(format.name);
    facts.engine = Some(format.engine);
    facts.notes = notes(&recognised, &source, reader.as_ref());
    let stored_bytes = source.stored_bytes().unwrap_or(0);
    let clock = clock(reader.as_ref(), &sample);
    let end_is_known = sample.whole || !sample.more.is_empty();
    let opened = Mutex::new(path.is_stdin().then_some(source));
    let plan =
        Plan { rank: 0, path, reader, format, view: 0, opened, clock, end_is_known, stored_bytes };
    Looked::Source(Box::new(plan), facts)
}

fn notes(recognised: &Recognised, source: &Source, reader: &dyn LogReader) -> Vec<String> {
    let mut notes = Vec::new();
    if recognised.guess.forced {
        notes.push("format stated by the user".to_owned());
    } else {
        notes.push(format!("format recognised by content ({} of 100)", recognised.guess.score));
    }
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

/// The latest time in the samples.
fn clock(reader: &dyn LogReader, sample: &Sample) -> Option<(Timestamp, i32)> {
    struct Nobody;
    impl Sink for Nobody {
        fn event(&mut self, _: &Event<'_>) {}
    }
    let pieces = sample.more.last().or((!sample.head.is_empty()).then_some(&sample.head));
    let bytes = pieces?;
    reader.parse(ChunkText::new(bytes, 0, false), &mut Nobody).reading.last
}

fn not_recognised(sample: &Sample, guess: Option<Recognised>) -> String {
    if sample.head.is_empty() {
        return "the file is empty".to_owned();
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

/// The label of each input's server: named by the user, else the folder as shown, else the engine
/// later (an empty label), numbered where such files stand in different folders.
fn labels(inputs: &[InputPath], named: &[(String, String)]) -> Vec<String> {
    let folders: Vec<PathBuf> = inputs
        .iter()
        .map(|input| {
            let parent = input.path.parent().map(|p| p.to_owned()).unwrap_or_default();
            parent.canonicalize().unwrap_or(parent)
        })
        .collect();
    let label = |at: usize| -> Option<String> {
        let display = &inputs[at].display;
        let stated = named.iter().find(|(_, pattern)| fits(pattern, display));
        stated
            .map(|(name, _)| name.clone())
            .or_else(|| display.rsplit_once('/').map(|(folder, _)| folder.to_owned()))
    };
    let mut bare: Vec<&PathBuf> = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        if label(at).is_none() && !bare.contains(&folder) {
            bare.push(folder);
        }
    }
    (0..inputs.len())
        .map(|at| {
            label(at).unwrap_or_else(|| {
                match bare.iter().position(|folder| **folder == folders[at]) {
                    Some(number) if bare.len() > 1 => format!("#{}", number + 1),
                    _ => String::new(),
                }
            })
        })
        .collect()
}

/// Sorts everything by shown path, ranks it, and numbers the views.
fn assemble(
    looked: Vec<Looked>,
    labels: Vec<String>,
    problems: Vec<InputError>,
    named_twice: Vec<(String, String)>,
) -> Result<Prepared, Error> {
    let mut errors = Vec::new();
    let mut all: Vec<(InputFacts, Option<Box<Plan>>)> = Vec::new();
    for (one, label) in looked.into_iter().zip(labels) {
        match one {
            Looked::Source(plan, mut facts) => {
                facts.server = Some(match label.as_str() {
                    "" => plan.format.engine.family().to_owned(),
                    number if number.starts_with('#') => {
                        format!("{}{number}", plan.format.engine.family())
                    }
                    label => label.to_owned(),
                });
                all.push((facts, Some(plan)));
            }
            Looked::Known(facts) => all.push((facts, None)),
            Looked::Failed(facts, error) => {
                errors.push(error);
                all.push((facts, None));
            }
        }
    }
    if !all.is_empty() && errors.len() == all.len() {
        errors.extend(problems);
        return Err(Error::NothingReadable(errors));
    }
    for error in problems {
        all.push((failed(&error.display, &error), None));
    }
    for (display, of) in named_twice {
        let mut facts = InputFacts::new(&display);
        facts.notes.push(format!("the same file as {of}: counted there"));
        facts.duplicate_of = Some(of);
        all.push((facts, None));
    }
    if all.iter().all(|(_, plan)| plan.is_none()) {
        let told: Vec<String> = all
            .iter()
            .flat_map(|(facts, _)| {
                facts.problems.iter().map(|p| format!("{}: {}", facts.path, p.message))
            })
            .take(5)
            .collect();
        return Err(Error::NothingRecognised(told.join("\n")));
    }
    all.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let mut views: Vec<View> = all.iter().filter_map(|(facts, plan)| view(facts, plan)).collect();
    views.sort();
    views.dedup();
    let (mut inputs, mut plans) = (Vec::new(), Vec::new());
    for (rank, (facts, plan)) in all.into_iter().enumerate() {
        let view = view(&facts, &plan).and_then(|v| views.binary_search(&v).ok());
        if let (Some(mut plan), Some(view)) = (plan, view) {
            plan.rank = rank;
            plan.view = view;
            plans.push(*plan);
        }
        inputs.push(facts);
    }
    Ok(Prepared { inputs, plans, views })
}

fn view(facts: &InputFacts, plan: &Option<Box<Plan>>) -> Option<View> {
    let format = plan.as_ref()?.format;
    Some(View { server: facts.server.clone()?, engine: format.engine, format: format.name })
}
