//! jsonlog (PostgreSQL 15 and later): one JSON object a line, keys left out where they are empty.
//!
//! A hand scanner reads the flat objects that the server writes; anything else that is JSON (other
//! spacing is fine, nested values are not the server's) goes to serde_json. Both must agree.

use super::clock::{zone_notes, zones_of};
use super::prefix::Severity;
use super::record::{Record, Text, name, session_of_pid};
use super::sessions::{How, Sessions};
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::{memchr, memchr2, memmem};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "postgres-jsonlog",
    engine: Engine::Postgres,
    title: "PostgreSQL jsonlog (15 and later)",
    samples: &[
        "{\"timestamp\":\"2026-11-23 03:55:04.101 CET\",\"user\":\"app\",\"dbname\":\"shop\",\"pid\":6601,\"remote_host\":\"10.0.0.7\",\"remote_port\":5501,\"session_id\":\"6b03ab08.19c9\",\"line_num\":1,\"error_severity\":\"LOG\",\"message\":\"duration: 0.312 ms  statement: SELECT 1\",\"application_name\":\"web api\",\"backend_type\":\"client backend\",\"query_id\":0}\n",
    ],
};

/// PostgreSQL's jsonlog.
pub struct JsonLog;

impl LogFormat for JsonLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample) -> u8 {
        let lines = sample.head.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty());
        let (good, seen) = lines.take(20).fold((0, 0), |(good, seen), line| {
            let ours = line.trim_ascii_start().starts_with(b"{")
                && memmem::find(line, b"\"error_severity\"").is_some()
                && memmem::find(line, b"\"timestamp\"").is_some();
            (good + u32::from(ours), seen + 1)
        });
        if good > 0 && good * 2 >= seen { 95 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let how = How { lines_apart: false, wants_parameters: options.keep_literals };
        let pieces = std::iter::once(&sample.head).chain(&sample.more);
        let fields: Vec<Fields<'_>> =
            pieces.flat_map(|text| text.split(|b| *b == b'\n')).filter_map(Fields::scan).collect();
        let stamps = fields.iter().map(|fields| &*fields.timestamp);
        let zone_notes = zone_notes(&zones_of(stamps, &options.zones), &options.zones);
        Box::new(JsonReader { zones: Arc::clone(&options.zones), zone_notes, how })
    }
}

struct JsonReader {
    zones: Arc<ZoneTable>,
    zone_notes: Vec<String>,
    how: How,
}

impl LogReader for JsonReader {
    fn notes(&self) -> Vec<String> {
        self.zone_notes.clone()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut sessions = Sessions::new(self.how);
        let mut reading = Reading::default();
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let place = chunk.place(start, number);
            let fields = Fields::scan(line).or_else(|| Fields::parse(line));
            let record = fields.and_then(|f| f.record(place, &mut stamps, &mut reading));
            match record {
                Some(record) => {
                    reading.records += 1;
                    sessions.record(record, sink);
                }
                None if line.trim_ascii().is_empty() => {}
                None => {
                    let message =
                        "no jsonlog record: not a JSON object with a timestamp and a severity";
                    let size_bytes = chunk.source_bytes(start..start + line.len() + 1, number);
                    reading.skip(chunk.skipped(start, number, message), size_bytes, 1);
                }
            }
            start += line.len() + 1;
            number = number.saturating_add(1);
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: sessions.into_carry(sink) }
    }
}

/// The values of one object that are read; numbers as written.
#[derive(Default, Deserialize, Debug, PartialEq)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow, deserialize_with = "bytes")]
    timestamp: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    user: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    dbname: Text<'a>,
    pid: u64,
    #[serde(borrow, deserialize_with = "bytes")]
    remote_host: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    error_severity: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    state_code: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    message: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    detail: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    context: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    statement: Text<'a>,
    #[serde(borrow, deserialize_with = "bytes")]
    application_name: Text<'a>,
    query_id: i64,
}

/// A JSON string as bytes, borrowed where nothing is escaped.
fn bytes<'de: 'a, 'a, D: serde::Deserializer<'de>>(from: D) -> Result<Text<'a>, D::Error> {
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Text<'de>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
            Ok(Cow::Borrowed(text.as_bytes()))
        }
        fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
            Ok(Cow::Owned(text.as_bytes().to_vec()))
        }
        fn visit_unit<E>(self) -> Result<Text<'de>, E> {
            Ok(Cow::Borrowed(b""))
        }
    }
    from.deserialize_any(Visitor)
}

