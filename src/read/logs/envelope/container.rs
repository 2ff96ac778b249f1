//! Lines of container runtimes: files in the format of Kubernetes' runtime interface (CRI), and what
//! `docker compose logs` or `kubectl logs --prefix` print, where every line begins with the name of
//! its container.
//!
//! `2026-11-23T03:55:04.123456789Z stderr F text` (P: the line goes on in the next entry of the
//! stream), `db-1  | text`, `[pod/db-0/postgres] text`. Behind a name a time may follow. What other
//! containers write is foreign.

use super::head::Heads;
use super::{Content, Entry, Envelope, EnvelopeKind, Fits, Piece, Splitter, first_line};
use crate::read::input::Sample;
use crate::read::logs::text::Outer;
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use memchr::memchr;
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Lines of container runtimes.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "container",
    detect,
    samples: &[
        "2026-11-23T03:55:04.123456789Z stderr F 2026-11-23 03:55:04.101 CET [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "db-1  | 2026-11-23 03:55:04.101 CET [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "[pod/db-0/postgres] 2026-11-23 03:55:04.101 CET [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

/// Containers that are looked at, and bytes of each one's lines.
const NAMES_MAX: usize = 32;
const NAME_TEXT_MAX: usize = 64 * 1024;

/// What stands before the text of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Cri,
    Named,
}

struct Container {
    zones: Arc<ZoneTable>,
    form: Form,
    /// The containers whose lines are read; not asked in files of one container.
    names: Vec<Vec<u8>>,
}

/// A line without what the runtime wrote before it.
struct Line<'a> {
    form: Form,
    /// The container, or the stream of the only one.
    name: &'a [u8],
    outer: Outer,
    /// The line ends here.
    is_last: bool,
    text: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8], heads: &mut Heads<'_>) -> Option<Self> {
        if line.first()?.is_ascii_digit()
            && let Some(cri) = Self::cri(line, heads)
        {
            return Some(cri);
        }
        let plain = without_colour(line);
        let (name, behind) = match plain.strip_prefix(b"[") {
            Some(rest) => {
                let end = memchr(b']', rest.get(..rest.len().min(256))?)?;
                let name = rest.get(..end).filter(|name| name.contains(&b'/'))?;
                (name, rest.get(end + 1..)?)
            }
            None => {
                let end = memchr(b'|', plain.get(..plain.len().min(128))?)?;
                (plain.get(..end)?.trim_ascii_end(), plain.get(end + 1..)?)
            }
        };
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-./".contains(b);
        if name.is_empty() || !name.iter().all(is_name) {
            return None;
        }
        let behind = without_colour(behind);
        let text = without_colour(behind.strip_prefix(b" ").unwrap_or(behind));
        let (outer, text) = stamped(text, heads);
        Some(Line { form: Form::Named, name, outer, is_last: true, text })
    }

    fn cri(line: &'a [u8], heads: &mut Heads<'_>) -> Option<Self> {
        let stamp = heads.iso(line)?;
        let rest = line.get(stamp.len..)?.strip_prefix(b" ")?;
        let (name, rest) = rest.split_at_checked(6)?;
        let rest = rest.strip_prefix(b" ").filter(|_| matches!(name, b"stdout" | b"stderr"))?;
        // More tags may follow the first, behind colons.
        let tags = memchr(b' ', rest.get(..rest.len().min(64))?).unwrap_or(rest.len());
        let is_last = match rest.get(..tags)? {
            [b'F'] | [b'F', b':', ..] => true,
            [b'P'] | [b'P', b':', ..] => false,
            _ => return None,
        };
        let text = rest.get(tags + 1..).unwrap_or_default();
        let outer =
            Outer { time: Some(stamp.time), utc_offset_s: stamp.utc_offset_s, ..Outer::default() };
        Some(Line { form: Form::Cri, name, outer, is_last, text })
    }
}

/// A text without the time in front of it.
fn stamped<'a>(text: &'a [u8], heads: &mut Heads<'_>) -> (Outer, &'a [u8]) {
    let stamp = if text.first().is_some_and(u8::is_ascii_digit) { heads.iso(text) } else { None };
    let rest = stamp.and_then(|stamp| Some((stamp, text.get(stamp.len..)?.strip_prefix(b" ")?)));
    match rest {
        Some((stamp, rest)) => {
            let (time, utc_offset_s) = (Some(stamp.time), stamp.utc_offset_s);
            (Outer { time, utc_offset_s, ..Outer::default() }, rest)
        }
        None => (Outer::default(), text),
    }
}

/// A text without the terminal's code for a colour in front of it.
fn without_colour(text: &[u8]) -> &[u8] {
    let Some(code) = text.strip_prefix(b"\x1b[") else { return text };
    let length = code.iter().take(16).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    code.get(length..).and_then(|rest| rest.strip_prefix(b"m")).unwrap_or(text)
}

