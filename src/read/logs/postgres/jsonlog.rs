//! jsonlog (PostgreSQL 15 and later): one JSON object a line, keys left out where they are empty.
//!
//! The same reader takes the objects of the extension for older versions and those that have the
//! columns of csvlog as members (CloudNativePG): the names of members do not overlap. Members may be
//! more and nested; a line that was cut gives what it has.

use super::clock::{zone_notes, zones_of};
use super::mask::JsonMasker;
use super::messages::translated::shows_in;
use super::prefix::Severity;
use super::record::{Record, Text, name};
use super::sessions::{How, Sessions, TRANSLATED_NOTE};
use super::spans::{self, Stretch};
use crate::model::event::{Engine, Sink, SpanDetail, session_of_pid};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::json::{End, Member, Members, Str, Value};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::text::without_port;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "postgres-jsonlog",
    engine: Engine::Postgres,
    title: "PostgreSQL jsonlog (15 and later)",
    samples: &[
        "{\"timestamp\":\"2026-11-23 03:55:04.101 CET\",\"user\":\"app\",\"dbname\":\"shop\",\"pid\":6601,\"remote_host\":\"10.0.0.7\",\"remote_port\":5501,\"session_id\":\"6b03ab08.19c9\",\"line_num\":1,\"error_severity\":\"LOG\",\"message\":\"duration: 0.312 ms  statement: SELECT 1\",\"application_name\":\"web api\",\"backend_type\":\"client backend\",\"query_id\":0}\n",
    ],
    sample_map: None,
    apart: None,
};

/// PostgreSQL's jsonlog.
pub struct JsonLog;

