//! One line of the structured log: its envelope, and the operation in it if it is one.

use super::{APPLIED, IN_PROGRESS, SLOW};
use crate::read::logs::json::{End, Members, Value};
use crate::read::logs::mongodb::number::count;
use crate::read::logs::mongodb::operation::Operation;
use crate::time::{Stamp, StampParser, Timestamp};
use memchr::memmem;

/// So far into a line its object may begin: an envelope that nobody knows may stand before it.
const PREFIX_BYTES: usize = 512;

/// A line's envelope.
pub(super) struct Line<'a> {
    /// The object of `t`, or its text.
    time: Value<'a>,
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
    /// Anything else.
    Message,
}

impl<'a> Line<'a> {
    /// Reads a line, and the operation in it; `None` if it is no record.
    pub fn read(line: &'a [u8], operation: &mut Operation<'a>) -> Option<Line<'a>> {
        let text = object(line)?;
        let mut members = Members::of(text)?;
        let mut time = None;
        let (mut id, mut context) = (None, &b""[..]);
        let (mut attr, mut truncated): (Option<&[u8]>, _) = (None, false);
        let mut body = Body::Message;
        while let Some((key, first)) = members.key() {
            if key == b"attr" && first == b'{' && id.is_some_and(is_operation) {
                let rest = members.rest();
                let (end, bytes) = operation.read(rest);
                members.pass(end, bytes);
                body = Body::Operation(rest.get(..bytes).unwrap_or_default());
                continue;
            }
            let Some(value) = members.value() else { break };
            match (key, value) {
                (b"t", value) => time = Some(value),
                (b"id", value) => id = count(value).and_then(|id| u32::try_from(id).ok()),
                (b"ctx", Value::String(text)) => context = text.raw(),
                (b"attr", Value::Object(raw)) => attr = Some(raw),
                (b"truncated", Value::Object(raw)) => truncated = cuts_command(raw),
                _ => {}
            }
        }
        if members.end() == End::Broken {
            return None;
        }
        let id = id?;
        if let (Some(raw), true) = (attr, is_operation(id)) {
            operation.read(raw);
            body = Body::Operation(raw);
        }
        Some(Line { time: time?, id, context, body, is_truncated: truncated, end: members.end() })
    }

    /// When it was written.
    pub fn stamp(&self, stamps: &mut StampParser<'_>) -> Option<Stamp> {
        let value = match self.time {
            Value::Object(raw) => Members::of(raw)?.next()?.value,
            value => value,
        };
        match value {
            Value::String(text) => stamps.parse(text.raw()),
            value => {
                let time = Timestamp(i64::try_from(count(value)?).ok()?.checked_mul(1000)?);
                Some(Stamp { time, offset_s: 0, len: 0, zone: (0, 0) })
            }
        }
    }
}

fn is_operation(id: u32) -> bool {
    matches!(id, SLOW | APPLIED | IN_PROGRESS)
}

/// The object of a line, which an envelope may stand before.
fn object(line: &[u8]) -> Option<&[u8]> {
    if line.first() == Some(&b'{') {
        return Some(line);
    }
    let head = line.get(..line.len().min(PREFIX_BYTES))?;
    let text = line.get(memmem::find(head, b"{\"t\":{\"$date\":")?..)?;
    Some(text.trim_ascii_end())
}

/// Whether what the server cut is a command; other attributes tell no classes apart.
fn cuts_command(truncated: &[u8]) -> bool {
    let mut members = Members::of(truncated).into_iter().flatten();
    members.any(|member| matches!(member.key, b"command" | b"originatingCommand"))
}
