//! The error log of MySQL, Percona Server and MariaDB as text, in every generation since 5.5.
//!
//! A record is a line with a head and the lines behind it, up to the next head: dumps, traces, what
//! InnoDB's monitor prints. A line that looks like a head but stands inside a literal of a quoted
//! statement is none (see [`quoted`]). Stamps without a zone are the server's local time, unless
//! `log_timestamps` says UTC: what cannot be told is read as UTC, or as the zone that the user
//! states.
//!
//! | file | owns |
//! |---|---|
//! | `head` | what stands before a message |
//! | `quoted`, `cut` | where statements are quoted, and where chunks may end |
//! | `record` | one complete record, of text or JSON |
//! | `deadlock` | deadlocks over several records |
//! | `messages` | what a record means |
//! | `json` | the JSON form |
//! | `spans`, `mask` | records for those who want their bytes |

mod cut;
pub(in crate::read) mod deadlock;
pub(in crate::read) mod head;
pub mod json;
pub(in crate::read) mod mask;
mod messages;
pub(in crate::read) mod quoted;
mod record;
mod spans;

use crate::model::event::{Engine, Sink, SpanDetail};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader, Role};
use crate::read::options::ReadOptions;
use crate::read::snapshots::innodb::{self, Stands};
use crate::time::{StampParser, Timestamp, ZoneTable};
use cut::RecordCut;
use deadlock::Deadlocks;
use head::{Head, When};
use mask::RecordMasker;
use memchr::{memchr, memmem};
use quoted::Quoted;
use record::{Label, Record};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mysql-error",
    engine: Engine::Mysql,
    title: "MySQL and MariaDB error log",
    samples: &[
        "2026-11-23T03:03:14.195974Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.46'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.\n2026-11-23T03:03:20.000001Z 9 [Note] [MY-010914] [Server] Aborted connection 9 to db: 'shop' user: 'app' host: '10.0.0.7' (Got timeout reading communication packets).\n",
        "2026-11-23T03:03:14.195974Z 9 [Note] Aborted connection 9 to db: 'shop' user: 'app' host: 'localhost' (Got an error reading communication packets)\n",
        "2013-06-01 12:00:01 1234 [Warning] TIMESTAMP with implicit DEFAULT value is deprecated.\n2013-06-01 12:00:01 7f0a12345700 InnoDB: Assertion failure in thread 139682 in file fil0fil.cc line 5\n",
        "2026-11-23  2:56:30 0 [Note] mariadbd: ready for connections.\nVersion: '10.11.19-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: 3306  Debian 12\n2026-11-23  2:56:31 5 [Warning] Aborted connection 5 to db: 'shop' user: 'app' host: 'localhost' (Got timeout reading communication packets)\n",
        "130601 03:03:19 mysqld_safe Starting mysqld daemon with databases from /var/lib/mysql\n130601  3:03:20  InnoDB: Initializing buffer pool, size = 128.0M\n130601  3:03:20 [Note] Event Scheduler: Loaded 0 events\n",
    ],
    apart: None,
    sample_map: None,
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 2000;

/// The error log as text.
pub struct ErrorLog;

impl LogFormat for ErrorLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let mut stamps = StampParser::new(&options.zones);
        let (mut heads, mut sure, mut lines) = (0u32, 0u32, 0u32);
        for line in sample.head.split(|b| *b == b'\n').take(SAMPLE_LINES) {
            let line = line.trim_ascii_end();
            lines += u32::from(!line.is_empty());
            let head = Head::read(line, &mut stamps);
            // The monitor's output may stand alone, as a client printed it.
            let message = |head: &Head<'_>| line.get(head.message_at..).unwrap_or_default();
            if let Some(head) = head.filter(|head| !innodb::is_output(message(head))) {
                heads += 1;
                // A stamp and a label may be another program's; what is behind them is not.
                sure += u32::from(head.thread.is_some() || head.label == Label::None)
                    + u32::from(is_short(line) || memmem::find(line, b"mysqld").is_some());
            }
        }
        // Traces and dumps are long, but never most of what a server writes.
        match sure {
            0 => 0,
            _ if heads * 50 >= lines => 92,
            _ => 35,
        }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(ErrorLogReader::look(sample, &options.zones))
    }
}

