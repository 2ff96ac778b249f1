//! The slow log of MySQL, Percona Server, MariaDB and TiDB.
//!
//! | file | owns |
//! |---|---|
//! | `record`, `ends` | where records begin and end, and their statements |
//! | `cut`, `sticky` | where chunks may end, and what a record leaves unsaid |
//! | `header`, `keys` | what the header lines say |
//! | `when` | what the stamps mean |
//! | `spans` | records for those who want their bytes |

mod cut;
mod ends;
mod header;
mod keys;
mod record;
mod spans;
mod sticky;
mod when;

use super::banner::Banner;
use super::believed::is_open;
use crate::model::event::{
    Engine, Event, Kind, Sink, Span, SpanDetail, Statement, Who, session_of_text,
};
use crate::model::plan::PlanDocument;
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::captured::Logged;
use crate::time::{StampParser, Timestamp, ZoneTable, zone_text};
use cut::SlowCut;
use ends::Known;
use header::Header;
use keys::KeyMemo;
use memchr::{memchr_iter, memmem};
use record::{Body, Heads, Next, Record, lines_of, next};
use spans::SlowMasker;
use std::borrow::Cow;
use std::sync::Arc;
use sticky::Sticky;
use when::Clock;

static META: FormatMeta = FormatMeta {
    name: "mysql-slow",
    engine: Engine::Mysql,
    title: "slow log of MySQL, Percona Server, MariaDB or TiDB",
    samples: &[
        "# Time: 2026-11-23T03:05:15.848371Z\n# User@Host: app[app] @ web [10.0.0.7]  Id:     8\n# Query_time: 0.000205  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1795403115;\nselect version();\n",
        "# User@Host: root[root] @ localhost [127.0.0.1]\n# Thread_id: 3  Schema: shop  QC_hit: No\n# Query_time: 0.000646  Lock_time: 0.000000  Rows_sent: 1  Rows_examined: 0\n# Rows_affected: 0  Bytes_sent: 95\nSET timestamp=1795402590;\nselect 1;\n",
    ],
    sample_map: None,
    apart: None,
};

/// Records of a sample that are looked at.
const SAMPLE_RECORDS: usize = 50;

/// The slow log.
pub struct SlowLog;

impl LogFormat for SlowLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let (text, heads) = (&sample.head[..], Heads::of(&sample.head));
        let (mut at, mut banners, mut others) = (0, false, false);
        let mut known = Known::default();
        for _ in 0..SAMPLE_RECORDS {
            at = match next(text, at, heads, sample.whole, &mut known) {
                Next::Record(record) => {
                    let header = &text[record.header.clone()];
                    if memmem::find(header, b"# Query_time: ").is_some() {
                        return 96;
                    }
                    record.end
                }
                Next::Banner(end) => {
                    banners = true;
                    end
                }
                Next::Blank(end) => end,
                Next::Unknown(end) => {
                    others = true;
                    end
                }
                // A statement that does not end in the sample has its header in it.
                Next::More if opens_with_metrics(&text[at..]) => return 96,
                Next::More => break,
            };
            if at >= text.len() {
                break;
            }
        }
        // Nothing was slow: any of the server's logs begins so.
        if banners && !others && at >= text.len() && sample.whole { 40 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let pieces = || std::iter::once(&sample.head).chain(&sample.more).map(Vec::as_slice);
        let shows = |what: &[u8]| pieces().any(|piece| memmem::find(piece, what).is_some());
        let is_mariadb = shows(b"  QC_hit: ") || shows(b"mariadbd, Version: ") || shows(b"MariaDB");
        Box::new(SlowReader {
            heads: Heads::of(&sample.head),
            clock: Clock::of(pieces(), is_open(sample)),
            zones: Arc::clone(&options.zones),
            engine: if is_mariadb { Engine::Mariadb } else { Engine::Mysql },
            is_sampled: shows(b"Log_slow_rate_limit: "),
        })
    }
}

/// Whether the header lines at a text's start tell what a run took.
fn opens_with_metrics(text: &[u8]) -> bool {
    let mut header = text.split(|b| *b == b'\n').take_while(|line| line.starts_with(b"#"));
    header.any(|line| memmem::find(line, b"# Query_time: ").is_some())
}

struct SlowReader {
    heads: Heads,
    clock: Clock,
    zones: Arc<ZoneTable>,
    engine: Engine,
    is_sampled: bool,
}