fn detect(sample: &Sample, options: &ReadOptions, fits: Fits<'_>) -> Option<Box<dyn Envelope>> {
    let mut heads = Heads::new(None, &options.zones);
    let mut texts: BTreeMap<(Form, Vec<u8>), Vec<u8>> = BTreeMap::new();
    let (mut known, mut strange) = (0u32, 0u32);
    let lines = sample.head.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for line in lines {
        let Some(line) = Line::read(line.strip_suffix(b"\r").unwrap_or(line), &mut heads) else {
            strange += 1;
            continue;
        };
        known += 1;
        let key = (line.form, line.name.to_vec());
        if texts.len() >= NAMES_MAX && !texts.contains_key(&key) {
            continue;
        }
        let text = texts.entry(key).or_default();
        if text.len() < NAME_TEXT_MAX {
            text.extend_from_slice(line.text);
            text.push(b'\n');
        }
    }
    // The sample may end, or a file begin, within a line.
    if known == 0 || strange > 1 + known / 10 {
        return None;
    }
    fits.keep_ours(&mut texts);
    let form = texts.keys().map(|(form, _)| *form).next()?;
    let names = texts.into_keys().filter(|(of, _)| *of == form).map(|(_, name)| name).collect();
    Some(Box::new(Container { zones: Arc::clone(&options.zones), form, names }))
}

impl Envelope for Container {
    fn title(&self) -> String {
        match self.form {
            Form::Cri => "a container runtime's lines (CRI)".to_owned(),
            Form::Named => "lines with a container's name in front".to_owned(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let names: Vec<_> = self.names.iter().map(|n| String::from_utf8_lossy(n)).collect();
        vec![format!("lines of {} are read", names.join(", "))]
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        Box::new(LineSplitter { container: self, heads: Heads::new(None, &self.zones) })
    }

    fn has_parts(&self) -> bool {
        self.form == Form::Cri || self.names.len() > 1
    }
}

struct LineSplitter<'e> {
    container: &'e Container,
    heads: Heads<'e>,
}

impl Splitter for LineSplitter<'_> {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, bytes) = first_line(rest);
        let lines = u32::from(rest.get(bytes - 1) == Some(&b'\n'));
        let Container { form, names, .. } = self.container;
        let content = match Line::read(line, &mut self.heads) {
            _ if line.trim_ascii().is_empty() => Content::Blank,
            None => Content::Unknown("a line without what a container runtime writes before it"),
            Some(read) if read.form != *form || !names.iter().any(|name| name == read.name) => {
                Content::Foreign
            }
            Some(read) => {
                text.extend_from_slice(read.text);
                let from = || xxh3_64(read.name);
                let piece = match form {
                    Form::Cri => Piece::Part { from: from(), is_last: read.is_last },
                    Form::Named if names.len() == 1 => Piece::Alone,
                    Form::Named if read.text.starts_with(b"\t") => {
                        Piece::Next { from: from(), record: 0 }
                    }
                    Form::Named => Piece::First { from: from(), record: 0 },
                };
                Content::Payload { piece, outer: read.outer }
            }
        };
        Entry { bytes, lines, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_runtimes_write() {
        let zones = ZoneTable::default();
        let mut heads = Heads::new(None, &zones);
        for (line, expected) in [
            ("2026-11-23T03:55:04.1Z stderr F text", Some(("stderr", true, "text", true))),
            ("2026-11-23T03:55:04+01:00 stdout P text ", Some(("stdout", false, "text ", true))),
            ("2026-11-23T03:55:04Z stdout P:x text", Some(("stdout", false, "text", true))),
            ("2026-11-23T03:55:04Z stdout F", Some(("stdout", true, "", true))),
            ("db-1  | \ttext", Some(("db-1", true, "\ttext", false))),
            ("db-1  |", Some(("db-1", true, "", false))),
            ("\u{1b}[36mdb-1  | \u{1b}[0mtext", Some(("db-1", true, "text", false))),
            ("\u{1b}[36mdb-1  |\u{1b}[0m text", Some(("db-1", true, "text", false))),
            ("db-1  | 2026-11-23T03:55:04.1Z text", Some(("db-1", true, "text", true))),
            ("[pod/db-0/pg] text", Some(("pod/db-0/pg", true, "text", false))),
            ("[6601] text", None),
            ("2026-11-23T03:55:04Z stderr X text", None),
            ("a b | text", None),
            ("| text", None),
            ("", None),
        ] {
            let read = Line::read(line.as_bytes(), &mut heads);
            let seen = read.map(|read| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(read.name), read.is_last, text(read.text), read.outer.time.is_some())
            });
            let expected = expected
                .map(|(name, last, text, timed)| (name.to_owned(), last, text.to_owned(), timed));
            assert_eq!(seen, expected, "{line}");
        }
    }
}