/// Whether a line begins with a stamp without century, which no other program writes before a label.
fn is_short(line: &[u8]) -> bool {
    line.get(4).is_some_and(u8::is_ascii_digit)
}

struct ErrorLogReader {
    zones: Arc<ZoneTable>,
    engine: Engine,
    /// Some stamps have no zone, and the user states none.
    is_zone_unknown: bool,
}

impl ErrorLogReader {
    fn look(sample: &Sample, zones: &Arc<ZoneTable>) -> ErrorLogReader {
        let mut stamps = StampParser::new(zones);
        let (mut is_mariadb, mut has_no_zone) = (false, false);
        for text in std::iter::once(&sample.head).chain(&sample.more) {
            is_mariadb |= is_of_mariadb(text);
            for line in text.split(|b| *b == b'\n') {
                let Some(head) = Head::read(line, &mut stamps) else { continue };
                has_no_zone |= matches!(head.when, When::At(..)) && !head.has_zone;
                // Only MariaDB pads the hour of a full date with a blank.
                is_mariadb |= line.get(4) == Some(&b'-') && line.get(11) == Some(&b' ');
            }
        }
        ErrorLogReader {
            zones: Arc::clone(zones),
            engine: if is_mariadb { Engine::Mariadb } else { Engine::Mysql },
            is_zone_unknown: has_no_zone && !zones.is_stated(),
        }
    }
}

/// Whether a text names MariaDB.
fn is_of_mariadb(text: &[u8]) -> bool {
    [&b"MariaDB"[..], b"mariadbd"].iter().any(|name| memmem::find(text, name).is_some())
}

impl LogReader for ErrorLogReader {
    fn notes(&self) -> Vec<String> {
        let note =
            "stamps without a zone are the server's local time, read as UTC: --tz settles it";
        self.is_zone_unknown.then(|| note.to_owned()).into_iter().collect()
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(RecordCut { zones: Arc::clone(&self.zones) })
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(RecordMasker::new(&self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = ChunkParser {
            stamps: StampParser::new(&self.zones),
            reading: Reading::default(),
            deadlocks: Deadlocks::default(),
            spans: sink.wants_spans(),
            last: None,
            is_zone_known: false,
            is_zone_stated: self.zones.is_stated(),
            chunk,
            current: None,
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: Box::new(parser.deadlocks) }
    }
}

/// A line with a head, and the lines behind it.
struct Current<'a> {
    head: Head<'a>,
    start: usize,
    end: usize,
    line: u32,
    /// What it quotes here.
    quoted: Option<Quoted>,
    /// It has quoted the statement that crashed: no record has two.
    has_crashed: bool,
}

impl Current<'_> {
    /// Takes in a line that continues it.
    fn go_on(&mut self, line: &[u8], start: usize, text: &[u8]) {
        if !line.is_empty() {
            self.end = start + line.len();
        }
        let description = Quoted::description(line, start);
        let crashed = Quoted::crashed(line, start).filter(|_| !self.has_crashed);
        let is_covered = |quoted: &mut Option<Quoted>| {
            quoted.as_mut().is_some_and(|quoted| quoted.covers(text, start))
        };
        if (description.is_some() || crashed.is_some()) && !is_covered(&mut self.quoted) {
            self.has_crashed |= crashed.is_some();
            self.quoted = description.or(crashed);
        }
    }
}

/// The last line of a file that Amazon RDS rotates every hour.
fn is_end_of_log(line: &[u8]) -> bool {
    line.starts_with(b"-----") && memmem::find(line, b" END OF LOG -").is_some()
}

