//! Carriers whose entries are JSON objects: exports of clouds, container runtimes, log shippers.
//!
//! A carrier is one file: the function that finds, among an object's members, what it carries
//! ([`Found`]). Shared by all: `layout` (where the objects of a file stand), `detect` (whether a
//! file is of a carrier, whose entries are ours, in which order they stand), `line` (lines that were
//! taken apart), `when` (clocks), and here the way from an object to an entry. Nothing is looked at
//! but the members that a carrier asks for; unknown ones and any order of them are fine.

pub(super) mod azure;
pub(super) mod cloud_logging;
pub(super) mod cloudnativepg;
pub(super) mod cloudwatch;
mod detect;
pub(super) mod docker;
pub(super) mod journal;
mod layout;
mod line;
pub(super) mod shipped;
mod when;

use super::parts::{joint, numbered};
use super::{Content, Entry, Envelope, Joint, Piece, Splitter};
use crate::read::logs::json::{End, Members, Str};
use crate::read::logs::text::Outer;
use crate::time::{StampParser, ZoneTable};
use cloudnativepg::Startup;
use layout::{Layout, What};
use line::Line;
use memchr::memchr_iter;
use std::sync::Arc;
use when::When;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// A carrier.
struct Carrier {
    /// What it is called, with what was found in most objects.
    title: &'static str,
    /// Finds what an object carries.
    find: for<'a> fn(&mut Members<'a>) -> Found<'a>,
}

/// What a carrier finds in an object.
#[derive(Default)]
struct Found<'a> {
    payload: Payload<'a>,
    /// Who wrote it, in the carrier's words, as they stand in the text; decides whether it is ours.
    writer: [&'a [u8]; 2],
    time: When<'a>,
    pid: Option<u32>,
    parts: Parts,
}

/// What an object carries.
#[derive(Clone, Copy, Default)]
enum Payload<'a> {
    /// It is no object of the carrier.
    #[default]
    Strange,
    /// It is one, without log text.
    Nothing,
    /// It is a part of one, without log text.
    Mark,
    /// Whole lines, or a part of one.
    Text(Str<'a>),
    /// The same as an array of bytes.
    Bytes(&'a [u8]),
    /// A record, itself an object.
    Record(&'a [u8]),
    /// A line with a prefix, taken apart.
    Line(Line<'a>),
    /// A line with CloudNativePG's own prefix among its records.
    Startup(Startup<'a>),
}

/// How the objects of a carrier belong together.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Parts {
    /// Each is whole.
    #[default]
    None,
    /// A line goes on in the next text of the same writer unless it ends with a line end.
    ByLineEnd,
    /// Whether the line ends here.
    Last(bool),
    /// Parts may have numbers (`[5-2] `).
    Numbered,
}

/// Objects of one file.
struct JsonEnvelope {
    carrier: &'static Carrier,
    layout: Layout,
    /// The writers whose texts are read.
    writers: Vec<[Vec<u8>; 2]>,
    newest_first: bool,
    has_parts: bool,
    zones: Arc<ZoneTable>,
}

impl Envelope for JsonEnvelope {
    fn title(&self) -> String {
        self.carrier.title.to_owned()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let names = self.writers.iter().map(|writer| {
            let words = writer.iter().filter(|word| !word.is_empty());
            words.map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>().join(" ")
        });
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            notes.push(format!("entries of {} are read", names.join(", ")));
        }
        if self.newest_first {
            notes.push("the newest entry stands first".to_owned());
        }
        notes
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        let stamps = StampParser::new(&self.zones);
        Box::new(JsonSplitter { envelope: self, stamps, joined: Vec::new() })
    }

    fn entry_behind(&self, text: &[u8], from: usize) -> Option<usize> {
        self.layout.object_behind(text, from)
    }

    fn begins_anywhere(&self) -> bool {
        self.layout == Layout::Lines
    }

    fn has_parts(&self) -> bool {
        self.has_parts
    }

    fn joint(&self, before_bytes: usize, part: &[u8]) -> Joint {
        joint(before_bytes, part)
    }

    fn newest_first(&self) -> bool {
        self.newest_first
    }
}

struct JsonSplitter<'e> {
    envelope: &'e JsonEnvelope,
    stamps: StampParser<'e>,
    /// A line put together.
    joined: Vec<u8>,
}

impl Splitter for JsonSplitter<'_> {
    #[inline]
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let mut joined = std::mem::take(&mut self.joined);
        let found = self.envelope.layout.first(rest, &mut joined);
        let bytes = found.bytes;
        let content = match found.what {
            What::Object(object) => self.content(object, text),
            What::Blank => Content::Blank,
            What::Strange(why) => Content::Unknown(why),
        };
        self.joined = joined;
        let lines = memchr_iter(b'\n', rest.get(..bytes).unwrap_or_default()).count();
        Entry { bytes, lines: u32::try_from(lines).unwrap_or(u32::MAX), content }
    }
}