impl LogReader for SlowReader {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        notes.push(match self.engine {
            Engine::Mariadb => {
                "MariaDB's stamps are the start of a run: its end is that and its time".to_owned()
            }
            _ => "a stamp with a zone, or the seconds of SET timestamp, is the end of a run \
                  (MySQL 8.0.14 and later set the start: there the stamp with a zone counts)"
                .to_owned(),
        });
        if let Some(offset_s) = self.clock.utc_offset_s.filter(|s| *s != 0) {
            notes.push(format!("the server's clock showed UTC{}", zone_text(offset_s)));
        }
        if self.is_sampled {
            notes.push(
                "the server logged only one in so many (log_slow_rate_limit): estimates of all are \
                 labelled so"
                    .to_owned(),
            );
        }
        notes
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(SlowCut::new(self.heads))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(SlowMasker { heads: self.heads })
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = Parser {
            reader: self,
            chunk,
            stamps: StampParser::new(&self.zones),
            sticky: Sticky::decode(chunk.context),
            keys: KeyMemo::default(),
            reading: Reading::default(),
            spans: sink.wants_spans(),
            line: 0,
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: Box::new(NothingWaits) }
    }
}

struct Parser<'p> {
    reader: &'p SlowReader,
    chunk: ChunkText<'p>,
    stamps: StampParser<'p>,
    sticky: Sticky,
    keys: KeyMemo,
    reading: Reading,
    spans: SpanDetail,
    /// The line that is read.
    line: u32,
}

impl<'p> Parser<'p> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let text = self.chunk.bytes;
        let mut header = Header::default();
        let mut known = Known::new(self.chunk.places);
        let mut at = 0;
        while at < text.len() {
            let (end, lines) = match next(text, at, self.reader.heads, true, &mut known) {
                Next::Record(record) => {
                    let lines = self.record(&record, &mut header, sink);
                    (record.end, lines)
                }
                Next::Banner(end) => {
                    self.banner(at, sink);
                    self.sticky = Sticky::default();
                    (end, line_ends(&text[at..end]))
                }
                Next::Blank(end) => (end, line_ends(&text[at..end])),
                Next::Unknown(end) => {
                    let why = "no record of a slow log: no header before it";
                    let bytes = self.chunk.source_bytes(at..end, self.line);
                    self.reading.skip(self.chunk.skipped(at, self.line, why), bytes, 0);
                    (end, line_ends(&text[at..end]))
                }
                // Never said of text that is whole.
                Next::More => (text.len(), line_ends(&text[at..])),
            };
            self.line = self.line.saturating_add(lines);
            at = end.max(at + 1);
        }
        let unended = text.last().is_some_and(|b| *b != b'\n');
        self.reading.lines = u64::from(self.line) + u64::from(unended);
    }

    /// Tells of a record; how many line ends it has.
    fn record(&mut self, record: &Record, header: &mut Header<'p>, sink: &mut dyn Sink) -> u32 {
        let text = self.chunk.bytes;
        header.read(&text[record.header.clone()], &mut self.keys);
        self.sticky.pass(record, text);
        self.reading.records += 1;
        let (end, utc_offset_s) = self.ended(record, header);
        if let Some(end) = end {
            self.reading.saw(end, utc_offset_s);
        }
        let (lines, holds_header) = self.lines_behind_header(record);
        let lines = header.lines + lines;
        if record.is_forced() {
            let why = "a statement with a literal or comment that never ends: taken up to the next header";
            self.reading.remark(self.chunk.skipped(record.start, self.line, why));
        } else if holds_header {
            let why = "a statement that holds what looks like a record's header: kept as text";
            self.reading.remark(self.chunk.skipped(record.start, self.line, why));
        }
        let session = header.session.map_or(0, session_of_text);
        let database = header.schema.unwrap_or(&self.sticky.database);
        let who = Who {
            user: header.who.user,
            database: (!database.is_empty()).then_some(database),
            host: header.who.host,
            app: None,
            session,
        };
        if self.spans != SpanDetail::Nothing {
            let span = spans::span_of(record, text, self.spans, header.query_time_us);
            sink.span(&Span { time: end, session, who, ..span });
            return lines;
        }
        let (offset, line) = self.chunk.place(record.start, self.line);
        let kind = kind_of(record, text, header, self.chunk.is_forced);
        if let Some(kind) = kind {
            sink.event(&Event { offset, line, time: end, utc_offset_s, who, kind });
        }
        lines
    }

    /// How many line ends a record has behind its header, and whether what looks like a header stands
    /// in its statement.
    fn lines_behind_header(&self, record: &Record) -> (u32, bool) {
        let text = self.chunk.bytes;
        let Body::Statement { text: statement, .. } = &record.body else {
            return (line_ends(&text[record.header.end..record.end]), false);
        };
        let (inside, holds_header) = lines_of(&text[statement.clone()]);
        let before = line_ends(&text[record.header.end..statement.start]);
        (before + inside + line_ends(&text[statement.end..record.end]), holds_header)
    }

    /// When a run ended, and how far east of UTC the clock was that tells it.
    fn ended(&mut self, record: &Record, header: &Header<'_>) -> (Option<Timestamp>, i32) {
        let clock = &self.reader.clock;
        if let Some(time) = header.time
            && let Some((end, offset_s)) = when::with_zone(time, &mut self.stamps)
        {
            return (Some(end), offset_s);
        }
        // By the record: a file may hold those of two servers, if one replaced the other.
        let from = match header.is_mariadb {
            true => header.query_time_us.unwrap_or(0),
            false => 0,
        };
        let ended = |time: Timestamp| Some(Timestamp(time.0.saturating_add(from as i64)));
        if let Some(seconds) = &record.timestamp {
            // Seconds that are not believed: then `# Time` says the same.
            let set = clock.set(&self.chunk.bytes[seconds.clone()]);
            return (set.and_then(ended), clock.utc_offset_s.unwrap_or(0));
        }
        let sticky = &self.sticky.time;
        let local = match header.time {
            Some(time) => when::without_zone(time, &self.reader.zones),
            None => when::without_zone(sticky, &self.reader.zones),
        };
        let outer = self.chunk.outer(record.start, self.line);
        match local {
            Some((time, offset_s)) => (ended(time), offset_s),
            None => (outer.time, outer.utc_offset_s),
        }
    }

    fn banner(&mut self, at: usize, sink: &mut dyn Sink) {
        let Some(banner) = Banner::read(&self.chunk.bytes[at..]) else { return };
        // The version of a server that another one replaced is not that of the file's.
        if self.spans != SpanDetail::Nothing || banner.engine != self.reader.engine {
            return;
        }
        let (offset, line) = self.chunk.place(at, self.line);
        let kind = Kind::Version(Cow::Borrowed(banner.version));
        let who = Who::default();
        sink.event(&Event { offset, line, time: None, utc_offset_s: 0, who, kind });
    }
}

