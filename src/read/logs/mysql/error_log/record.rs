//! One complete record of an error log, whatever form it was written in.

use crate::model::event::{Event, Kind, Who};
use crate::time::Timestamp;
use std::borrow::Cow;

/// How grave the server says a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Label {
    /// It does not say.
    None,
    /// News that are always logged (8.0).
    System,
    /// News.
    Note,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
}

impl Label {
    /// The label of a word in brackets.
    pub fn of_word(word: &[u8]) -> Option<Label> {
        const WORDS: [(&[u8], Label); 6] = [
            (b"Note", Label::Note),
            (b"Warning", Label::Warning),
            (b"Error", Label::Error),
            (b"System", Label::System),
            (b"Info", Label::Note),
            (b"Warn", Label::Warning),
        ];
        WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, label)| *label)
    }
}

/// A record with everything that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    /// Byte offset in the source.
    pub offset: u64,
    /// Line, counted from the start of its chunk.
    pub line_in_chunk: u32,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the clock that wrote it.
    pub utc_offset_s: i32,
    /// How grave.
    pub label: Label,
    /// `MY-010055`, or empty.
    pub code: Cow<'a, [u8]>,
    /// The message with all its lines.
    pub message: Cow<'a, [u8]>,
}

impl Record<'_> {
    /// What it means, as an event.
    pub fn event<'e>(&self, who: Who<'e>, kind: Kind<'e>) -> Event<'e> {
        Event {
            offset: self.offset,
            line: self.line_in_chunk,
            time: self.time,
            utc_offset_s: self.utc_offset_s,
            who,
            kind,
        }
    }
}

/// A code that says something: messages without one have 0.
pub(super) fn known_code(code: &[u8]) -> bool {
    code.iter().any(|b| matches!(b, b'1'..=b'9'))
}

/// A message without the name of the part of the server that stands before it.
pub(super) fn without_subsystem(message: &[u8]) -> &[u8] {
    let rest = message.strip_prefix(b"InnoDB:").unwrap_or(message);
    rest.trim_ascii_start()
}

/// `mysqld got signal 11 ;`, `mariadbd got signal 6 ;`, `mysqld got exception 0xc0000005 ;`.
pub(super) fn is_signal(message: &[u8]) -> bool {
    const PROGRAMS: [&[u8]; 2] = [b"mysqld", b"mariadbd"];
    let rest = PROGRAMS.iter().find_map(|program| message.strip_prefix(*program));
    rest.is_some_and(|rest| {
        rest.starts_with(b" got signal ") || rest.starts_with(b" got exception ")
    })
}
