//! Where the objects of a JSON file stand: one a line, or one behind the other, in arrays or not,
//! spread over lines or not.
//!
//! In: a text that begins where something of the file does. Out: what begins there and how far it
//! reaches ([`Found`]). Marks between objects, the object that holds their array, and what stands
//! beside it are no entries. What an object means is left to the carriers.
//!
//! What begins a text does not depend on what stands behind the next object's first byte: so a file
//! that is cut where objects begin reads like the whole, damaged or not.

use crate::read::logs::envelope::first_line;
use crate::read::logs::json::{End, Members, string_end};
use memchr::{memchr, memchr_iter};

/// How the objects of a file follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// One a line. Container runtimes cut long lines into several.
    Lines,
    /// One behind the other, with commas and brackets or only blanks between.
    Stream,
}

/// What begins a text.
pub(super) struct Found<'t> {
    /// How far it reaches, with what stands between it and the next.
    pub bytes: usize,
    /// What it is.
    pub what: What<'t>,
}

/// What there may be in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What<'t> {
    /// An object, or its beginning where the text ends within.
    Object(&'t [u8]),
    /// Nothing but marks and blanks.
    Blank,
    /// Not JSON, and why.
    Strange(&'static str),
}

/// Lines that are looked at to tell the layout.
const LINES_MAX: usize = 64;
/// Members that hold the array of all objects.
const ARRAYS: &[&[u8]] = &[b"records", b"events", b"logEvents", b"entries", b"results"];
/// A container runtime cuts lines at this size.
const RUNTIME_LINE_BYTES: usize = 16 * 1024;

impl Layout {
    /// The layout of the file that begins like this; `None` if it is not JSON.
    pub fn of(head: &[u8]) -> Option<Layout> {
        let start = head.trim_ascii_start();
        match start.first()? {
            b'[' => {
                let inside = start.get(1..)?.trim_ascii_start().first();
                return matches!(inside, Some(b'{' | b'[' | b']')).then_some(Layout::Stream);
            }
            b'{' if matches!(Members::of(start).map(object)?, Object::AroundArray(_)) => {
                return Some(Layout::Stream);
            }
            _ => {}
        }
        let lines = head.split(|b| *b == b'\n').filter(|line| line.starts_with(b"{"));
        let mut ends = lines.take(LINES_MAX).filter_map(|line| {
            let line = line.trim_ascii_end();
            let (end, bytes) = Members::of(line)?.read_to_end();
            Some((end == End::Closed && bytes == line.len()) || is_full(line))
        });
        match ends.any(|is_line| is_line) {
            true => Some(Layout::Lines),
            false => start.starts_with(b"{").then_some(Layout::Stream),
        }
    }

    /// What begins a text; it is not empty. `joined` is where a line is put together that a
    /// container runtime had cut.
    #[inline]
    pub fn first<'t>(self, rest: &'t [u8], joined: &'t mut Vec<u8>) -> Found<'t> {
        match self {
            Layout::Lines => line(rest, joined),
            Layout::Stream => stream(rest),
        }
    }

    /// Where the first object begins behind byte `from` of a text that begins at one itself.
    pub fn object_behind(self, text: &[u8], from: usize) -> Option<usize> {
        match self {
            // A line may be the rest of the one above only if that has the size of a cut line.
            Layout::Lines => {
                let rest = text.get(from..)?;
                let mut start = memchr(b'\n', rest)? + 1;
                loop {
                    let (line, bytes) = first_line(rest.get(start..)?);
                    start += bytes;
                    if !is_full(line) && bytes > line.len() {
                        return Some(from + start);
                    }
                    if bytes == 0 {
                        return None;
                    }
                }
            }
            // Only from the start on is it certain what stands within a string.
            Layout::Stream => {
                let mut at = 0;
                while at <= from {
                    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
                    at += stream(rest).bytes;
                }
                Some(at)
            }
        }
    }
}

/// Whether a line has the size at which container runtimes cut.
#[inline]
fn is_full(line: &[u8]) -> bool {
    matches!(line.len(), RUNTIME_LINE_BYTES | 16_385)
}

/// The line that begins a text.
#[inline]
fn line<'t>(rest: &'t [u8], joined: &'t mut Vec<u8>) -> Found<'t> {
    let (line, mut bytes) = first_line(rest);
    let object = line.trim_ascii_start();
    let what = match object.first() {
        None => What::Blank,
        Some(b'{') if is_full(line) && is_cut(object) => {
            joined.clear();
            joined.extend_from_slice(object);
            let mut last = line;
            while is_full(last)
                && let Some(more) = rest.get(bytes..).filter(|more| !more.is_empty())
                && !more.starts_with(b"{\"")
            {
                let (part, part_bytes) = first_line(more);
                joined.extend_from_slice(part);
                bytes += part_bytes;
                last = part;
            }
            What::Object(joined)
        }
        Some(b'{') => What::Object(object),
        Some(_) => What::Strange("a line without a JSON object"),
    };
    Found { bytes, what }
}

fn is_cut(object: &[u8]) -> bool {
    Members::of(object).is_some_and(|members| members.read_to_end().0 == End::Cut)
}

/// What begins a text in which objects follow each other.
fn stream(rest: &[u8]) -> Found<'_> {
    let (bytes, what) = match Members::of(rest).map(object) {
        Some(Object::AroundArray(bytes)) => (bytes, What::Blank),
        Some(Object::Ends(End::Closed, bytes)) => {
            (bytes, What::Object(rest.get(..bytes).unwrap_or_default()))
        }
        Some(Object::Ends(End::Broken, broken_at)) => {
            let bytes = next_object(rest, broken_at);
            // Where the next object breaks it, it is one of which only the beginning is there, as it
            // is where the text ends before the next.
            let what = match rest.get(..bytes).filter(|_| bytes == broken_at) {
                Some(beginning) => What::Object(beginning),
                None => What::Strange("a JSON object that is damaged"),
            };
            return Found { bytes, what };
        }
        Some(Object::Ends(End::Cut | End::Ahead, _)) => (rest.len(), What::Object(rest)),
        None => match between(rest) {
            0 => {
                let what = What::Strange("no JSON between objects");
                return Found { bytes: next_object(rest, 1), what };
            }
            bytes => return Found { bytes, what: What::Blank },
        },
    };
    let behind = rest.get(bytes..).unwrap_or_default();
    Found { bytes: bytes + between(behind), what }
}

