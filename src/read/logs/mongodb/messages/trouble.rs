//! What the server itself calls a warning or an error and no table knows, and what errors mean.

use super::said::Said;
use super::{Line, News};
use crate::model::event::{Cancelled, Kind, Level, LogMessage, Sink, Topic, Who};
use memchr::memmem;
use std::borrow::Cow;

/// How messages of text logs begin that are trouble though their severity does not say so, or that
/// have none (before 3.0).
const WORDS: &[(&[u8], Level)] = &[
    (b"** WARNING:", Level::Warning),
    (b"warning:", Level::Warning),
    (b"WARNING:", Level::Warning),
    (b"ERROR:", Level::Error),
    (b"error:", Level::Error),
    (b"Assertion", Level::Error),
    (b"assertion ", Level::Error),
    (b"User Assertion", Level::Error),
    (b"DBException in", Level::Error),
    (b"exception in initAndListen", Level::Panic),
    (b"Fatal ", Level::Panic),
    (b"Invariant failure", Level::Panic),
    (b"***aborting after", Level::Panic),
    (b"Got signal: ", Level::Panic),
    (b"Invalid access at address", Level::Panic),
    (b"Out of memory", Level::Panic),
];

/// The messages that a server ends with: failed invariants and fatal assertions. Others follow them.
const CRASHES: [u32; 9] = [23079, 23081, 23083, 23085, 23087, 23089, 23091, 23093, 23095];
/// The same in text logs.
const CRASH_WORDS: [&[u8]; 5] = [
    b"Fatal ",
    b"Invariant failure",
    b"Got signal: ",
    b"Invalid access at address",
    b"exception in initAndListen",
];
/// A signal that ended the server, which stands in a message of its own; that of an abort follows
/// what made the server abort.
const SIGNAL: &[u8] = b"Got signal: ";
const ABORTED: &[u8] = b"(Aborted)";

/// What a warning or an error may hold anywhere.
const INSIDE: &[(&[u8], Topic)] = &[
    (b"No space left on device", Topic::Urgent),
    (b"no space left", Topic::Urgent),
    (b"OutOfDiskSpace", Topic::Urgent),
    (b"WT_PANIC", Topic::Urgent),
    (b"checksum", Topic::Urgent),
    (b"corrupt", Topic::Urgent),
    (b"Too many open files", Topic::Urgent),
    (b"out of memory", Topic::OutOfMemory),
    (b"Cannot allocate memory", Topic::OutOfMemory),
    (b"Use of deprecated server parameter", Topic::Setting),
];

/// Tells of a line that no table knows, if it is a warning or an error; whether it is.
pub(super) fn tell(line: &Line<'_>, sink: &mut dyn Sink) -> bool {
    let (level, message) = graded(line);
    if level == Level::Log || message.is_empty() {
        return false;
    }
    let said = Said::of_attributes(line);
    let mut text = Cow::Borrowed(message);
    if let Some(id) = line.id {
        let detail = said.any(&["message", "what", "msg"]);
        for part in detail.iter() {
            text.to_mut().extend_from_slice(b": ");
            text.to_mut().extend_from_slice(part.trim_ascii());
        }
        if let Some(failure) = said.failure() {
            failure.push_to(text.to_mut());
        }
        let topic = topic(line, level, &text);
        News { id, topic, text }.tell(line, &said, Who::default(), sink);
        return true;
    }
    let topic = topic(line, level, message);
    let (code, text) = coded(message);
    let message = LogMessage {
        level,
        code: Cow::Borrowed(code),
        text: Cow::Borrowed(text),
        topic,
        statement: None,
        cancelled: None,
        lost_us: None,
    };
    sink.event(&line.event(Who::default(), Kind::Message(message)));
    true
}

/// How grave a line is, and its message without marks around it.
fn graded<'l>(line: &'l Line<'_>) -> (Level, &'l [u8]) {
    let message = line.message.trim_ascii();
    let first = message.split(|b| *b == b'\n').next().unwrap_or_default();
    let by_words = WORDS.iter().find(|(words, _)| line.id.is_none() && first.starts_with(words));
    let Some((words, level)) = by_words else { return (line.level(), first) };
    let is_mark = words.ends_with(b":");
    let text = if is_mark { first.get(words.len()..).unwrap_or_default() } else { first };
    (line.level().max(*level), text.trim_ascii())
}

fn topic(line: &Line<'_>, level: Level, text: &[u8]) -> Topic {
    let holds = |part: &[u8]| memmem::find(text, part).is_some();
    let is_crash = match line.id {
        Some(id) => CRASHES.contains(&id) || holds(SIGNAL),
        None => CRASH_WORDS.iter().any(|words| text.starts_with(words)),
    };
    if level == Level::Panic && is_crash && !holds(ABORTED) {
        return Topic::Crash;
    }
    if let Some((_, topic)) = INSIDE.iter().find(|(part, _)| holds(part)) {
        return *topic;
    }
    let is_start = line.context == b"initandlisten" || line.context == b"mongosMain";
    if is_start && level == Level::Warning { Topic::Setting } else { Topic::Other }
}

/// The code that a text's assertion begins with, `11000 E11000 duplicate key …`, and the rest.
fn coded(text: &[u8]) -> (&[u8], &[u8]) {
    const MARKS: [&[u8]; 2] = [b"User Assertion: ", b"Assertion: "];
    let code = MARKS.iter().find_map(|mark| {
        let rest = text.strip_prefix(*mark)?;
        let digits = rest.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        rest.get(..digits).filter(|code| !code.is_empty())
    });
    (code.unwrap_or_default(), text)
}

/// What ended an operation that failed so, if somebody or something wanted it to end.
pub(in crate::read::logs::mongodb) fn cancelled_by(error_name: &[u8]) -> Option<Cancelled> {
    Some(match error_name {
        b"MaxTimeMSExpired" | b"ExceededTimeLimit" => Cancelled::MaxTime,
        b"ClientDisconnect" => Cancelled::ClientGone,
        b"Interrupted" | b"CursorKilled" => Cancelled::UserRequest,
        b"InterruptedAtShutdown" => Cancelled::Administrator,
        b"InterruptedDueToReplStateChange" => Cancelled::RoleChange,
        _ => return None,
    })
}
