//! The error log as JSON (`log_sink_json`, MySQL 8.0 and later): one object a line, members in any
//! order, left out where the server has nothing to say.
//!
//! Deadlocks are counted, but InnoDB writes their statements and locks beside this sink, into the
//! text form.

use super::deadlock::Deadlocks;
use super::mask::mask_lines;
use super::record::{Label, Record, known_code};
use super::{messages, spans};
use crate::model::event::{Engine, Sink, SpanDetail};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::json::{End, Member, Members, Value};
use crate::read::logs::mask::{Masker, WITHHELD, push_json_string};
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mysql-error-json",
    engine: Engine::Mysql,
    title: "MySQL error log as JSON (8.0 and later)",
    samples: &[
        "{ \"log_type\" : 1, \"prio\" : 2, \"err_code\" : 10055, \"subsystem\" : \"Server\", \"source_file\" : \"hostname.cc\", \"function\" : \"ip_to_hostname\", \"msg\" : \"IP address '10.0.0.7' could not be resolved: Name or service not known\", \"time\" : \"2026-11-23T03:03:14.195974Z\", \"ts\" : 1795402994195, \"thread\" : 9, \"err_symbol\" : \"ER_NAME_RESOLVE\", \"SQL_state\" : \"HY000\", \"label\" : \"Warning\" }\n",
    ],
    apart: None,
    sample_map: None,
};

/// The error log as JSON.
pub struct ErrorLogJson;

impl LogFormat for ErrorLogJson {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let lines = sample.head.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty());
        let (good, seen) = lines.take(20).fold((0, 0), |(good, seen), line| {
            let has = |key: &[u8]| memmem::find(line, key).is_some();
            let is_one = line.trim_ascii_start().starts_with(b"{")
                && has(b"\"prio\"")
                && has(b"\"msg\"")
                && (has(b"\"err_code\"") || has(b"\"label\""));
            (good + u32::from(is_one), seen + 1)
        });
        if good > 0 && good * 2 >= seen { 95 } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(JsonReader { zones: Arc::clone(&options.zones) })
    }
}

struct JsonReader {
    zones: Arc<ZoneTable>,
}

impl LogReader for JsonReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(JsonMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let mut deadlocks = Deadlocks::default();
        let spans = sink.wants_spans();
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let text = line.trim_ascii();
            let place = chunk.place(start, number);
            let read = Fields::read(text).and_then(|fields| fields.record(place, &mut stamps));
            if let Some((record, thread)) = read {
                reading.records += 1;
                if let Some(time) = record.time {
                    reading.saw(time, record.utc_offset_s);
                }
                match spans {
                    SpanDetail::Nothing => messages::emit(&record, &mut deadlocks, sink),
                    detail => spans::tell(&record, thread, (line, start), detail, sink),
                }
            } else if !text.is_empty() {
                let message = "no record of the error log: not a JSON object with a message";
                let size_bytes = chunk.source_bytes(start..start + line.len() + 1, number);
                reading.skip(chunk.skipped(start, number, message), size_bytes, 1);
            }
            start += line.len() + 1;
            number = number.saturating_add(1);
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: Box::new(deadlocks) }
    }
}

/// The members of one object that are read.
#[derive(Default)]
struct Fields<'a> {
    time: Cow<'a, [u8]>,
    label: Cow<'a, [u8]>,
    message: Option<Cow<'a, [u8]>>,
    priority: &'a [u8],
    code: &'a [u8],
    thread: Option<u64>,
}

impl<'a> Fields<'a> {
    /// Reads the object of a line; `None` if there is none, or not a whole one.
    fn read(line: &'a [u8]) -> Option<Fields<'a>> {
        let mut fields = Fields::default();
        let mut members = Members::of(line)?;
        for Member { key, value } in &mut members {
            match (key, value) {
                (b"time", Value::String(text)) => fields.time = text.text(),
                (b"label", Value::String(text)) => fields.label = text.text(),
                (b"msg", Value::String(text)) => fields.message = Some(text.text()),
                (b"prio", Value::Word(word)) => fields.priority = word,
                (b"err_code", Value::Word(word)) => fields.code = word,
                (b"thread", Value::Word(word)) => {
                    fields.thread = std::str::from_utf8(word).ok().and_then(|n| n.parse().ok());
                }
                _ => {}
            }
        }
        (members.end() == End::Closed && members.rest().is_empty()).then_some(fields)
    }

    /// The record, and the thread that wrote it.
    fn record(
        self,
        (offset, line_in_chunk): (u64, u32),
        stamps: &mut StampParser<'_>,
    ) -> Option<(Record<'a>, Option<u64>)> {
        let label = Label::of_word(&self.label).unwrap_or(match self.priority {
            b"0" => Label::System,
            b"1" => Label::Error,
            b"2" => Label::Warning,
            b"3" => Label::Note,
            _ => Label::None,
        });
        let stamp = stamps.parse(&self.time);
        let record = Record {
            offset,
            line_in_chunk,
            time: stamp.map(|stamp| stamp.time),
            utc_offset_s: stamp.map_or(0, |stamp| stamp.offset_s),
            label,
            code: code(self.code),
            message: self.message?,
        };
        Some((record, self.thread))
    }
}

/// A code as the text form writes it: `MY-010055`.
fn code(number: &[u8]) -> Cow<'_, [u8]> {
    const DIGITS: usize = 6;
    if !known_code(number) || !number.iter().all(u8::is_ascii_digit) {
        return Cow::Borrowed(b"");
    }
    let mut code = b"MY-".to_vec();
    code.resize(code.len() + DIGITS.saturating_sub(number.len()), b'0');
    code.extend_from_slice(&number[..number.len().min(DIGITS)]);
    Cow::Owned(code)
}

/// Masks records: what says when, where in the server and how grave stays.
struct JsonMasker;

/// Members that stay as they are.
const KEPT: [&[u8]; 14] = [
    b"log_type",
    b"prio",
    b"err_code",
    b"err_symbol",
    b"SQL_state",
    b"subsystem",
    b"component",
    b"source_file",
    b"source_line",
    b"function",
    b"time",
    b"ts",
    b"thread",
    b"label",
];

impl Masker for JsonMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        out.push('{');
        let members = Members::of(text.trim_ascii()).into_iter().flatten();
        for (at, Member { key, value }) in members.enumerate() {
            out.push_str(if at > 0 { ", " } else { " " });
            push_json_string(&String::from_utf8_lossy(key), out);
            out.push_str(" : ");
            match value {
                Value::Word(word) if KEPT.contains(&key) || word == b"null" => {
                    out.push_str(&String::from_utf8_lossy(word));
                }
                Value::String(text) if KEPT.contains(&key) => {
                    push_json_string(&String::from_utf8_lossy(&text.text()), out);
                }
                Value::String(text) if key == b"msg" => {
                    let mut masked = String::new();
                    mask_lines(&text.text(), &mut masked);
                    push_json_string(masked.trim_end(), out);
                }
                _ => push_json_string(WITHHELD, out),
            }
        }
        out.push_str(" }\n");
    }
}