enum Object {
    /// It holds the array of all others, which begins behind so many bytes.
    AroundArray(usize),
    /// How it ends, and behind how many bytes.
    Ends(End, usize),
}

/// What an object is. What stands in the array of all others has no say.
fn object(mut members: Members<'_>) -> Object {
    while let Some((key, first)) = members.key() {
        if first == b'[' && ARRAYS.contains(&key) {
            return Object::AroundArray(members.read_bytes());
        }
        members.value();
    }
    Object::Ends(members.end(), members.read_bytes())
}

/// How much stands between objects: blanks, marks, and the members of an object that holds the
/// array of all others.
fn between(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += match rest.first() {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'}') => 1,
            Some(b'"') => match member(rest) {
                0 => return at,
                bytes => bytes,
            },
            _ => return at,
        };
    }
}

/// How long the member is that begins a text, without a value that is an object or an array; 0 if
/// none does.
fn member(text: &[u8]) -> usize {
    let end_of =
        |text: &[u8], at: usize| text.get(at..).and_then(string_end).map(|end| at + end + 1);
    let to_token = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
    };
    let Some(key_end) = end_of(text, 1) else { return 0 };
    let colon = to_token(key_end);
    if text.get(colon) != Some(&b':') {
        return 0;
    }
    let value = to_token(colon + 1);
    match text.get(value) {
        Some(b'"') => end_of(text, value + 1).unwrap_or(text.len()),
        Some(b'{' | b'[') => value,
        _ => {
            let word = text.get(value..).unwrap_or_default();
            let is_part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
            value + word.iter().take_while(is_part).count()
        }
    }
}

