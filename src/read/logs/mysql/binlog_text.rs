//! The text that mysqlbinlog (mariadb-binlog) makes of a binary log: every change of data, with the
//! statement where the format is STATEMENT, or MIXED, or the rows are annotated.
//!
//! A Query event says how long its statement ran on the server that wrote it, in whole seconds, and
//! which thread ran it. Row images are no statements: they are counted as records and tell nothing
//! more. BEGIN and COMMIT stand around every transaction, whether a client sent them or not: they are
//! no runs either.

mod body;
mod head;
mod mask;
mod state;
mod walk;

use super::believed::Believed;
use super::ends::Doubt;
use crate::model::event::{
    Attribute, Engine, Event, Key, Kind as EventKind, Known, Said, Says, Sink, Span, SpanDetail,
    SpanRole, Statement, Value, Who, session_of_pid,
};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp, ZoneTable};
use body::{Body, annotation};
use head::{Head, Kind};
use mask::{EventMasker, is_beginning};
use memchr::{memchr_iter, memmem};
use state::State;
use std::borrow::Cow;
use std::sync::Arc;
use walk::{Piece, piece};

static META: FormatMeta = FormatMeta {
    name: "mysql-binlog",
    engine: Engine::Mysql,
    title: "text of mysqlbinlog",
    samples: &[
        "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\nDELIMITER /*!*/;\n# at 364\n#261123 12:43:02 server id 1  end_log_pos 465 CRC32 0xcafb8b63 \tQuery\tthread_id=5\texec_time=0\terror_code=0\txid=0\nSET TIMESTAMP=1795437782/*!*/;\ncreate database shop\n/*!*/;\n",
        "# at 981\n#261123 12:43:25 server id 1  end_log_pos 1012 \tXid = 20\nCOMMIT/*!*/;\n",
    ],
    sample_map: None,
    apart: None,
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 200;
/// Events of the sample that are looked at.
const SAMPLE_EVENTS: usize = 1000;

/// Text of mysqlbinlog.
pub struct BinlogText;

impl LogFormat for BinlogText {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let mut at = 0;
        let mut begins_well = true;
        for line in sample.head.split_inclusive(|b| *b == b'\n').take(SAMPLE_LINES) {
            if sample.head.get(at..).is_some_and(|text| Head::read(text).is_some()) {
                return if begins_well { 97 } else { 60 };
            }
            begins_well &= is_beginning(line) || line.trim_ascii().is_empty();
            at += line.len();
        }
        0
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let is_mariadb = [&b"-MariaDB"[..], b"/*M!100", b"\tGtid list ", b"Annotate_rows:"]
            .iter()
            .any(|word| memmem::find(&sample.head, word).is_some());
        Box::new(BinlogReader {
            utc_offset_s: first_offset(&sample.head),
            believed: Believed::of_sample(sample, second_of),
            zones: Arc::clone(&options.zones),
            engine: if is_mariadb { Engine::Mariadb } else { Engine::Mysql },
        })
    }
}

/// Seconds that the clock was east of UTC, by the first event that shows it.
fn first_offset(head: &[u8]) -> Option<i32> {
    let mut state = State::default();
    let mut text = head;
    for _ in 0..SAMPLE_EVENTS {
        let (piece, size) = piece(text, false, &state)?;
        if let Piece::Event(head, _) = piece {
            let body = text.get(head.len..size).filter(|_| head.kind() == Kind::Statement);
            state.learn(&head, body.map(Body::read).as_ref());
        }
        if state.utc_offset_s.is_some() {
            return state.utc_offset_s;
        }
        text = text.get(size..)?;
    }
    None
}

/// The second of a line that says when a statement began.
fn second_of(line: &[u8]) -> Option<i64> {
    let line = line.trim_ascii_end();
    body::timestamp(line.strip_suffix(b"/*!*/;")?).map(|time| time.0.div_euclid(1_000_000))
}

