//! The storage engine and what the server watches itself by: slow checkpoints, flow control, slow
//! status, cursors that nobody used.

use super::said::{Said, member, scalar};
use super::{Line, Means, News, Row};
use crate::model::event::{Kind, Sink, Topic, Who};
use crate::read::logs::json::Value;
use memchr::memmem;
use std::borrow::Cow;

/// A checkpoint that runs as long is slow: MongoDB begins one every 60 seconds, and WiredTiger says
/// every 20 seconds that one still runs.
const SLOW_CHECKPOINT_S: u64 = 20;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: 22430,
        texts: &["WiredTiger message {message}", "Checkpoint took {duration} to complete"],
        means: Means::Events(wired_tiger),
    },
    Row {
        id: 22435,
        texts: &["WiredTiger error ({code}) {message}", "WiredTiger (-"],
        means: Means::Events(wired_tiger_error),
    },
    Row {
        id: 22225,
        texts: &["Flow control is engaged and the sustainer point is not moving"],
        means: Means::News(
            Topic::FlowControl,
            "Flow control is engaged and the sustainer point is not moving",
            &[],
        ),
    },
    Row {
        id: 20499,
        texts: &["serverStatus was very slow"],
        means: Means::News(Topic::SlowServer, "serverStatus was very slow", &[]),
    },
    Row {
        id: 20529,
        texts: &["Cursor id {cursorId} timed out, idle since {idleSince}"],
        means: Means::News(Topic::CursorTimeout, "Cursor timed out", &[]),
    },
    Row {
        id: 22271,
        texts: &["Detected unclean shutdown - {lockFile} is not empty"],
        means: Means::News(
            Topic::Recovery,
            "Detected unclean shutdown - Lock file is not empty",
            &[],
        ),
    },
    Row {
        id: 22302,
        texts: &["Recovering data from the last clean checkpoint"],
        means: Means::News(Topic::Recovery, "Recovering data from the last clean checkpoint", &[]),
    },
];

/// What WiredTiger says: a text, or since MongoDB 6.1 an object with the text in `msg`.
fn message<'a>(said: &Said<'a>) -> Option<Cow<'a, [u8]>> {
    match said {
        Said::Attributes(attr) => match member(attr, "message")? {
            Value::Object(raw) => member(raw, "msg").and_then(scalar),
            value => scalar(value),
        },
        Said::Text(..) => said.text("message"),
    }
}

/// Only checkpoints that take long are news: `Checkpoint has been running for 40 seconds and wrote
/// …`, and when it ends `Checkpoint ran for 61 seconds …`.
fn wired_tiger(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    if let Some(duration_us) = said.duration_us() {
        return checkpoint(line, duration_us, sink);
    }
    let Some(message) = message(said) else { return };
    let seconds = |mark: &[u8]| {
        let rest = message.get(memmem::find(&message, mark)? + mark.len()..)?;
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let seconds: u64 = std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()?;
        (seconds >= SLOW_CHECKPOINT_S).then_some(seconds)
    };
    if let Some(ran) = seconds(b"Checkpoint ran for ") {
        checkpoint(line, ran.saturating_mul(1_000_000), sink);
    } else if seconds(b"Checkpoint has been running for ").is_some() {
        let text = Cow::Borrowed(&b"Checkpoint has been running for long"[..]);
        let news = News { id: 22430, topic: Topic::SlowCheckpoint, text };
        news.tell(line, said, Who::default(), sink);
    }
}

fn checkpoint(line: &Line<'_>, duration_us: u64, sink: &mut dyn Sink) {
    sink.event(&line.event(Who::default(), Kind::SlowCheckpoint { duration_us }));
}

fn wired_tiger_error(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let message = message(said).unwrap_or(Cow::Borrowed(said.whole()));
    let text = [b"WiredTiger error: ", &*message].concat().into();
    News { id: 22435, topic: Topic::Urgent, text }.tell(line, said, Who::default(), sink);
}