/// Where, behind damage, the next object may begin: a bracket with a member behind it, at the start
/// of a line or behind a comma or the bracket of an array.
fn next_object(text: &[u8], from: usize) -> usize {
    let from = from.min(text.len());
    let behind = text.get(from..).unwrap_or_default();
    let mut brackets = memchr_iter(b'{', behind).map(|at| from + at);
    let begins = |at: &usize| {
        let (before, object) = text.split_at(*at);
        let inside = object.get(1..).unwrap_or_default().trim_ascii_start();
        let mark = before.trim_ascii_end();
        let is_first = memchr(b'\n', before.get(mark.len()..).unwrap_or_default()).is_some();
        inside.starts_with(b"\"") && (is_first || matches!(mark.last(), Some(b',' | b'[')))
    };
    brackets.find(begins).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text consists of: `o` objects, `b` marks and blanks, `s` what is strange, with sizes.
    fn parts(layout: Layout, text: &str) -> Vec<(char, usize)> {
        let (mut at, mut joined, mut parts) = (0, Vec::new(), Vec::new());
        while at < text.len() {
            let found = layout.first(&text.as_bytes()[at..], &mut joined);
            let what = match found.what {
                What::Object(_) => 'o',
                What::Blank => 'b',
                What::Strange(_) => 's',
            };
            parts.push((what, found.bytes));
            at += found.bytes;
        }
        parts
    }

    #[test]
    fn layouts_are_told_by_how_a_file_begins() {
        use Layout::{Lines, Stream};
        let cut = format!("{{\"a\":\"{}", "x".repeat(RUNTIME_LINE_BYTES - 6));
        for (head, layout) in [
            ("{\"a\":1}\n{\"a\":2}\n", Some(Lines)),
            ("{\"a\":1}", Some(Lines)),
            ("Found 2 pods\n{\"a\":1}\r\n", Some(Lines)),
            ("{\"a\": x\n{\"a\":2}\n", Some(Lines)),
            (&cut, Some(Lines)),
            ("[\n  {\n    \"a\": 1", Some(Stream)),
            ("[]", Some(Stream)),
            ("{\n  \"a\": 1\n}\n{\n", Some(Stream)),
            ("{\"records\": [{\"a\":1}]}\n{\"records\": []}", Some(Stream)),
            ("{\"a\":1}{\"a\":1}\n", Some(Stream)),
            ("[6601] LOG:  x\n", None),
            ("2026-11-23 LOG:  x\n\t{\"a\":1}\n", None),
            ("", None),
        ] {
            assert_eq!(Layout::of(head.as_bytes()), layout, "{head}");
        }
    }

    #[test]
    fn objects_are_found_among_marks_and_damage() {
        for expected in [
            &["b[", "o{\"a\":1}, ", "o{\"b\":[]}]\n"][..],
            &["b{\"n\":\"x\",\"events\": [\n", "o{\"a\":1}],\"t\":\"[{\"}\n", "o{\"b\":2}"],
            &["b{\"events\":[],\"s\":", "o{\"n\":1},\"e\":-1}\n"],
            &["o{\"a\":1},", "s{\"a\":2\"},", "o{\"b\":3}"],
            &["b[", "s{\"a\":\"x, {\"b\":\"y\"},", "o{\"c\":1}]"],
            &["s{\"a\":{\"b\":\"c\"d\"}},", "o{\"b\":3}"],
            &["o{\"a\":1\n", "o{\"b\":3}"],
            &["o{\"a\":1} ", "soops {\"b\":3}\n", "o{\"c\":1}"],
            &["o{\"a\":1},", "s\"x\"\n", "o{\"b\":3}"],
            &["o{\"a\":1},", "o{\"b"],
        ] {
            let text: String = expected.iter().map(|part| &part[1..]).collect();
            let mut at = 0;
            for ((what, bytes), expected) in parts(Layout::Stream, &text).iter().zip(expected) {
                assert_eq!(format!("{what}{}", &text[at..at + bytes]), **expected, "{text}");
                at += bytes;
            }
            assert_eq!(at, text.len());
        }
    }

    #[test]
    fn lines_that_a_runtime_cut_are_one() {
        let line = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        let long = line(40_000);
        let (first, rest) = long.split_at(RUNTIME_LINE_BYTES);
        let (second, third) = rest.split_at(RUNTIME_LINE_BYTES + 1);
        let joined = format!("{first}\r\n{second}\n{third}\n");
        let whole = line(RUNTIME_LINE_BYTES) + "\n";
        let text = format!("{whole}{joined}\nno\n{first}\n{whole}");
        let expected = [
            ('o', whole.len()),
            ('o', joined.len()),
            ('b', 1),
            ('s', 3),
            ('o', first.len() + 1),
            ('o', whole.len()),
        ];
        assert_eq!(parts(Layout::Lines, &text), expected);
    }

    #[test]
    fn what_is_found_from_within_begins_there_indeed() {
        let full = "{\"a\":\"".to_owned() + &"x".repeat(RUNTIME_LINE_BYTES - 6);
        let lines = format!("{{\"a\":1}}\n{full}\nx\"}}\n\n{{\"a\":2}}\n{{\"a\":3}}\n{{");
        let stream =
            "[\n  {\n \"a\": \"},{\"\n  },\n  {\n \"a\": \"{\\\"b\" }\n]\n[{\"c\":1}]".to_owned();
        for (layout, text) in [(Layout::Lines, lines), (Layout::Stream, stream)] {
            let mut starts = vec![0];
            for (_, bytes) in parts(layout, &text) {
                starts.push(starts.last().unwrap() + bytes);
            }
            for from in 0..text.len() {
                let found = layout.object_behind(text.as_bytes(), from);
                let begins = found.is_none_or(|at| at > from && starts.contains(&at));
                assert!(begins, "{from} {found:?} {starts:?}");
            }
            assert!(layout.object_behind(text.as_bytes(), 0).is_some());
        }
    }
}