struct BinlogReader {
    /// A client may set the time of its statements, and fake events stand at 1970.
    believed: Believed,
    /// What the first statement shows of the clock of whoever ran mysqlbinlog.
    utc_offset_s: Option<i32>,
    zones: Arc<ZoneTable>,
    engine: Engine,
}

impl LogReader for BinlogReader {
    fn notes(&self) -> Vec<String> {
        vec![
            "durations are exec_time, whole seconds on the server that wrote the event; on a replica they include its delay".to_owned(),
            "only what changes data stands in a binary log; row images and the BEGIN and COMMIT around them are counted as records, not as runs".to_owned(),
        ]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(State::default()))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(EventMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = ChunkParser {
            stamps: StampParser::new(&self.zones),
            believed: self.believed,
            utc_offset_s: self.utc_offset_s,
            state: State::decode(chunk.context),
            reading: Reading::default(),
            chunk,
            spans: sink.wants_spans(),
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: Box::new(NothingWaits) }
    }
}

/// An event whose bytes are all known.
struct Record<'a> {
    head: Head<'a>,
    /// All of it.
    text: &'a [u8],
    /// Where it begins in the chunk.
    start: usize,
    line: u32,
    /// The chunk ends inside it.
    is_cut: bool,
}

/// What an event says of a statement.
struct Run<'a> {
    statement: Cow<'a, [u8]>,
    /// It ends before its end.
    is_cut: bool,
    duration_us: Option<u64>,
    /// 0 if it did not fail.
    error_code: u64,
}