struct ChunkParser<'a, 'z> {
    stamps: StampParser<'z>,
    reading: Reading,
    deadlocks: Deadlocks,
    /// Spans are told instead of events.
    spans: SpanDetail,
    /// When the last record was written, and whether its zone is known.
    last: Option<(Timestamp, i32)>,
    is_zone_known: bool,
    is_zone_stated: bool,
    chunk: ChunkText<'a>,
    current: Option<Current<'a>>,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut start, mut number) = (0, 0u32);
        while start < bytes.len() {
            let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let line = bytes[start..end].trim_ascii_end();
            if let Some(head) = self.head(line, start, number) {
                self.flush(sink);
                self.current = Some(Current {
                    head,
                    start,
                    end: start + line.len(),
                    line: number,
                    quoted: Quoted::name(bytes, start + head.message_at),
                    has_crashed: false,
                });
            } else if is_end_of_log(line) && !self.is_quoted(start) {
                self.flush(sink);
                let size_bytes = self.chunk.source_bytes(start..end + 1, number);
                self.reading.leave_to_others(size_bytes, 1);
            } else if let Some(current) = &mut self.current {
                current.go_on(line, start, bytes);
            } else if !line.is_empty() {
                let message = "continues no record: the file begins or was cut here";
                let size_bytes = self.chunk.source_bytes(start..end + 1, number);
                self.reading.skip(self.chunk.skipped(start, number, message), size_bytes, 0);
            }
            start = end + 1;
            number = number.saturating_add(1);
        }
        self.flush(sink);
        self.reading.lines = u64::from(number);
    }

    /// The head of a line that begins a record.
    fn head(&mut self, line: &'a [u8], start: usize, number: u32) -> Option<Head<'a>> {
        let head = Head::read(line, &mut self.stamps)?;
        if self.chunk.role(start, number) == Role::Continues && self.current.is_some() {
            return None;
        }
        if self.is_quoted(start) {
            let why = "a quoted text that holds what looks like a record's head: kept as text";
            self.reading.remark(self.chunk.skipped(start, number, why));
            return None;
        }
        Some(head)
    }

    /// Whether a line stands inside something that the current record quotes.
    fn is_quoted(&mut self, start: usize) -> bool {
        let quoted = self.current.as_mut().and_then(|current| current.quoted.as_mut());
        quoted.is_some_and(|quoted| quoted.covers(self.chunk.bytes, start))
    }

    /// The current record is complete.
    fn flush(&mut self, sink: &mut dyn Sink) {
        let Some(Current { head, start, end, line, .. }) = self.current.take() else { return };
        let outer = self.chunk.outer(start, line);
        let when = head.when.resolve(self.last, self.is_zone_known);
        let when = when.or_else(|| outer.time.map(|time| (time, outer.utc_offset_s)));
        if let Some((time, offset_s)) = when {
            self.reading.saw(time, offset_s);
            // A crash must not shift the days of those behind it.
            if matches!(head.when, When::At(..)) {
                self.last = when;
                self.is_zone_known = head.has_zone || self.is_zone_stated;
            }
        }
        self.reading.records += 1;
        let (offset, line_in_chunk) = self.chunk.place(start, line);
        let text = self.chunk.bytes.get(start..end).unwrap_or_default();
        let record = Record {
            offset,
            line_in_chunk,
            time: when.map(|(time, _)| time),
            utc_offset_s: when.map_or(0, |(_, offset_s)| offset_s),
            label: head.label,
            code: Cow::Borrowed(head.code),
            message: Cow::Borrowed(text.get(head.message_at..).unwrap_or_default()),
        };
        match self.spans {
            SpanDetail::Nothing if innodb::is_output(&record.message) => {
                let stands = Stands { offset, line: line_in_chunk, has_lines: true, time: when };
                innodb::tell(&record.message, stands, &mut self.stamps, sink);
            }
            SpanDetail::Nothing => messages::emit(&record, &mut self.deadlocks, sink),
            detail => spans::tell(&record, head.thread, (text, start), detail, sink),
        }
    }
}