impl LogFormat for JsonLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let lines = sample.head.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty());
        let (good, seen) = lines.take(20).fold((0, 0), |(good, seen), line| {
            let ours = line.trim_ascii_start().starts_with(b"{")
                && memmem::find(line, b"\"error_severity\"").is_some()
                && (memmem::find(line, b"\"timestamp\"").is_some()
                    || memmem::find(line, b"\"log_time\"").is_some());
            (good + u32::from(ours), seen + 1)
        });
        if good > 0 && good * 2 >= seen { 95 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let how = How {
            lines_apart: false,
            translated: shows_in(&sample.head, &[b"\"message\":\""]),
            wants_parameters: options.keep_literals,
        };
        let pieces = std::iter::once(&sample.head).chain(&sample.more);
        let fields: Vec<Fields<'_>> =
            pieces.flat_map(|text| text.split(|b| *b == b'\n')).filter_map(Fields::read).collect();
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
        let mut notes = self.zone_notes.clone();
        notes.extend(self.how.translated.then(|| TRANSLATED_NOTE.to_owned()));
        notes
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(JsonMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut sessions = Sessions::new(self.how);
        let mut reading = Reading::default();
        let detail = sink.wants_spans();
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let place = chunk.place(start, number);
            let mut fields = Fields::read(line);
            let session_id = fields.as_mut().map(|f| std::mem::take(&mut f.session_id));
            let record = fields.and_then(|f| f.record(place, &mut stamps, &mut reading));
            match record {
                Some(record) => {
                    reading.records += 1;
                    if record.is_cut {
                        let message = "a record of which only the beginning is there";
                        reading.skip(chunk.skipped(start, number, message), 0, 0);
                    }
                    match detail {
                        SpanDetail::Nothing => sessions.record(record, sink),
                        detail => {
                            let session_id = session_id.as_deref().filter(|id| !id.is_empty());
                            let stretch = Stretch { text: line, start, session_id };
                            spans::record(record, stretch, self.how, detail, sink);
                        }
                    }
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

/// The values of one object that are read.
#[derive(Default, Debug, PartialEq)]
struct Fields<'a> {
    timestamp: Text<'a>,
    user: Text<'a>,
    dbname: Text<'a>,
    pid: u64,
    remote_host: Text<'a>,
    session_id: Text<'a>,
    error_severity: Text<'a>,
    state_code: Text<'a>,
    message: Text<'a>,
    detail: Text<'a>,
    context: Text<'a>,
    statement: Text<'a>,
    application_name: Text<'a>,
    query_id: i64,
    /// The line ends before the object does.
    is_cut: bool,
}

impl<'a> Fields<'a> {
    /// Reads the object of a line; `None` if there is none.
    fn read(line: &'a [u8]) -> Option<Fields<'a>> {
        let mut fields = Fields::default();
        let mut members = Members::of(line.trim_ascii())?;
        for Member { key, value } in &mut members {
            match value {
                Value::String(text) => fields.set(key, text),
                Value::Word(word) => fields.set_number(key, word),
                Value::Object(_) | Value::Array(_) => {}
            }
        }
        fields.is_cut = members.end() == End::Cut;
        let is_alone = members.rest().is_empty();
        (is_alone && matches!(members.end(), End::Closed | End::Cut)).then_some(fields)
    }

    /// Names are those of PostgreSQL 15, then those of the extension for older versions and of the
    /// columns of csvlog.
    fn set(&mut self, key: &[u8], text: Str<'a>) {
        let place = match key {
            b"timestamp" | b"log_time" => &mut self.timestamp,
            b"user" | b"user_name" => &mut self.user,
            b"dbname" | b"database_name" => &mut self.dbname,
            b"remote_host" => &mut self.remote_host,
            b"session_id" => &mut self.session_id,
            b"connection_from" => {
                self.remote_host = match text.text() {
                    Cow::Borrowed(from) => Cow::Borrowed(without_port(from)),
                    Cow::Owned(from) => Cow::Owned(without_port(&from).to_vec()),
                };
                return;
            }
            b"error_severity" => &mut self.error_severity,
            b"state_code" | b"sql_state_code" => &mut self.state_code,
            b"message" => &mut self.message,
            b"detail" | b"detail_log" => &mut self.detail,
            b"context" => &mut self.context,
            b"statement" | b"query" => &mut self.statement,
            b"application_name" => &mut self.application_name,
            b"pid" | b"process_id" | b"query_id" => return self.set_number(key, text.raw()),
            _ => return,
        };
        *place = text.text();
    }

    fn set_number(&mut self, key: &[u8], word: &[u8]) {
        let Ok(word) = std::str::from_utf8(word) else { return };
        match key {
            b"pid" | b"process_id" => self.pid = word.parse().unwrap_or(0),
            b"query_id" => self.query_id = word.parse().unwrap_or(0),
            _ => {}
        }
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
            is_cut: self.is_cut,
            detail: some(self.detail),
            context: some(self.context),
            statement: some(self.statement),
            query_id: self.query_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_layout_are_known() {
        let native = r#"{"timestamp":"t","user":"u","dbname":"d","pid":7,"remote_host":"::1","remote_port":5501,"session_id":"6b.7","error_severity":"ERROR","state_code":"42P01","message":"a\n\"b\"","detail":"x","context":"c","statement":"s","application_name":"p","query_id":-12}"#;
        let columns = r#"{"log_time":"t","user_name":"u","database_name":"d","process_id":"7","connection_from":"::1:5501","session_id":"6b.7","error_severity":"ERROR","sql_state_code":"42P01","message":"a\n\"b\"","detail":"x","context":"c","query":"s","query_pos":"15","application_name":"p","query_id":"-12"}"#;
        let extension = r#"{"timestamp":"t","user":"u","dbname":"d","pid":7,"remote_host":"::1","remote_port":"5501","session_id":"6b.7","error_severity":"ERROR","state_code":"42P01","detail_log":"x","context":"c","statement":"s","cursor_position":15,"application_name":"p","query_id":-12,"message":"a\n\"b\""}"#;
        let expected = Fields::read(native.as_bytes());
        assert!(expected.as_ref().is_some_and(|f| f.pid == 7 && f.query_id == -12 && !f.is_cut));
        for line in [columns, extension, &format!(" {native}\r")] {
            assert_eq!(Fields::read(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn only_an_object_or_its_beginning_is_a_record() {
        for (line, is_cut) in [
            (r#"{"timestamp":"t","audit":{"class":["READ"]},"message":"m"}"#, Some(false)),
            (r#"{"timestamp":"t","message":"m"#, Some(true)),
            (r#"{"timestamp":"t","message":"m"} x"#, None),
            (r#"{"timestamp":"t" "message":"m"}"#, None),
            ("", None),
            ("[]", None),
        ] {
            let fields = Fields::read(line.as_bytes());
            assert_eq!(fields.map(|fields| fields.is_cut), is_cut, "{line}");
        }
    }
}