impl<'a> Fields<'a> {
    /// Reads a flat object by hand; `None` on anything unusual.
    fn scan(line: &'a [u8]) -> Option<Fields<'a>> {
        let mut fields = Fields::default();
        let mut at = skip_blanks(line, 0);
        if line.get(at) != Some(&b'{') {
            return None;
        }
        at += 1;
        loop {
            at = skip_blanks(line, at);
            let (key, after) = string(line, at)?;
            at = skip_blanks(line, after);
            if line.get(at) != Some(&b':') {
                return None;
            }
            at = skip_blanks(line, at + 1);
            if line.get(at) == Some(&b'"') {
                let (value, after) = string(line, at)?;
                fields.set(&key, value);
                at = after;
            } else {
                let length = line[at..].iter().position(|b| matches!(b, b',' | b'}'))?;
                let word = line[at..at + length].trim_ascii_end();
                if word.is_empty() || word.iter().any(|b| matches!(b, b'{' | b'[' | b'"')) {
                    return None;
                }
                fields.set_number(&key, word)?;
                at += length;
            }
            at = skip_blanks(line, at);
            match line.get(at)? {
                b',' => at += 1,
                b'}' if line[at + 1..].trim_ascii().is_empty() => return Some(fields),
                _ => return None,
            }
        }
    }

    /// The same by serde_json.
    fn parse(line: &'a [u8]) -> Option<Fields<'a>> {
        serde_json::from_slice(line).ok()
    }

    fn set(&mut self, key: &[u8], value: Text<'a>) {
        let place = match key {
            b"timestamp" => &mut self.timestamp,
            b"user" => &mut self.user,
            b"dbname" => &mut self.dbname,
            b"remote_host" => &mut self.remote_host,
            b"error_severity" => &mut self.error_severity,
            b"state_code" => &mut self.state_code,
            b"message" => &mut self.message,
            b"detail" => &mut self.detail,
            b"context" => &mut self.context,
            b"statement" => &mut self.statement,
            b"application_name" => &mut self.application_name,
            _ => return,
        };
        *place = value;
    }

    fn set_number(&mut self, key: &[u8], word: &[u8]) -> Option<()> {
        let word = std::str::from_utf8(word).ok()?;
        match key {
            b"pid" => self.pid = word.parse().ok()?,
            b"query_id" => self.query_id = word.parse().ok()?,
            _ => {}
        }
        Some(())
    }

    fn record(
        self,
        (offset, line_in_chunk): (u64, u32),
        stamps: &mut StampParser<'_>,
        reading: &mut Reading,
    ) -> Option<Record<'a>> {
        let severity = Severity::from_word(&self.error_severity)?;
        let stamp = stamps.parse(&self.timestamp)?;
        reading.saw(stamp.time, stamp.offset_s);
        let some = |text: Text<'a>| (!text.is_empty()).then_some(text);
        let known = |text: Text<'a>| name(&text).is_some().then_some(text);
        Some(Record {
            offset,
            line_in_chunk,
            time: Some(stamp.time),
            utc_offset_s: stamp.offset_s,
            session: if self.pid == 0 { 0 } else { session_of_pid(self.pid) },
            user: known(self.user),
            database: known(self.dbname),
            host: known(self.remote_host),
            app: known(self.application_name),
            severity,
            sqlstate: self.state_code,
            message: self.message,
            is_cut: false,
            detail: some(self.detail),
            context: some(self.context),
            statement: some(self.statement),
            query_id: self.query_id,
        })
    }
}

fn skip_blanks(line: &[u8], from: usize) -> usize {
    let blanks = line[from.min(line.len())..].iter().take_while(|b| b.is_ascii_whitespace());
    from + blanks.count()
}

/// The string that begins at an offset, unescaped, and the offset behind it.
fn string(line: &[u8], at: usize) -> Option<(Text<'_>, usize)> {
    if line.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let mut stop = start + memchr2(b'"', b'\\', line.get(start..)?)?;
    if line[stop] == b'"' {
        return Some((Cow::Borrowed(&line[start..stop]), stop + 1));
    }
    let mut out = Vec::with_capacity(256);
    let mut from = start;
    loop {
        out.extend_from_slice(&line[from..stop]);
        if line[stop] == b'"' {
            return Some((Cow::Owned(out), stop + 1));
        }
        let mut used = 2;
        match line.get(stop + 1)? {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            c @ (b'"' | b'\\' | b'/') => out.push(*c),
            b'u' => {
                // The server escapes control characters only; the rest is left to serde_json.
                let digits = std::str::from_utf8(line.get(stop + 2..stop + 6)?).ok()?;
                let code = u32::from_str_radix(digits, 16).ok()?;
                let letter = char::from_u32(code)?;
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                used = 6;
            }
            _ => return None,
        }
        from = stop + used;
        stop = from + memchr2(b'"', b'\\', line.get(from..)?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hand_scanner_and_serde_agree() {
        for line in [
            META.samples[0].trim_end(),
            r#"{"timestamp":"t","message":"a\n\t\"b\"\\ \u0001 \/","pid":7,"query_id":-12}"#,
            r#" { "timestamp" : "t" , "pid" : 7 , "message" : "x" } "#,
            r#"{"timestamp":"t","x":null,"line_num":3}"#,
        ] {
            let by_hand = Fields::scan(line.as_bytes()).expect(line);
            assert_eq!(Some(by_hand), Fields::parse(line.as_bytes()), "{line}");
        }
        for line in ["", "{", "[]", r#"{"a":"#, r#"{"a":"b"} x"#, r#"{"a":"\u12"}"#, "{\"a\":{}}"] {
            assert_eq!(Fields::scan(line.as_bytes()), None, "{line}");
        }
    }
}