fn line_ends(text: &[u8]) -> u32 {
    memchr_iter(b'\n', text).count() as u32
}

/// What a record means; nothing, if it has no statement.
fn kind_of<'k>(
    record: &Record,
    text: &'k [u8],
    header: &'k Header<'_>,
    is_cut_short: bool,
) -> Option<Kind<'k>> {
    let at_the_end = record.end == text.len() && is_cut_short;
    let (text, cut) = match &record.body {
        Body::Nothing => return None,
        Body::Admin(command) => (&text[command.clone()], false),
        Body::Statement { text: range, is_cut } => {
            let statement = &text[range.clone()];
            if let Some(count) = suppressed(statement) {
                let total_us = header.query_time_us.unwrap_or(0);
                return Some(Kind::Suppressed { count, total_us });
            }
            (statement, *is_cut || at_the_end)
        }
    };
    let plan = (!header.explain.is_empty())
        .then_some(PlanDocument { text: &header.explain, reader: &Logged(Engine::Mariadb) });
    Some(Kind::Statement(Statement {
        text: Cow::Borrowed(text),
        duration_us: header.query_time_us,
        cut,
        prepared: header.prepared,
        failed: header.failed,
        one_in: header.one_in,
        attributes: &header.attributes,
        plan,
        ..Statement::default()
    }))
}

/// Of `throttle:         25 'index not used' warning(s) suppressed.` the number.
fn suppressed(statement: &[u8]) -> Option<u64> {
    let rest = statement.strip_prefix(b"throttle:")?.trim_ascii();
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (count, words) = rest.split_at(digits);
    let is_servers = words.trim_ascii() == b"'index not used' warning(s) suppressed.";
    is_servers.then(|| std::str::from_utf8(count).ok()?.parse().ok())?
}