impl JsonSplitter<'_> {
    #[inline]
    fn content(&mut self, object: &[u8], text: &mut Vec<u8>) -> Content {
        let Some(mut members) = Members::of(object) else {
            return Content::Unknown("no JSON object");
        };
        let found = (self.envelope.carrier.find)(&mut members);
        let is_carried =
            !matches!(found.payload, Payload::Strange | Payload::Nothing | Payload::Mark);
        match members.end() {
            End::Broken => return Content::Unknown("a JSON object that is damaged"),
            End::Cut if !is_carried => {
                return Content::Unknown("a JSON object of which only the beginning is there");
            }
            _ if matches!(found.payload, Payload::Mark) => return Content::Blank,
            _ if !is_carried || !self.is_ours(&found) => return Content::Foreign,
            _ => {}
        }
        let start = text.len();
        found.payload.push_to(text);
        let time = found.time.read(&mut self.stamps);
        let outer = Outer {
            time: time.map(|(time, _)| time),
            utc_offset_s: time.map_or(0, |(_, offset_s)| offset_s),
            pid: found.pid,
            is_cut: found.payload.is_cut(),
        };
        Content::Payload { piece: self.piece(&found, start, text), outer }
    }

    #[inline]
    fn is_ours(&self, found: &Found<'_>) -> bool {
        let is_writer =
            |ours: &[Vec<u8>; 2]| ours[0] == found.writer[0] && ours[1] == found.writer[1];
        self.envelope.writers.iter().any(is_writer)
    }

    /// How the text written from `start` on belongs to others.
    fn piece(&self, found: &Found<'_>, start: usize, text: &mut Vec<u8>) -> Piece {
        let number = match found.parts {
            Parts::Numbered => numbered(text.get(start..).unwrap_or_default()),
            _ => None,
        };
        if let Some((_, _, bytes)) = number {
            text.drain(start..start + bytes);
        }
        if !self.envelope.has_parts {
            return Piece::Alone;
        }
        let [first, second] = found.writer;
        let from = xxh3_64_with_seed(first, xxh3_64(second) ^ u64::from(found.pid.unwrap_or(0)));
        match (found.parts, number) {
            (Parts::ByLineEnd, _) => Piece::Part { from, is_last: text.ends_with(b"\n") },
            (Parts::Last(is_last), _) => Piece::Part { from, is_last },
            (Parts::Numbered, Some((record, 0 | 1, _))) => Piece::First { from, record },
            (Parts::Numbered, Some((record, ..))) => Piece::Next { from, record },
            (Parts::None, _) | (Parts::Numbered, None) => Piece::Alone,
        }
    }
}

impl Payload<'_> {
    /// Appends the text.
    #[inline]
    fn push_to(self, out: &mut Vec<u8>) {
        match self {
            Payload::Strange | Payload::Nothing | Payload::Mark => {}
            Payload::Text(text) => text.push_to(out),
            Payload::Bytes(array) => push_bytes(array, out),
            Payload::Record(object) => {
                let start = out.len();
                out.extend_from_slice(object);
                // Only blanks between members can be line ends.
                let copied = out.get_mut(start..).unwrap_or_default();
                copied.iter_mut().filter(|b| **b == b'\n').for_each(|b| *b = b' ');
            }
            Payload::Line(line) => line.push_to(out),
            Payload::Startup(line) => line.push_to(out),
        }
    }

    /// Whether the source ends within the text. A record tells by itself.
    fn is_cut(self) -> bool {
        match self {
            Payload::Text(text) => text.is_cut(),
            Payload::Line(line) => line.is_cut(),
            Payload::Strange
            | Payload::Nothing
            | Payload::Mark
            | Payload::Bytes(_)
            | Payload::Record(_)
            | Payload::Startup(_) => false,
        }
    }
}

/// `[83,69,76]`
fn push_bytes(array: &[u8], out: &mut Vec<u8>) {
    let inside = array.strip_prefix(b"[").unwrap_or(array);
    let numbers = inside.split(|b| matches!(b, b',' | b']')).map(<[u8]>::trim_ascii);
    for number in numbers.filter(|number| !number.is_empty()) {
        let byte = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        out.push(byte.unwrap_or(b'?'));
    }
}
