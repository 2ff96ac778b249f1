//! A server's beginning and end: its version and options, what it warns of at its start, why it
//! stops.

use super::said::{Said, member, scalar};
use super::{Line, Means, NO_FAILURE, News, Row};
use crate::model::event::{Kind, Sink, Topic, Who};
use crate::read::logs::json::{Members, Value};
use std::borrow::Cow;

/// Names of options shown of one start.
const MAX_OPTIONS: usize = 40;
/// Options stand in documents of documents; none is deeper.
const MAX_DEPTH: usize = 6;

pub(super) const ROWS: &[Row] = &[
    // A router of old says its version, too.
    Row {
        id: 4615611,
        texts: &["MongoDB starting : pid=", "MongoS version {version} starting:"],
        means: Means::Events(starts),
    },
    Row {
        id: 23403,
        texts: &["db version v{version}", "mongos version v{version}"],
        means: Means::Events(version),
    },
    Row { id: 21951, texts: &["options: {options}"], means: Means::Events(options) },
    Row { id: 23377, texts: &["got signal {signal} ({error})"], means: Means::Events(signalled) },
    Row {
        id: 4695400,
        texts: &["terminating, shutdown command received"],
        means: Means::News(Topic::Stop, "Terminating via shutdown command", &[]),
    },
    Row {
        id: 23138,
        texts: &["dbexit: {exitCode}", "shutting down with code:{exitCode}"],
        means: Means::Events(stopped),
    },
    startup_warning(22120, "Access control is not enabled for the database"),
    startup_warning(22138, "You are running this process as the root user"),
    startup_warning(22140, "This server is bound to localhost"),
    startup_warning(22184, "Soft rlimits for open file descriptors too low"),
    startup_warning(22297, "Using the XFS filesystem is strongly recommended with WiredTiger"),
    startup_warning(22178, "Transparent hugepages are enabled"),
    startup_warning(5123300, "vm.max_map_count is too low"),
    startup_warning(8640302, "We suggest setting swappiness to 0 or 1"),
    startup_warning(8718500, "Your system has glibc support for rseq built in"),
    startup_warning(9068900, "For customers running the updated memory allocator"),
];

/// A warning at the start. Text logs draw a frame around it (see `trouble`).
const fn startup_warning(id: u32, words: &'static str) -> Row {
    Row { id, texts: &[], means: Means::News(Topic::Setting, words, &[]) }
}

fn version(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let version = match said {
        Said::Attributes(attr) => match member(attr, "buildInfo") {
            Some(Value::Object(raw)) => member(raw, "version").and_then(scalar),
            _ => None,
        },
        Said::Text(..) => said.text("version"),
    };
    let Some(version) = version else { return };
    // `4.2.18 modules: …` is one word only.
    let word = version.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let version = Cow::Borrowed(version.get(..word).unwrap_or_default());
    sink.event(&line.event(Who::default(), Kind::Version(version)));
}

fn starts(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    version(line, said, sink);
    let text = Cow::Borrowed(&b"MongoDB starting"[..]);
    News { id: 4615611, topic: Topic::Start, text }.tell(line, said, Who::default(), sink);
}

/// Which options were given, never their values.
fn options(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let Some(given) = said.document("options") else { return };
    let (mut text, mut path) = (b"Options set by command line".to_vec(), Vec::new());
    let mut names = 0;
    push_names(&given, &mut path, MAX_DEPTH, &mut |path| {
        names += 1;
        if names <= MAX_OPTIONS {
            text.extend_from_slice(if names == 1 { b": " } else { b", " });
            text.extend_from_slice(path);
        }
    });
    let news = News { id: 21951, topic: Topic::Setting, text: text.into() };
    news.tell(line, said, Who::default(), sink);
}

/// Tells the dotted names of all values in documents within documents.
fn push_names(object: &[u8], path: &mut Vec<u8>, depth: usize, tell: &mut dyn FnMut(&[u8])) {
    for member in Members::of(object).into_iter().flatten() {
        let before = path.len();
        if before > 0 {
            path.push(b'.');
        }
        path.extend_from_slice(member.key);
        match member.value {
            Value::Object(inner) if depth > 1 => push_names(inner, path, depth - 1, tell),
            _ => tell(path),
        }
        path.truncate(before);
    }
}

/// `Terminated`, `Terminated: 15`.
fn signalled(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let name = said.text("error").unwrap_or_default();
    let name = name.split(|b| *b == b':').next().unwrap_or_default();
    let text = [b"Received signal ", name].concat().into();
    News { id: 23377, topic: Topic::Stop, text }.tell(line, &NO_FAILURE, Who::default(), sink);
}

/// A server that stops says so more than once; the line with its exit code is the last.
fn stopped(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    if said.whole().starts_with(b"dbexit: really exiting") {
        return;
    }
    let text = Cow::Borrowed(&b"Shutting down"[..]);
    News { id: 23138, topic: Topic::Stop, text }.tell(line, said, Who::default(), sink);
}