struct ChunkParser<'a, 'z> {
    stamps: StampParser<'z>,
    believed: Believed,
    /// What holds until an event shows something else.
    utc_offset_s: Option<i32>,
    state: State,
    reading: Reading,
    chunk: ChunkText<'a>,
    /// Spans are told instead of events.
    spans: SpanDetail,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut start, mut line) = (0, 0u32);
        while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
            let Some((piece, size)) = piece(rest, true, &self.state) else { break };
            let text = rest.get(..size).unwrap_or(rest);
            match piece {
                Piece::Event(head, doubt) => {
                    self.remark(doubt, start, line);
                    let is_cut = self.chunk.is_forced && start + size == bytes.len();
                    self.record(&Record { head, text, start, line, is_cut }, sink);
                    self.state.credit.pay(size, doubt);
                }
                Piece::Unknown => self.beginning(text, (start, line), sink),
            }
            line = line.saturating_add(memchr_iter(b'\n', text).count() as u32);
            start += text.len();
        }
        let unended = bytes.last().is_some_and(|last| *last != b'\n');
        self.reading.lines = u64::from(line) + u64::from(unended);
    }

    fn remark(&mut self, doubt: Doubt, start: usize, line: u32) {
        let why = match doubt {
            Doubt::None => return,
            Doubt::Unterminated => {
                "a literal or comment that does not end: the event was ended at the next one"
            }
            Doubt::HoldsHeads => {
                "a literal or comment that holds lines like events: they were left in it"
            }
        };
        self.reading.remark(self.chunk.skipped(start, line, why));
    }

    fn record(&mut self, record: &Record<'a>, sink: &mut dyn Sink) {
        let head = &record.head;
        let body = record.text.get(head.len..).unwrap_or_default();
        let statement = (head.kind() == Kind::Statement).then(|| Body::read(body));
        self.state.learn(head, statement.as_ref());
        let run = match (head.kind(), &statement) {
            (_, Some(body)) if body.statement.is_empty() || body.is_frame() => None,
            (_, Some(body)) => Some(Run {
                statement: Cow::Borrowed(body.statement),
                is_cut: body.is_cut,
                duration_us: head.number(b"exec_time=").and_then(|s| s.checked_mul(1_000_000)),
                error_code: head.number(b"error_code=").unwrap_or(0),
            }),
            (Kind::Annotation, None) => {
                let statement = annotation(body);
                (!statement.is_empty()).then_some(Run {
                    statement,
                    is_cut: record.is_cut,
                    duration_us: None,
                    error_code: 0,
                })
            }
            _ => None,
        };
        let started = statement.as_ref().and_then(|body| body.started);
        let (time, utc_offset_s) = self.ended(head, started, run.as_ref());
        self.reading.records += 1;
        let has_lost_time = |run: &Run<'_>| statement.is_some() && run.duration_us.is_none();
        if run.as_ref().is_some_and(has_lost_time) {
            let why = "an event whose exec_time is no number of seconds: its run has no time";
            self.reading.remark(self.chunk.skipped(record.start, record.line, why));
        }
        if let Some(time) = time {
            self.reading.saw(time, utc_offset_s);
        }
        // The default database is that of statements; rows name their own.
        let database = &self.state.database[..];
        let thread_id = head.number(b"thread_id=").or(self.state.thread_id);
        let who = Who {
            database: (statement.is_some() && !database.is_empty()).then_some(database),
            session: thread_id.map_or(0, session_of_pid),
            ..Who::default()
        };
        if self.spans != SpanDetail::Nothing {
            let says = match (&run, self.spans) {
                (Some(run), SpanDetail::Statements) => Says::Ran(Said {
                    text: &run.statement,
                    cut: run.is_cut,
                    duration_us: run.duration_us,
                }),
                _ => Says::Nothing,
            };
            let role = SpanRole::Record { lines_apart: false };
            let span = Span::at(record.text, record.start, role);
            return sink.span(&Span { time, session: who.session, who, says, ..span });
        }
        let Some(run) = run else { return };
        let (offset, line) = self.chunk.place(record.start, record.line);
        let code = run.error_code.to_string();
        let errno =
            [Attribute { key: Key::Known(Known::Errno), value: Value::Text(code.as_bytes()) }];
        let failed = run.error_code != 0;
        let kind = EventKind::Statement(Statement {
            text: run.statement,
            duration_us: run.duration_us,
            cut: run.is_cut,
            failed,
            attributes: if failed { &errno } else { &[] },
            ..Statement::default()
        });
        sink.event(&Event { offset, line, time, utc_offset_s, who, kind });
    }

    /// When a run ended, or an event was written: its own seconds know no zone, its head's do.
    fn ended(
        &mut self,
        head: &Head<'_>,
        started: Option<Timestamp>,
        run: Option<&Run<'_>>,
    ) -> (Option<Timestamp>, i32) {
        let shown = self.stamps.parse(&head.stamp).map(|stamp| {
            match self.state.utc_offset_s.or(self.utc_offset_s) {
                Some(known_s) => {
                    let by_us = i64::from(stamp.offset_s - known_s).saturating_mul(1_000_000);
                    (Timestamp(stamp.time.0.saturating_add(by_us)), known_s)
                }
                None => (stamp.time, stamp.offset_s),
            }
        });
        let offset_s = shown.map_or(0, |(_, offset_s)| offset_s);
        let started = started.or(shown.map(|(time, _)| time));
        let started = started.and_then(|time| self.believed.only(time));
        let ran_us = run.and_then(|run| run.duration_us).unwrap_or(0);
        (started.map(|time| Timestamp(time.0.saturating_add_unsigned(ran_us))), offset_s)
    }

    /// What stands before the first event, or behind a forced cut.
    fn beginning(&mut self, text: &'a [u8], (mut at, mut line): (usize, u32), sink: &mut dyn Sink) {
        if self.spans != SpanDetail::Nothing && text.split(|b| *b == b'\n').any(is_beginning) {
            sink.span(&Span::at(text, at, SpanRole::Heading));
        }
        for text in text.split_inclusive(|b| *b == b'\n') {
            if !text.trim_ascii().is_empty() && !is_beginning(text) {
                let why = "no event of a binary log: no time, server and position";
                let size_bytes = self.chunk.source_bytes(at..at + text.len(), line);
                self.reading.skip(self.chunk.skipped(at, line, why), size_bytes, 0);
            }
            at += text.len();
            line = line.saturating_add(1);
        }
    }
}
