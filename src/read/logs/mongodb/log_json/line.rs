//! One line of the structured log: its envelope, and the operation in it if it is one.

use super::{APPLIED, IN_PROGRESS, SLOW, TRANSACTION};
use crate::read::logs::json::{End, Members, Str, Value};
use crate::read::logs::mongodb::messages::may_matter;
use crate::read::logs::mongodb::number::count;
use crate::read::logs::mongodb::operation::Operation;
use crate::read::logs::mongodb::stamp::stamp;
use crate::time::{Stamp, StampParser};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// So far into a line its object may begin: an envelope that nobody knows may stand before it.
const PREFIX_BYTES: usize = 512;

/// So far behind its time a line's id stands where servers write it, in bytes.
const ID_BYTES: usize = 96;

static ID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b",\"id\":"));
static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"{\"t\":{\"$date\":"));

/// A line's envelope.
pub(super) struct Line<'a> {
    /// The object of `t`, or its text.
    time: Value<'a>,
    /// `I`, `W`, `E`, `F`, or `D` of whatever depth.
    pub severity: u8,
    /// The message's number; stable across versions.
    pub id: u32,
    /// The connection or thread.
    pub context: &'a [u8],
    /// What `attr` is.
    pub body: Body<'a>,
    /// The server cut the command.
    pub is_truncated: bool,
    /// How the line's object ends.
    pub end: End,
}

/// What a line tells.
pub(super) enum Body<'a> {
    /// An operation, which was read from this text.
    Operation(&'a [u8]),
    /// Anything else that may matter: its text, and its attributes.
    Message(Str<'a>, Option<&'a [u8]>),
    /// Nothing of use.
    Nothing,
}

impl<'a> Line<'a> {
    /// Reads a line, and the operation in it; `None` if it is no record.
    pub fn read(line: &'a [u8], operation: &mut Operation<'a>) -> Option<Line<'a>> {
        let text = object(line)?;
        if let Some(line) = Line::skim(text) {
            return Some(line);
        }
        let mut members = Members::of(text)?;
        let mut time = None;
        let (mut id, mut context) = (None, &b""[..]);
        let (mut attr, mut truncated): (Option<&[u8]>, _) = (None, false);
        let (mut severity, mut message) = (b'I', Str::default());
        let mut body = None;
        while let Some((key, first)) = members.key() {
            if key == b"attr" && first == b'{' && id.is_some_and(is_operation) {
                let rest = members.rest();
                let (end, bytes) = operation.read(rest);
                members.pass(end, bytes);
                body = Some(Body::Operation(rest.get(..bytes).unwrap_or_default()));
                continue;
            }
            let Some(value) = members.value() else { break };
            match (key, value) {
                (b"t", value) => time = Some(value),
                (b"id", value) => id = count(value).and_then(|id| u32::try_from(id).ok()),
                (b"s", Value::String(text)) => severity = *text.raw().first()?,
                (b"ctx", Value::String(text)) => context = text.raw(),
                (b"msg", Value::String(text)) => message = text,
                (b"attr", Value::Object(raw)) => attr = Some(raw),
                (b"truncated", Value::Object(raw)) => truncated = cuts_command(raw),
                _ => {}
            }
        }
        if members.end() == End::Broken {
            return None;
        }
        let id = id?;
        let body = body.unwrap_or_else(|| match attr {
            Some(raw) if is_operation(id) => {
                operation.read(raw);
                Body::Operation(raw)
            }
            attr if is_news(id, severity) => Body::Message(message, attr),
            _ => Body::Nothing,
        });
        let (end, is_truncated) = (members.end(), truncated);
        Some(Line { time: time?, severity, id, context, body, is_truncated, end })
    }

    /// A line as servers write it of which the id says that there is nothing of use in it: nothing
    /// but its beginning is looked at.
    fn skim(text: &'a [u8]) -> Option<Line<'a>> {
        let stamp = text.strip_prefix(b"{\"t\":{\"$date\":\"")?;
        let (time, rest) = stamp.split_at_checked(memchr::memchr(b'"', stamp)?)?;
        let severity = *rest.strip_prefix(b"\"},\"s\":\"")?.first()?;
        let head = rest.get(..rest.len().min(ID_BYTES))?;
        let digits = head.get(ID.find(head)? + 6..)?;
        let digits = digits.get(..memchr::memchr(b',', digits)?)?;
        let id = std::str::from_utf8(digits).ok()?.parse().ok()?;
        if is_operation(id) || is_news(id, severity) || text.trim_ascii_end().last() != Some(&b'}')
        {
            return None;
        }
        let time = Value::String(Str::whole(time));
        let (context, body, end) = (&b""[..], Body::Nothing, End::Closed);
        Some(Line { time, severity, id, context, body, is_truncated: false, end })
    }

    /// When it was written.
    pub fn stamp(&self, stamps: &mut StampParser<'_>) -> Option<Stamp> {
        stamp(self.time, stamps)
    }
}

/// Whether a line that is no operation may tell anything.
fn is_news(id: u32, severity: u8) -> bool {
    matches!(severity, b'W' | b'E' | b'F') || may_matter(id)
}

pub(super) fn is_operation(id: u32) -> bool {
    matches!(id, SLOW | APPLIED | TRANSACTION | IN_PROGRESS)
}

/// The object of a line, which an envelope may stand before.
fn object(line: &[u8]) -> Option<&[u8]> {
    if line.first() == Some(&b'{') {
        return Some(line);
    }
    let head = line.get(..line.len().min(PREFIX_BYTES))?;
    let text = line.get(BEGIN.find(head)?..)?;
    Some(text.trim_ascii_end())
}

/// Whether what the server cut is a command; other attributes tell no classes apart.
fn cuts_command(truncated: &[u8]) -> bool {
    let mut members = Members::of(truncated).into_iter().flatten();
    members.any(|member| matches!(member.key, b"command" | b"originatingCommand"))
}
